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
 * After so many wrong guesses in a row from one lane no password is looked at any more, until there is another one
 * (NIST SP 800-63B-4 3.2.2). Waits alone would let a guesser go on for ever.
 */
export const CLOSING_LIMIT = 100;

/** For so long a source from which a user signed in has a lane of its own. Milliseconds. */
export const LANE_LIFE = 30 * 24 * 3_600_000;

/** A guess as it is made: at whose password, as submitted, and from where. */
export interface Guess {
  /** null: that of the login session. */
  readonly subject: string | null;
  /** null: not known. */
  readonly source: string | null;
  readonly rule: ThrottleRule;
  readonly laneLife: number;
}

/**
 * A reserved guess. `serial` is its number under its subject: clearing up to it forgives what came before, and leaves
 * what was reserved after it.
 */
export interface Grant {
  readonly kind: 'granted';
  /** Under which it is counted: that of a known source is another one. */
  readonly subject: string;
  readonly serial: number;
  /** Wrong guesses in a row, this one included should it be wrong. */
  readonly failures: number;
  /** The same of all names of the user together. '' for the strangers'; null: there is no such user. */
  readonly lane: { readonly source: string; readonly failures: number } | null;
  /** From buckets that strangers share: it is put back when the guess was right. */
  readonly taken: readonly { readonly source: string; readonly interval: number }[];
}

/** What became of the reservation that is made before any hash. */
export type Attempt = Grant | { readonly kind: 'blocked'; readonly until: number };

/** Keyed, so that the table shows neither names nor passwords typed into the wrong field. */
export function computeThrottleSubject(keyring: Keyring, submitted: string): Promise<string> {
  return keyring.mac('throttle-subject', normaliseLoginName(submitted));
}

/** Keyed, so that the table shows no addresses. */
export async function computeThrottleSource(
  keyring: Keyring,
  source: string | null,
): Promise<string | null> {
  return source === null ? null : keyring.mac('throttle-source', source);
}

/** Whether the guess must not be looked at, though it costs what any guess costs. */
export function isClosed({ lane }: Grant): boolean {
  return lane !== null && lane.failures > CLOSING_LIMIT;
}

/** The granted attempt; a refusal that says how long to wait otherwise. */
export function readGrant(attempt: Attempt | null, now: number): Result<Grant, Failure> {
  if (attempt?.kind === 'granted') return ok(attempt);
  return fail({ kind: 'throttled', retryAfter: readRetryAfter(attempt?.until ?? now, now) });
}

/** Whole seconds until the next attempt, at least 1, as `Retry-After` wants them. */
export function readRetryAfter(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000));
}
