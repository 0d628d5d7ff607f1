// The statements of one commit, in order. The first to speak of a new password is its compare-and-swap.

import type { EventDraft } from '../core/audit.ts';
import type { Commit, PasswordChange, Refusal, Write } from '../core/commit.ts';
import type { Store } from '../core/store.ts';
import type { DescribeEvent } from './event.ts';
import { markEvents } from './failed-batch.ts';
import { planPutBack } from './flood.ts';
import { COMMIT, ERASE, RECORD } from './sql-commit.ts';
import { MARKS } from './sql-marks.ts';
import type { Bound, Value } from './statement.ts';
import { type Follow, planConsequences, planWrite } from './writes.ts';

export async function planCommit(commit: Commit, describe: DescribeEvent): Promise<Bound[]> {
  const { change } = commit;
  const seen = [
    commit.tenantId,
    commit.userId,
    commit.seen.version,
    commit.seen.operationId,
  ] as const;
  const made = readMade(commit);
  const follow: Follow = (sql, ...values) => ({ sql, values: [...made, ...values] });
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

/** What tells that the commit holds when its answer was lost; null: it leaves nothing that is its own. */
export function markCommit(commit: Commit, activityId: string): Bound | null {
  const { tenantId, userId, writes } = commit;
  const types = writes.flatMap((write) => (write.kind === 'event' ? [write.event.type] : []));
  if (types.length > 0) return markEvents(commit, activityId, types, findLoginSession(writes));
  if (commit.outpaces) return { sql: MARKS.credential, values: [...readMade(commit), null] };
  const updated = writes.find((write) => write.kind === 'update-login-session');
  if (updated === undefined) return null;
  const { id, tokenHash } = updated;
  return { sql: MARKS.loginSession, values: [tenantId, userId, tokenHash, null, id] };
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
