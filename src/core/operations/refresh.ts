// A refresh: the token becomes its successor. A retry gets the same successor until that one is used;
// an older token is a stolen one, and ends the family.
import { type Caller, findPaceFailure, readTokenContext, resolveCaller } from '../caller.ts';
import { commitOnce, describeCommit, describeLoss } from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { hashOpaque, readOpaquePlace } from '../opaque.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Session } from '../session.ts';
import type { OpenedRefresh } from '../store.ts';
import { deriveSuccessors, mintTokens, type Successor, verifyExpiredIdToken } from '../token.ts';

export interface Refresh {
  readonly caller: Caller;
  readonly refreshToken: string;
  /** The ID token that is to be replaced: it must be the same user's. null where a dialect sends none. */
  readonly expiredIdToken: string | null;
}

type RefreshRecord = NonNullable<OpenedRefresh['token']>;

const REFUSED = fail({ kind: 'proof-refused', fault: 'refresh-refused' } as const);

/**
 * Looks again, once, when the user was changed meanwhile: the session may live on, as after another name, and an old
 * token must end it.
 */
export async function refresh(core: Core, command: Refresh): Promise<Result<Session, Failure>> {
  const first = await attempt(core, command);
  if (!isOutpaced(first)) return first;
  const second = await attempt(core, command);
  return isOutpaced(second) ? REFUSED : second;
}

function isOutpaced(result: Result<Session, Failure>): boolean {
  return !result.ok && result.failure.kind === 'outpaced';
}

async function attempt(core: Core, command: Refresh): Promise<Result<Session, Failure>> {
  const now = core.ports.clock.now();
  const claim = await resolveCaller(core, command.caller);
  if (claim === null) return fail({ kind: 'caller-refused' });
  const { keyring } = core.config;
  const successors = await deriveSuccessors(keyring, claim.place, command.refreshToken);
  const tokenHash = await hashOpaque(command.refreshToken);
  const hashes = await hashSuccessors(successors);
  const opened = await core.ports.store.openRefresh(claim, now, tokenHash, hashes);
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
  const successor = findSuccessor(token, successors);
  if (successor === null || (token.usedAt !== null && token.successorUsedAt !== null)) {
    const ended = await commitOnce(core, { ...commit, writes: endFamily(token) });
    if (!ended.won) return fail(describeLoss(ended));
    return fail({ kind: 'proof-refused', fault: 'refresh-reused' });
  }
  const { familyId } = token;
  const committed = await commitOnce(core, {
    ...commit,
    writes: [
      {
        kind: 'rotate-refresh',
        familyId,
        tokenHash,
        successorHash: await hashOpaque(successor.token),
        macKeyId: keyring.macKeyId,
      },
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  const pair = await mintTokens(readTokenContext(core), core.ports.random, {
    place: opened.place,
    tenant,
    account: token.account,
    familyId,
    version: token.familyVersion,
  });
  return ok({ ...pair, refreshToken: successor.token });
}

async function hashSuccessors(
  successors: readonly Successor[],
): Promise<Readonly<Record<string, string>>> {
  const hashed = successors.map(async ({ keyId, token }) => [keyId, await hashOpaque(token)]);
  return Object.fromEntries(await Promise.all(hashed));
}

/**
 * By the key that the token's row names, so that Workers with other keys in front find the same one. When that key is
 * gone, an unused token goes on under the active one; of a used one nobody knows any more whether its successor was.
 */
function findSuccessor(
  { macKeyId, usedAt }: RefreshRecord,
  successors: readonly Successor[],
): Successor | null {
  const named = successors.find(({ keyId }) => keyId === macKeyId);
  return named ?? (usedAt === null ? (successors[0] ?? null) : null);
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
