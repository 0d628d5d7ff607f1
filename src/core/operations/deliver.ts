// Messages of the outbox are sent: one right after it was committed, and all that are due by the scheduled run.
import { MAX_CODE_TRIES } from '../code.ts';
import type { Core } from '../context.ts';
import type { Address } from '../message.ts';
import type { MessageText } from '../message-text.ts';
import {
  type ClaimedMessage,
  LEASE,
  MAX_ATTEMPTS,
  type MessageRef,
  openMessage,
  scheduleRetry,
} from '../outbox.ts';
import type { Place } from '../place.ts';
import { openText } from '../seal.ts';
import type { MessageClaim } from '../store.ts';
import type { Delivery, Sender } from '../tenant.ts';

/** One attempt, for the log. */
export interface Attempted extends MessageRef {
  readonly attempts: number;
  /** `unsendable`: its seal, the secret's, or the settings cannot be read. `given-up`: it is of no use any more. */
  readonly outcome: 'received' | 'refused' | 'unanswered' | 'unsendable' | 'given-up';
}

/** What a letter takes of a body: see message.ts. */
interface Body {
  readonly data: MessageText & Address;
}

/** So many requests may wait for their answer at once on the platform: more would wait for each other. */
const CONNECTIONS = 6;
/** Bounds one run. What is left is the next run's. */
const MAX_ROUNDS = 50;

/** Nothing when another has it, when it was never committed, or when its code is dead by now. */
export async function deliverMessage(
  core: Core,
  message: MessageRef,
): Promise<readonly Attempted[]> {
  return deliverClaimed(core, message.place, message);
}

/** @throws what the store threw of a place, when all the others are done. */
export async function deliverDue(core: Core): Promise<readonly Attempted[]> {
  const { places } = core.config.placement;
  const atMost = Math.max(1, Math.floor(CONNECTIONS / places.length));
  const runs = await Promise.allSettled(places.map((place) => deliverDueOf(core, place, atMost)));
  return runs.flatMap((run) => {
    if (run.status === 'rejected') throw run.reason;
    return run.value;
  });
}

async function deliverDueOf(core: Core, place: Place, atMost: number): Promise<Attempted[]> {
  const all: Attempted[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const some = await deliverClaimed(core, place, { atMost });
    all.push(...some);
    if (some.length < atMost) break;
  }
  return all;
}

async function deliverClaimed(
  core: Core,
  place: Place,
  which: MessageClaim['which'],
): Promise<Attempted[]> {
  const { store, clock } = core.ports;
  const now = clock.now();
  const claimed = await store.claimMessages({
    place,
    now,
    which,
    leaseUntil: now + LEASE,
    maxAttempts: MAX_ATTEMPTS,
    maxCodeTries: MAX_CODE_TRIES,
  });
  return Promise.all(claimed.map((message) => deliver(core, message)));
}

/** When the outcome cannot be written down, the lease ends and the message is sent again, under the same id. */
async function deliver(core: Core, message: ClaimedMessage): Promise<Attempted> {
  const { store, clock, random } = core.ports;
  const { place, tenantId, userId, id, attempts, payload } = message;
  const attempted = { place, tenantId, userId, id, attempts };
  if (payload === null) return { ...attempted, outcome: 'given-up' };
  const outcome = await attempt(core, message, payload);
  const now = clock.now();
  const retryAt = outcome === 'received' ? null : scheduleRetry(message, random, now);
  await store.settleMessage(message, now, retryAt);
  return { ...attempted, outcome };
}

async function attempt(
  core: Core,
  message: ClaimedMessage,
  payload: string,
): Promise<Attempted['outcome']> {
  const body = await openMessage(core.config.keyring, message, payload);
  const { delivery } = message;
  if (body === null || delivery === null) return 'unsendable';
  const { data } = JSON.parse(body) as Body;
  if (data.channel === 'email' && delivery.email !== undefined) {
    return sendLetter(core, message.id, delivery.email, data);
  }
  return delivery.webhook === undefined
    ? 'unsendable'
    : callWebhook(core, message, delivery.webhook, body);
}

async function sendLetter(
  { ports }: Core,
  messageId: string,
  from: Sender,
  { address: to, subject, text, html }: Body['data'],
): Promise<Attempted['outcome']> {
  if (ports.mail === null) return 'unsendable';
  try {
    await ports.mail({ from, to, subject, text, html, messageId });
    return 'received';
  } catch {
    return 'unanswered';
  }
}

async function callWebhook(
  { config, ports }: Core,
  { id, tenantId }: MessageRef,
  { url, sealedSecret }: NonNullable<Delivery['webhook']>,
  body: string,
): Promise<Attempted['outcome']> {
  const secret = await openText(config.keyring, 'webhook-secret', [tenantId], sealedSecret);
  if (secret === null) return 'unsendable';
  const at = ports.clock.now();
  try {
    const status = await ports.callWebhook({ url, secret, messageId: id, at, body });
    return status >= 200 && status < 300 ? 'received' : 'refused';
  } catch {
    return 'unanswered';
  }
}
