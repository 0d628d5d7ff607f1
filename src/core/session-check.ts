// The checks of a login session, whether it is made with them or gets them later: which user, and the password.
import { type Account, listLoginNames, type NamedUser, normaliseLoginName } from './account.ts';
import { commitOnce, describeActorFor, describeCommit, findSubject } from './change.ts';
import type { Write } from './commit.ts';
import type { Core } from './context.ts';
import type { Failure } from './failure.ts';
import { findPasswordFault } from './password/text.ts';
import { type CheckedUser, checkPassword, findDeadPassword } from './password-check.ts';
import { fail, ok, type Result } from './result.ts';
import type { Opened } from './store.ts';

export function isNamed(account: Account, user: NamedUser): boolean {
  if ('userId' in user) return account.userId === user.userId;
  return listLoginNames(account).includes(normaliseLoginName(user.loginName));
}

/** What can be told of a user without a guess, to who may read it; null when a session can be had. */
export function findBar(opened: Opened, hasPassword: boolean): Failure | null {
  const { account, credential } = opened;
  if (account === null || credential === null) return { kind: 'user-unknown' };
  if (account.disabledAt !== null) return { kind: 'user-barred', by: 'deactivation' };
  if (account.lockedAt !== null) return { kind: 'user-barred', by: 'lock' };
  return hasPassword && credential.hash === null ? { kind: 'password-not-set' } : null;
}

/** The user of the session, with the password checked when there is one: then a guess was reserved for it. */
export async function checkUser(
  core: Core,
  opened: Opened,
  password: string | null,
  now: number,
): Promise<Result<CheckedUser, Failure>> {
  if (password === null) {
    const user = findSubject(opened);
    return user === null ? fail({ kind: 'user-unknown' }) : ok({ user, writes: [] });
  }
  const fault = findPasswordFault(password);
  if (fault !== null) return fail({ kind: 'password-malformed', field: 'current', fault });
  const checked = await checkPassword(core, opened, password, 'session.check-refused', now);
  if (!checked.ok) return checked;
  const { user, writes } = checked.value;
  const dead = findDeadPassword(user.credential, now);
  if (dead === null) return checked;
  await commitOnce(core, { ...describeCommit(core, opened, user, now), writes });
  return fail(dead);
}

export function describeCheck(opened: Opened, userId: string, factors: readonly string[]): Write {
  const actor = describeActorFor(opened, userId);
  return {
    kind: 'event',
    event: { type: 'session.checked', actor, facts: { factors: factors.join(' ') } },
  };
}
