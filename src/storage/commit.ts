// The statements of one commit, in order. The first to speak of a new password is its compare-and-swap.

import type { EventDraft } from '../core/audit.ts';
import type { Commit, PasswordChange, Refusal, SendMessage, Write } from '../core/commit.ts';
import type { Store } from '../core/store.ts';
import type { DescribeEvent } from './event.ts';
import { planPutBack } from './flood.ts';
import { COMMIT, ERASE, RECORD } from './sql-commit.ts';
import type { Bound, Value } from './statement.ts';

/** A source that was seen in the last day is not written again. Milliseconds. */
const SEEN_LATELY = 24 * 3_600_000;

export async function planCommit(commit: Commit, describe: DescribeEvent): Promise<Bound[]> {
  const { change } = commit;
  const seen = [
    commit.tenantId,
    commit.userId,
    commit.seen.version,
    commit.seen.operationId,
  ] as const;
  const made = readMade(commit);
  const follow = (sql: string, ...values: Value[]): Bound => ({
    sql,
    values: [...made, ...values],
  });
  const told = findTold(commit.writes);
  const writes: Bound[] = [];
  // One after the other: each event follows the one before.
  for (const write of commit.writes) {
    if (write !== told) writes.push(...(await planWrite(commit, write, describe, follow)));
  }
  const last =
    told === null
      ? follow(COMMIT.outcome, findFamily(commit.writes), findLoginSession(commit.writes))
      : follow(COMMIT.addLastEvent, ...(await describe(commit, told.event, commit.now)), null);
  return [
    ...(change === null ? [] : [swapPassword(commit, change, seen)]),
    ...(change === null && commit.outpaces ? [touch(commit, seen)] : []),
    ...(change === null ? [] : planConsequences(commit, change, follow)),
    ...writes,
    last,
  ];
}

export async function planErasure(
  commit: Parameters<Store['eraseUser']>[0],
  loginNames: readonly string[],
  event: EventDraft,
  describe: DescribeEvent,
): Promise<Bound[]> {
  const { tenantId, userId, seen, now } = commit;
  const user = [tenantId, userId] as const;
  const guard = [...user, seen.version, seen.operationId] as const;
  return [
    { sql: ERASE.endRefreshTokens, values: guard },
    { sql: ERASE.endFamilies, values: guard },
    { sql: ERASE.endLoginSessions, values: guard },
    { sql: ERASE.endChallenges, values: guard },
    { sql: ERASE.endCodes, values: guard },
    { sql: ERASE.endHistory, values: guard },
    { sql: ERASE.endMessages, values: guard },
    { sql: ERASE.endLanes, values: guard },
    { sql: ERASE.addEvent, values: [...guard, ...(await describe(commit, event, now)), null] },
    { sql: ERASE.dropLoginNames, values: [...guard, JSON.stringify(loginNames)] },
    { sql: ERASE.endCredential, values: guard },
    { sql: ERASE.endAccount, values: user },
    { sql: ERASE.outcome, values: user },
  ];
}

/** Asks whether the commit holds, without doing it again. */
export function planOutcome(commit: Commit): Bound {
  const { writes } = commit;
  const values = [...readMade(commit), findFamily(writes), findLoginSession(writes)];
  return { sql: COMMIT.outcome, values };
}

/** The credential as it is when the commit went through. */
function readMade(commit: Commit): readonly Value[] {
  const { tenantId, userId, seen, operationId } = commit;
  if (commit.change !== null) return [tenantId, userId, seen.version + 1, operationId];
  return [tenantId, userId, seen.version, commit.outpaces ? operationId : seen.operationId];
}

function touch(commit: Commit, seen: readonly Value[]): Bound {
  return { sql: COMMIT.touchCredential, values: [...seen, commit.operationId] };
}

function swapPassword(commit: Commit, change: PasswordChange, seen: readonly Value[]): Bound {
  return {
    sql: COMMIT.changePassword,
    values: [
      ...seen,
      change.hash,
      change.mustChange ? 1 : 0,
      change.temporaryExpiresAt,
      commit.now,
      commit.operationId,
      change.replayTag,
      change.session?.hash ?? null,
      change.session?.maxTries ?? null,
      change.code?.purpose ?? null,
      change.code?.mac ?? null,
      change.code?.maxTries ?? null,
    ],
  };
}

