// The budget of guesses: per tenant and subject as submitted, whether or not such a user exists, one for all doors.
import { normaliseLoginName } from './account.ts';
import type { Failure } from './failure.ts';
import type { Keyring } from './keyring.ts';
import { fail, ok, type Result } from './result.ts';

/** How an attempt is counted. Times in milliseconds. */
export interface ThrottleRule {
  /** Wrong guesses in a row that are free of waits. */
  readonly limit: number;
  readonly firstWait: number;
  readonly longestWait: number;
}

export const THROTTLE_RULE: ThrottleRule = {
  limit: 10,
  firstWait: 30_000,
  longestWait: 3_600_000,
};

/**
 * What became of the reservation that is made before any hash. `serial` is the attempt's number under its subject:
 * clearing up to it forgives what came before, and leaves what was reserved after it.
 */
export type Attempt =
  /** `failures`: wrong guesses in a row, this one included should it be wrong. */
  | { readonly kind: 'granted'; readonly serial: number; readonly failures: number }
  | { readonly kind: 'blocked'; readonly until: number };

/** Keyed, so that the table shows neither names nor passwords typed into the wrong field. */
export function computeThrottleSubject(keyring: Keyring, submitted: string): Promise<string> {
  return keyring.mac('throttle-subject', normaliseLoginName(submitted));
}

/** The serial of a granted attempt; a refusal that says how long to wait otherwise. */
export function readGrant(attempt: Attempt | null, now: number): Result<number, Failure> {
  if (attempt?.kind === 'granted') return ok(attempt.serial);
  return fail({ kind: 'throttled', retryAfter: readRetryAfter(attempt?.until ?? now, now) });
}

/** Whole seconds until the next attempt, at least 1, as `Retry-After` wants them. */
export function readRetryAfter(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
