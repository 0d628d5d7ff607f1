// Wrong guesses at each door of Rekey that hides who is there.

import { askFor } from './ask.ts';
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

/** After so many in a row the next one waits half a minute. */
const FREE_GUESSES = 10;

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

/** Guesses until the name is refused for a while. */
export async function throttle({ url, tenant }: Rekey, userId: string): Promise<void> {
  for (let guess = 0; guess < FREE_GUESSES; guess += 1) {
    await askFor(401, url, signIn(tenant, guess, { userId, password: WRONG_PASSWORD }));
  }
}
