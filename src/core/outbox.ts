// Messages to be sent: written in the commit that they tell of, sent afterwards until they are received, at least once
// each and always under the same id.
import { toBase64Url } from './bytes.ts';
import type { CodePurpose } from './code.ts';
import type { Keyring } from './keyring.ts';
import type { MessageKind } from './message-words.ts';
import type { Place } from './place.ts';
import type { Random } from './ports.ts';
import { openText, resealText, sealText } from './seal.ts';
import type { Delivery } from './tenant.ts';

export type Channel = 'email' | 'sms';

/** Where a message lies. */
export interface MessageRef {
  readonly place: Place;
  readonly tenantId: string;
  readonly userId: string;
  readonly id: string;
}

export interface NewMessage {
  readonly id: string;
  readonly kind: MessageKind;
  /** The body that is sent, sealed as 'message' for the tenant, the user and the id. */
  readonly payload: string;
  /** After it nobody needs the message. */
  readonly expiresAt: number;
  /** The code in it, by its MAC: when that is dead, the message is not sent. */
  readonly code: { readonly purpose: CodePurpose; readonly mac: string } | null;
}

/** So many messages of a kind may a user get in the time. Milliseconds. */
export interface MessageLimit {
  readonly count: number;
  readonly window: number;
}

export const MESSAGE_LIMIT: MessageLimit = { count: 5, window: 3_600_000 };
/** Above what anyone does to a password in earnest: nobody may drown out a notice by causing others. */
export const NOTICE_LIMIT: MessageLimit = { count: 50, window: 3_600_000 };
/** After it a notice is no news. Milliseconds. */
export const NOTICE_LIFE = 7 * 24 * 3_600_000;

/** One that is being sent. Nobody else has it until its lease ends. */
export interface ClaimedMessage extends MessageRef {
  /** null: it is of no use any more, and was given up. */
  readonly payload: string | null;
  /** This one included. */
  readonly attempts: number;
  readonly expiresAt: number;
  /** As the tenant has it now. */
  readonly delivery: Delivery | null;
}

/** What became of a tenant's messages, as far as they are still known. */
export interface MessageReport {
  readonly waiting: number;
  readonly delivered: number;
  readonly failed: number;
  /** The newest that were given up. */
  readonly deadLetters: readonly DeadLetter[];
}

export interface DeadLetter {
  readonly id: string;
  readonly userId: string;
  readonly kind: MessageKind;
  readonly attempts: number;
  readonly createdAt: number;
  readonly failedAt: number;
}

/** More than a week of waits takes: it bounds what goes wrong otherwise. */
export const MAX_ATTEMPTS = 250;
/** Longer than an attempt can take: whoever holds a message is gone when it ends. */
export const LEASE = 60_000;
const FIRST_WAIT = 5000;
const LONGEST_WAIT = 3_600_000;
const ID_BYTES = 16;

/** When to try again after so many attempts: later each time, and not all at once. Never after the end. */
export function scheduleRetry(
  { attempts, expiresAt }: Pick<ClaimedMessage, 'attempts' | 'expiresAt'>,
  random: Random,
  now: number,
): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1));
  const [byte = 0] = random.bytes(1);
  return Math.min(expiresAt, now + Math.ceil((longest * (256 + byte)) / 512));
}

/** No dot: the parts of what is signed are parted by one. */
export function drawMessageId(random: Random): string {
  return `msg_${toBase64Url(random.bytes(ID_BYTES))}`;
}

export function sealMessage(
  keyring: Keyring,
  random: Random,
  ref: Omit<MessageRef, 'place'>,
  body: string,
): Promise<string> {
  return sealText(keyring, random, 'message', bindMessage(ref), body);
}

/** null for what was sealed for another message, or under a pepper that is gone. */
export function openMessage(
  keyring: Keyring,
  ref: Omit<MessageRef, 'place'>,
  payload: string,
): Promise<string | null> {
  return openText(keyring, 'message', bindMessage(ref), payload);
}

/** As of resealText. */
export function resealMessage(
  keyring: Keyring,
  random: Random,
  ref: Omit<MessageRef, 'place'>,
  payload: string,
): Promise<string | null> {
  return resealText(keyring, random, 'message', bindMessage(ref), payload);
}

function bindMessage({ tenantId, userId, id }: Omit<MessageRef, 'place'>): readonly string[] {
  return [tenantId, userId, id];
}
