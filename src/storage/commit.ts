// The statements of one commit, in order. The first to speak of a new password is its compare-and-swap.

import type { Trace } from '../core/audit.ts';
import type { Commit, PasswordChange, Write } from '../core/store.ts';
import { COMMIT } from './sql.ts';

type Value = string | number | null;

/** A statement and its values: bound, never joined. */
export interface Bound {
  readonly sql: string;
  readonly values: readonly Value[];
}

export function planCommit(commit: Commit, trace: Trace): Bound[] {
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
  return [
    ...(change === null ? [] : [swapPassword(commit, change, seen)]),
    ...(change === null ? [] : planConsequences(commit, change, follow)),
    ...commit.writes.flatMap((write) => planWrite(commit, write, trace, follow)),
    follow(COMMIT.outcome, findFamily(commit.writes)),
  ];
}

/** Asks whether the commit holds, without doing it again. */
export function planOutcome(commit: Commit): Bound {
  return { sql: COMMIT.outcome, values: [...readMade(commit), findFamily(commit.writes)] };
}

/** The credential as it is when the commit went through. */
function readMade(commit: Commit): readonly Value[] {
  const { tenantId, userId, seen } = commit;
  return commit.change === null
    ? [tenantId, userId, seen.version, seen.operationId]
    : [tenantId, userId, seen.version + 1, commit.operationId];
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
  const { code } = change;
  const sessionHash = change.session?.hash ?? null;
  return [
    ...(sessionHash === null ? [] : [follow(COMMIT.spendChallenge, sessionHash)]),
    follow(COMMIT.endOtherChallenges, sessionHash),
    ...(code === null ? [] : [follow(COMMIT.spendCode, code.purpose, code.mac)]),
    follow(COMMIT.endOtherCodes, code?.purpose ?? null, code?.mac ?? null),
    follow(COMMIT.revokeFamilies, commit.now),
  ];
}

function planWrite(
  commit: Commit,
  write: Write,
  trace: Trace,
  follow: (sql: string, ...values: Value[]) => Bound,
): Bound[] {
  const { now } = commit;
  switch (write.kind) {
    case 'clear-attempts':
      return [follow(COMMIT.clearAttempts, write.subject, write.serial, write.rule.limit, now)];
    case 'lift-throttle':
      return write.subjects.map((subject) => follow(COMMIT.liftThrottle, subject, now));
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
        follow(COMMIT.addRefreshToken, write.familyId, write.tokenHash, now),
      ];
    case 'rotate-refresh':
      return [
        follow(COMMIT.useRefreshToken, write.familyId, write.tokenHash, now),
        follow(COMMIT.addRefreshToken, write.familyId, write.successorHash, now),
      ];
    case 'revoke-family':
      return [follow(COMMIT.revokeFamily, write.familyId, now)];
    case 'issue-code':
      return [
        follow(COMMIT.issueCode, write.purpose, write.mac, now, write.expiresAt),
        follow(COMMIT.endOldCodes, write.purpose, write.keep, write.mac),
      ];
    case 'event': {
      const { type, actor, facts } = write.event;
      return [
        follow(
          COMMIT.addEvent,
          now,
          type,
          JSON.stringify(actor),
          trace.dialect,
          trace.activityId,
          JSON.stringify(facts),
        ),
      ];
    }
  }
}

function findFamily(writes: readonly Write[]): string | null {
  for (const write of writes) {
    if (write.kind === 'start-family' || write.kind === 'rotate-refresh') return write.familyId;
  }
  return null;
}
