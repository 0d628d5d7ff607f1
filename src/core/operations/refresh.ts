// A refresh: the token becomes its successor. A retry gets the same successor until that one is used;
// an older token is a stolen one, and ends the family.
import { type Caller, findPaceFailure, readTokenContext, resolveCaller } from '../caller.ts';
import { commitOnce, describeCommit } from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { hashOpaque, readOpaquePlace } from '../opaque.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Session } from '../session.ts';
import type { OpenedRefresh } from '../store.ts';
import { deriveSuccessor, mintTokens, verifyExpiredIdToken } from '../token.ts';

export interface Refresh {
  readonly caller: Caller;
  readonly refreshToken: string;
  /** The ID token that is to be replaced: it must be the same user's. null where a dialect sends none. */
  readonly expiredIdToken: string | null;
}

type RefreshRecord = NonNullable<OpenedRefresh['token']>;

const REFUSED = fail({ kind: 'proof-refused', fault: 'refresh-refused' } as const);

export async function refresh(core: Core, command: Refresh): Promise<Result<Session, Failure>> {
  const now = core.ports.clock.now();
  const claim = await resolveCaller(core, command.caller);
  if (claim === null) return fail({ kind: 'caller-refused' });
  const successor = await deriveSuccessor(core.config.keyring, claim.place, command.refreshToken);
  const tokenHash = await hashOpaque(command.refreshToken);
  const successorHash = await hashOpaque(successor);
  const opened = await core.ports.store.openRefresh(claim, now, tokenHash, successorHash);
  if (opened === null) return fail(findPaceFailure(core) ?? { kind: 'caller-refused' });
  const { token, tenant } = opened;
  if (token === null || readOpaquePlace('refresh', command.refreshToken) !== claim.place) {
    return REFUSED;
  }
  const { expiredIdToken } = command;
  if (expiredIdToken !== null) {
    const shown = await verifyExpiredIdToken(readTokenContext(core), expiredIdToken);
    if (shown?.tenantId !== tenant.id || shown.userId !== token.account.userId) return REFUSED;
  }
  if (!isFamilyLive(token, now)) return REFUSED;

  const user = { account: token.account, credential: token.credential };
  const commit = describeCommit(core, opened, user, now);
  if (token.usedAt !== null && token.successorUsedAt !== null) {
    await commitOnce(core, { ...commit, writes: endFamily(token) });
    return fail({ kind: 'proof-refused', fault: 'refresh-reused' });
  }
  const { familyId } = token;
  const committed = await commitOnce(core, {
    ...commit,
    writes: [{ kind: 'rotate-refresh', familyId, tokenHash, successorHash }],
  });
  if (!committed.won) return REFUSED;
  const pair = await mintTokens(readTokenContext(core), core.ports.random, {
    place: opened.place,
    tenant,
    account: token.account,
    familyId,
    version: token.familyVersion,
  });
  return ok({ ...pair, refreshToken: successor });
}

function isFamilyLive(token: RefreshRecord, now: number): boolean {
  return (
    token.familyRevokedAt === null &&
    token.familyExpiresAt > now &&
    token.familyVersion === token.credential.version &&
    token.account.disabledAt === null &&
    token.account.lockedAt === null
  );
}

function endFamily(token: RefreshRecord): Write[] {
  const actor = { kind: 'anonymous' } as const;
  return [
    { kind: 'revoke-family', familyId: token.familyId },
    { kind: 'event', event: { type: 'refresh.reused', actor, facts: {} } },
  ];
}
