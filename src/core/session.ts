// The start of a session: a new token family, its refresh token and the JWTs beside it.
import type { Account } from './account.ts';
import { toBase64Url } from './bytes.ts';
import { readTokenContext } from './caller.ts';
import type { Write } from './commit.ts';
import type { Core } from './context.ts';
import { drawOpaque, hashOpaque } from './opaque.ts';
import type { Opened } from './store.ts';
import { mintTokens, type TokenPair } from './token.ts';

const FAMILY_ID_BYTES = 16;

export interface Session extends TokenPair {
  readonly refreshToken: string;
}

/** `write` belongs into the commit; `session` is for its winner alone. `version`: the credential's after the commit. */
export async function startSession(
  core: Core,
  opened: Pick<Opened, 'place' | 'tenant'>,
  account: Account,
  version: number,
  now: number,
): Promise<{ readonly write: Write; readonly session: () => Promise<Session> }> {
  const { random } = core.ports;
  const { place, tenant } = opened;
  const familyId = toBase64Url(random.bytes(FAMILY_ID_BYTES));
  const refreshToken = drawOpaque('refresh', place, random);
  return {
    write: {
      kind: 'start-family',
      familyId,
      version,
      expiresAt: now + tenant.settings.refreshTokenLife * 1000,
      tokenHash: await hashOpaque(refreshToken),
      macKeyId: core.config.keyring.macKeyId,
    },
    session: async () => ({
      ...(await mintTokens(readTokenContext(core), random, {
        place,
        tenant,
        account,
        familyId,
        version,
      })),
      refreshToken,
    }),
  };
}
