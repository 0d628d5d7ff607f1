// What the core needs from outside besides the store: time, randomness, and a count of what was spent.

import type { Failure } from './failure.ts';
import type { Allowance } from './pace.ts';

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
}

export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** What one request has spent, what is left to its caller, and how it went: for the answer's headers and the log. */
export interface Meter {
  /** D1 round trips. */
  trips: number;
  /** PBKDF2 links. */
  links: number;
  /** Of the caller's bucket; null while none was asked. */
  allowance: Allowance | null;
  /** Whose users the request is about, as its caller proved or named it; null while no such tenant was found. */
  tenantId: string | null;
  /** How the last operation ended; null when it did what it was asked. */
  refusal: Failure['kind'] | null;
}

/**
 * One call of a webhook, signed as Standard Webhooks has it. Gives the status of the answer; a redirect is an answer.
 * `messageId`: the same at every attempt. `at`: milliseconds; a receiver refuses what was signed long ago.
 * @throws when there is no answer in time.
 */
export type CallWebhook = (call: {
  readonly url: string;
  readonly secret: string;
  readonly messageId: string;
  readonly at: number;
  readonly body: string;
}) => Promise<number>;

/** Every breached hash that begins with these five hex digits, with how often it was seen; null when nobody answers. */
export type ReadBreachRange = (prefix: string) => Promise<string | null>;

/** One letter by e-mail. `messageId`: the same at every attempt. @throws when it was not taken in time. */
export type Mail = (letter: {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}) => Promise<void>;
