// A password at a door that signs in: checked against the guess that was reserved for it.
import { type Credential, readCredentialState } from './account.ts';
import type { EventType } from './audit.ts';
import { findSubject, type Subject } from './change.ts';
import type { Write } from './commit.ts';
import type { Core } from './context.ts';
import type { Failure, ProofFault } from './failure.ts';
import { recordRefusal } from './refusal.ts';
import { fail, ok, type Result } from './result.ts';
import type { Opened } from './store.ts';
import { readGrant, THROTTLE_RULE } from './throttle.ts';

export interface CheckedUser {
  readonly user: Subject;
  /** They forgive the guess, and hash anew what is stale: for the commit that follows. */
  readonly writes: readonly Write[];
}

/** Why a right password proves nothing any more, at no door: told only to who proved to know it. */
export function findDeadPassword(credential: Credential, now: number): Failure | null {
  switch (readCredentialState(credential, now)) {
    case 'temporary-expired':
      return { kind: 'temporary-password-expired' };
    case 'reset-required':
      return { kind: 'password-reset-required' };
    default:
      return null;
  }
}

/** Costs one derivation whoever the user is. A refusal is an event of the type `refusedAs`. */
export async function checkPassword(
  core: Core,
  opened: Opened,
  password: string,
  subject: string,
  refusedAs: EventType,
  now: number,
): Promise<Result<CheckedUser, Failure>> {
  const granted = readGrant(opened.attempt, now);
  if (!granted.ok) return granted;
  const user = findSubject(opened);
  const owner = { tenantId: opened.tenant.id, userId: user?.account.userId ?? '' };
  const verdict = await core.engine.verify(user?.credential.hash ?? null, password, owner);
  const isRight = verdict === 'match' || verdict === 'match-stale';
  if (user === null || user.account.lockedAt !== null || !isRight) {
    return refuse(core, opened, user, refusedAs, now);
  }
  const serial = granted.value;
  const writes: Write[] = [{ kind: 'clear-attempts', subject, serial, rule: THROTTLE_RULE }];
  if (verdict === 'match-stale') {
    writes.push({ kind: 'rehash', hash: await core.engine.hash(password, owner) });
  }
  return ok({ user, writes });
}

async function refuse(
  core: Core,
  opened: Opened,
  user: Subject | null,
  refusedAs: EventType,
  now: number,
): Promise<Result<never, Failure>> {
  const fault = findFault(opened, user);
  await recordRefusal(core, opened, { type: refusedAs, facts: { reason: fault } }, now);
  const attempts = opened.attempt?.kind === 'granted' ? opened.attempt.failures : 0;
  return fail({ kind: 'proof-refused', fault, attempts });
}

function findFault(opened: Opened, user: Subject | null): ProofFault {
  if (opened.account === null) return 'unknown-user';
  if (user === null) return 'disabled';
  if (user.account.lockedAt !== null) return 'locked';
  return user.credential.hash === null ? 'no-password' : 'wrong-password';
}
