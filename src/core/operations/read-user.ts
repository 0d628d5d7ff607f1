// The operator looks at a user: states and counts, never a hash.
import { type CredentialState, isChangeDue, readCredentialState } from '../account.ts';
import { listThrottleSubjects } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findOrganisationPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';
import { CLOSING_LIMIT } from '../throttle.ts';

export interface ReadUser {
  readonly organisationId: string;
  readonly userId: string;
}

export interface UserStatus {
  readonly userId: string;
  readonly state: CredentialState | 'locked' | 'disabled';
  readonly mustChangePassword: boolean;
  readonly passwordVersion: number;
  readonly failedAttempts: number;
  /** Too many wrong guesses in a row: only another password opens it again, to whom it does not know. */
  readonly isClosed: boolean;
  /** Milliseconds; null when free. */
  readonly lockedUntil: number | null;
  readonly changedAt: number;
  readonly sequence: number;
}

export async function readUser(
  core: Core,
  command: ReadUser,
): Promise<Result<UserStatus, Failure>> {
  const now = core.ports.clock.now();
  const { store } = core.ports;
  const { organisationId, userId } = command;
  const place = findOrganisationPlace(core.config.placement, organisationId);
  const user = place === null ? null : await store.readUser(place, organisationId, userId);
  if (place === null || user === null) return fail({ kind: 'not-found', what: 'user' });
  const subjects = await listThrottleSubjects(core, user.account);
  const throttle = await store.readThrottle(place, organisationId, userId, subjects);
  const { account, credential } = user;
  const isWaiting = throttle.blockedUntil > now;
  const isLocked = isWaiting || account.lockedAt !== null;
  const { maxAge } = user;
  const state = readCredentialState(credential, maxAge, now);
  return ok({
    userId: account.userId,
    state: account.disabledAt !== null ? 'disabled' : isLocked ? 'locked' : state,
    mustChangePassword: isChangeDue(credential, maxAge, now),
    passwordVersion: credential.version,
    failedAttempts: throttle.failures,
    isClosed: throttle.guesses >= CLOSING_LIMIT,
    lockedUntil: isWaiting ? throttle.blockedUntil : null,
    changedAt: credential.changedAt,
    sequence: user.sequence,
  });
}