/** What follows from every new password: its proof is spent, all others die, and every session ends. */
function planConsequences(
  commit: Commit,
  change: PasswordChange,
  follow: (sql: string, ...values: Value[]) => Bound,
): Bound[] {
  const { code, history } = change;
  const sessionHash = change.session?.hash ?? null;
  return [
    ...(sessionHash === null ? [] : [follow(COMMIT.spendChallenge, sessionHash)]),
    follow(COMMIT.endOtherChallenges, sessionHash),
    ...(code === null ? [] : [follow(COMMIT.spendCode, code.purpose, code.mac)]),
    follow(COMMIT.endOtherCodes, code?.purpose ?? null, code?.mac ?? null),
    follow(COMMIT.clearLanes),
    ...(history.keep === null ? [] : [follow(COMMIT.forgetPasswords, history.keep)]),
    ...(history.replaced === null ? [] : [follow(COMMIT.rememberPassword, history.replaced)]),
    ...planEndOfSessions(commit, follow),
  ];
}

function planEndOfSessions(
  commit: Commit,
  follow: (sql: string, ...values: Value[]) => Bound,
): Bound[] {
  return [follow(COMMIT.revokeFamilies, commit.now), follow(COMMIT.endLoginSessions)];
}

async function planWrite(
  commit: Commit,
  write: Write,
  describe: DescribeEvent,
  follow: (sql: string, ...values: Value[]) => Bound,
): Promise<Bound[]> {
  const { now } = commit;
  switch (write.kind) {
    case 'clear-attempts': {
      const { subject, serial, lane, taken } = write.grant;
      return [
        follow(COMMIT.clearAttempts, subject, serial, write.rule.limit, now),
        ...(lane === null ? [] : [follow(COMMIT.clearLane, lane.source)]),
        ...taken.map(({ source, interval }) => follow(COMMIT.putBack, source, interval)),
      ];
    }
    case 'remember-source':
      return [follow(COMMIT.rememberSource, write.source, now, now - SEEN_LATELY)];
    case 'lift-throttle':
      return planLift(write.subjects, now, follow);
    case 'forgive-challenge':
      return [follow(COMMIT.forgiveChallenge, write.sessionHash)];
    case 'rehash':
      return [follow(COMMIT.rehash, write.hash)];
    case 'open-challenge':
      return [
        // The newest session is the only one.
        follow(COMMIT.endOtherChallenges, write.sessionHash),
        follow(COMMIT.openChallenge, write.sessionHash, now, write.expiresAt),
      ];
    case 'start-family':
      return [
        follow(COMMIT.startFamily, write.familyId, write.version, now, write.expiresAt),
        follow(COMMIT.addRefreshToken, write.familyId, write.tokenHash, now, write.macKeyId),
      ];
    case 'rotate-refresh':
      return [
        follow(COMMIT.useRefreshToken, write.familyId, write.tokenHash, now),
        follow(COMMIT.addRefreshToken, write.familyId, write.successorHash, now, write.macKeyId),
      ];
    case 'revoke-family':
      return [follow(COMMIT.revokeFamily, write.familyId, now)];
    case 'issue-code': {
      const { purpose, mac, expiresAt, keep, messageId = null } = write;
      return [
        follow(COMMIT.issueCode, purpose, mac, now, expiresAt, messageId),
        follow(COMMIT.endOldCodes, purpose, keep, mac),
      ];
    }
    case 'send-message': {
      return [follow(COMMIT.sendMessage, ...describeMessage(write, now))];
    }
    case 'event': {
      const { event, messageId = null } = write;
      return [follow(COMMIT.addEvent, ...(await describe(commit, event, now)), messageId)];
    }
    case 'update-account': {
      const { username, email, phone, name, profile } = write.details;
      const updated = [username, email, phone, name, JSON.stringify(profile), write.role] as const;
      return [
        follow(COMMIT.updateAccount, ...updated, now),
        follow(COMMIT.dropLoginNames, JSON.stringify(write.oldLoginNames)),
        follow(COMMIT.addLoginNames, JSON.stringify(write.newLoginNames)),
      ];
    }
    case 'set-state':
      return [follow(COMMIT.setState, write.disabledAt, write.lockedAt, now)];
    case 'require-reset':
      return [follow(COMMIT.requireReset)];
    case 'revoke-oldest-family':
      return [follow(COMMIT.revokeOldestFamily, now)];
    case 'end-codes':
      return [follow(COMMIT.endOtherCodes, null, null)];
    case 'end-sessions':
      return [follow(COMMIT.endOtherChallenges, null), ...planEndOfSessions(commit, follow)];
    case 'open-login-session': {
      const { id, tokenHash, passwordVerifiedAt, expiresAt, subject, userAgent } = write.session;
      const metadata = JSON.stringify(write.session.metadata);
      return [
        follow(
          COMMIT.openLoginSession,
          ...[id, now, tokenHash, passwordVerifiedAt, expiresAt, metadata, subject, userAgent],
        ),
      ];
    }
    case 'update-login-session': {
      const { id, tokenHash, passwordVerifiedAt, expiresAt } = write;
      const metadata = JSON.stringify(write.metadata);
      return [
        follow(
          COMMIT.updateLoginSession,
          ...[id, now, tokenHash, passwordVerifiedAt, expiresAt, metadata],
        ),
      ];
    }
    case 'end-login-session':
      return [follow(COMMIT.endLoginSession, write.id)];
  }
}

