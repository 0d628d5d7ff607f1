// Wrong guesses at each door of Rekey that hides who is there.
import {
  changeByHand,
  pick,
  signIn,
  signInOverZap,
  sourceHeaders,
  WRONG_PASSWORD,
} from './calls.ts';
import type { Call } from './load.ts';
import type { Rekey } from './rekey.ts';
import { fetchToken } from './tokens.ts';

export type Door = 'vba' | 'zap' | 'zitadel';

export interface Guessing {
  readonly status: number;
  readonly guess: (userId: string, index: number) => Call;
}

/** The tenant's first user is who asks ZITADEL: a plain one, who may know of nobody else. */
export async function openDoors(rekey: Rekey): Promise<Readonly<Record<Door, Guessing>>> {
  const { tenant } = rekey;
  const caller = pick(tenant.users, 0);
  const token = await fetchToken(rekey, caller);
  const password = WRONG_PASSWORD;
  let sources = 0;
  return {
    vba: { status: 401, guess: (userId, index) => signIn(tenant, index, { userId, password }) },
    zap: {
      status: 401,
      guess: (userId) => {
        sources += 1;
        const call = signInOverZap(tenant, { userId, password });
        return { ...call, headers: { ...call.headers, ...sourceHeaders(sources) } };
      },
    },
    zitadel: {
      status: 400,
      guess: (userId) => changeByHand(token, { userId, password }, caller.otherPassword),
    },
  };
}
