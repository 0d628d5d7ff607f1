// A password at a door that signs in: checked against the guess that was reserved for it.
import { type Credential, readCredentialState } from './account.ts';
import type { EventType } from './audit.ts';
import { findSubject, type Subject } from './change.ts';
import type { Write } from './commit.ts';
import type { Core } from './context.ts';
import type { Failure, ProofFault } from './failure.ts';
import type { Owner, Verdict } from './password/password.ts';
import { recordRefusal } from './refusal.ts';
import { fail, ok, type Result } from './result.ts';
import type { Opened } from './store.ts';
import {
  computeThrottleSource,
  type Grant,
  isClosed,
  readGrant,
  THROTTLE_RULE,
} from './throttle.ts';

export interface CheckedUser {
  readonly user: Subject;
  /** They forgive the guess, and hash anew what is stale: for the commit that follows. */
  readonly writes: readonly Write[];
}

/** Why a right password proves nothing any more, at no door: told only to who proved to know it. */
export function findDeadPassword(credential: Credential, now: number): Failure | null {
  switch (readCredentialState(credential, undefined, now)) {
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
  refusedAs: EventType,
  now: number,
): Promise<Result<CheckedUser, Failure>> {
  const granted = readGrant(opened.attempt, now);
  if (!granted.ok) return granted;
  const user = findSubject(opened);
  const owner = { tenantId: opened.tenant.id, userId: user?.account.userId ?? '' };
  const verdict = await verifyGuess(core, user, password, owner, granted.value);
  const isRight = verdict === 'match' || verdict === 'match-stale';
  if (user === null || user.account.lockedAt !== null || !isRight) {
    return refuse(core, opened, user, verdict, refusedAs, now);
  }
  const grant = granted.value;
  const writes: Write[] = [{ kind: 'clear-attempts', grant, rule: THROTTLE_RULE }];
  const source = await computeThrottleSource(core.config.keyring, core.ports.source);
  if (source !== null) writes.push({ kind: 'remember-source', source });
  const { hash: stored } = user.credential;
  if (stored !== null && verdict === 'match-stale') {
    writes.push({ kind: 'rehash', hash: await core.engine.renew(stored, password, owner) });
  }
  return ok({ user, writes });
}

/** One derivation, whoever the user is. After too many wrong guesses the right one is as wrong as any. */
export function verifyGuess(
  core: Core,
  user: Subject | null,
  password: string,
  owner: Owner,
  grant: Grant,
): Promise<Verdict> {
  const stored = isClosed(grant) ? null : (user?.credential.hash ?? null);
  return core.engine.verify(stored, password, owner);
}

async function refuse(
  core: Core,
  opened: Opened,
  user: Subject | null,
  verdict: Verdict,
  refusedAs: EventType,
  now: number,
): Promise<Result<never, Failure>> {
  const fault = findFault(opened, user, verdict);
  await recordRefusal(core, opened, { type: refusedAs, facts: { reason: fault } }, now);
  const attempts = opened.attempt?.kind === 'granted' ? opened.attempt.failures : 0;
  return fail({ kind: 'proof-refused', fault, attempts });
}

function findFault(opened: Opened, user: Subject | null, verdict: Verdict): ProofFault {
  if (opened.account === null) return 'unknown-user';
  if (user === null) return 'disabled';
  if (user.account.lockedAt !== null) return 'locked';
  if (user.credential.hash === null) return 'no-password';
  const { attempt } = opened;
  return attempt?.kind === 'granted' ? nameWrongGuess(verdict, attempt) : 'wrong-password';
}

/** Of a guess at a user who is there. */
export function nameWrongGuess(verdict: Verdict, grant: Grant): ProofFault {
  if (verdict === 'unsupported') return 'hash-unreadable';
  return isClosed(grant) ? 'closed' : 'wrong-password';
}
