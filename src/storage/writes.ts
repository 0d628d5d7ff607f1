// The statements of what a commit writes: of a new password with all that follows from it, and of each effect beside it.

import type { Commit, PasswordChange, SendMessage, Write } from '../core/commit.ts';
import type { DescribeEvent } from './event.ts';
import { COMMIT } from './sql-commit.ts';
import type { Bound, Value } from './statement.ts';

/** A source that was seen in the last day is not written again. Milliseconds. */
const SEEN_LATELY = 24 * 3_600_000;

/** Binds a statement that does nothing unless the commit holds. */
export type Follow = (sql: string, ...values: Value[]) => Bound;

/** What follows from every new password: its proof is spent, all others die, and every session ends. */
export function planConsequences(commit: Commit, change: PasswordChange, follow: Follow): Bound[] {
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

function planEndOfSessions(commit: Commit, follow: Follow): Bound[] {
  return [follow(COMMIT.revokeFamilies, commit.now), follow(COMMIT.endLoginSessions)];
}

export async function planWrite(
  commit: Commit,
  write: Write,
  describe: DescribeEvent,
  follow: Follow,
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
function planLift(subjects: readonly string[], now: number, follow: Follow): Bound[] {
  const [first = null, second = null, third = null, fourth = null, ...further] = subjects;
  const lift = follow(COMMIT.liftThrottle, now, first, second, third, fourth);
  return further.length === 0 ? [lift] : [lift, ...planLift(further, now, follow)];
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