/** As many subjects at once as the statement takes, which is as many as a user has names. */
function planLift(
  subjects: readonly string[],
  now: number,
  follow: (sql: string, ...values: Value[]) => Bound,
): Bound[] {
  const [first = null, second = null, third = null, fourth = null, ...further] = subjects;
  const lift = follow(COMMIT.liftThrottle, now, first, second, third, fourth);
  return further.length === 0 ? [lift] : [lift, ...planLift(further, now, follow)];
}

/** Of a guess that was none. */
export function planGiveBack(
  tenantId: string,
  userId: string | null,
  { grant, rule }: NonNullable<Refusal['giveBack']>,
  now: number,
): Bound[] {
  const { subject, lane } = grant;
  const attempt = { sql: RECORD.giveBackAttempt, values: [tenantId, subject, rule.limit, now] };
  const putBack = planPutBack(tenantId, grant);
  if (userId === null || lane === null) return [attempt, ...putBack];
  return [
    attempt,
    ...putBack,
    { sql: RECORD.giveBackInLane, values: [tenantId, userId, lane.source] },
  ];
}

/** The values of a message, as every statement that adds one takes them. */
export function describeMessage({ message, limit }: SendMessage, now: number) {
  const { id, kind, payload, code, expiresAt } = message;
  const { count, window } = limit;
  return [
    ...[id, kind, payload, code?.purpose ?? null, code?.mac ?? null],
    ...[now, expiresAt, now - window, count],
  ] as const;
}

/**
 * The event that tells how the commit ended: the last of the writes, when it is written exactly when the commit holds. A
 * refresh holds only while its family lives, and a login session has a number of its own to tell.
 */
function findTold(writes: readonly Write[]): Extract<Write, { kind: 'event' }> | null {
  const last = writes.at(-1);
  if (last?.kind !== 'event' || last.messageId !== undefined) return null;
  const asksForMore = writes.some(({ kind }) => kind === 'rotate-refresh');
  return asksForMore || findLoginSession(writes) !== null ? null : last;
}

function findLoginSession(writes: readonly Write[]): string | null {
  for (const write of writes) {
    if (write.kind === 'open-login-session') return write.session.id;
    if (write.kind === 'update-login-session') return write.id;
  }
  return null;
}

function findFamily(writes: readonly Write[]): string | null {
  for (const write of writes) {
    if (write.kind === 'start-family' || write.kind === 'rotate-refresh') return write.familyId;
  }
  return null;
}
