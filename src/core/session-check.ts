// The checks of a login session, whether it is made with them or gets them later: which user, and the password.
import {
  type Account,
  listLoginNames,
  normaliseLoginName,
  readCredentialState,
} from './account.ts';
import {
  commitOnce,
  describeActorFor,
  describeCommit,
  findSubject,
  type Subject,
} from './change.ts';
import type { Write } from './commit.ts';
import type { Core } from './context.ts';
import type { Failure, ProofFault } from './failure.ts';
import { findPasswordFault } from './password/text.ts';
import { fail, ok, type Result } from './result.ts';
import type { Opened } from './store.ts';
import { readGrant, THROTTLE_RULE } from './throttle.ts';

export type NamedUser = { readonly userId: string } | { readonly loginName: string };

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

export interface CheckedUser {
  readonly user: Subject;
  /** They forgive the guess, and hash anew what is stale: for the commit of the session. */
  readonly writes: readonly Write[];
}

/** The user of the session, with the password checked when there is one: then a guess was reserved for it. */
export async function checkUser(
  core: Core,
  opened: Opened,
  password: string | null,
  subject: string,
  now: number,
): Promise<Result<CheckedUser, Failure>> {
  if (password === null) {
    const user = findSubject(opened);
    return user === null ? fail({ kind: 'user-unknown' }) : ok({ user, writes: [] });
  }
  const fault = findPasswordFault(password);
  if (fault !== null) return fail({ kind: 'password-malformed', field: 'current', fault });
  const checked = await checkPassword(core, opened, password, subject, now);
  if (!checked.ok) return checked;
  const { user, writes } = checked.value;
  // A temporary password past its life proves nothing any more, at no door.
  if (readCredentialState(user.credential, now) !== 'temporary-expired') return checked;
  await commitOnce(core, { ...describeCommit(core, opened, user, now), writes });
  return fail({ kind: 'temporary-password-expired' });
}

/** Costs one derivation whoever the user is. */
async function checkPassword(
  core: Core,
  opened: Opened,
  password: string,
  subject: string,
  now: number,
): Promise<Result<CheckedUser, Failure>> {
  const granted = readGrant(opened.attempt, now);
  if (!granted.ok) return granted;
  const user = findSubject(opened);
  const owner = { tenantId: opened.tenant.id, userId: user?.account.userId ?? '' };
  const verdict = await core.engine.verify(user?.credential.hash ?? null, password, owner);
  const isRight = verdict === 'match' || verdict === 'match-stale';
  if (user === null || user.account.lockedAt !== null || !isRight) {
    return refuse(core, opened, user, now);
  }
  const serial = granted.value;
  const writes: Write[] = [{ kind: 'clear-attempts', subject, serial, rule: THROTTLE_RULE }];
  if (verdict === 'match-stale') {
    writes.push({ kind: 'rehash', hash: await core.engine.hash(password, owner) });
  }
  return ok({ user, writes });
}

export function describeCheck(opened: Opened, userId: string, factors: readonly string[]): Write {
  const actor = describeActorFor(opened, userId);
  return {
    kind: 'event',
    event: { type: 'session.checked', actor, facts: { factors: factors.join(' ') } },
  };
}

async function refuse(
  core: Core,
  opened: Opened,
  user: Subject | null,
  now: number,
): Promise<Result<never, Failure>> {
  const fault = findFault(opened, user);
  const userId = opened.account?.userId ?? null;
  await core.ports.store.recordRefusal({
    place: opened.place,
    tenantId: opened.tenant.id,
    userId,
    now,
    event: {
      type: 'session.check-refused',
      actor: describeActorFor(opened, userId ?? ''),
      facts: { reason: fault },
    },
    giveBack: null,
  });
  const attempts = opened.attempt?.kind === 'granted' ? opened.attempt.failures : 0;
  return fail({ kind: 'proof-refused', fault, attempts });
}

function findFault(opened: Opened, user: Subject | null): ProofFault {
  if (opened.account === null) return 'unknown-user';
  if (user === null) return 'disabled';
  if (user.account.lockedAt !== null) return 'locked';
  return user.credential.hash === null ? 'no-password' : 'wrong-password';
}
