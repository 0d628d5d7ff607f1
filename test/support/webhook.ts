// Tenants with a webhook, and the receivers behind them: they stand where the platform's fetch is, and check each
// signature with the library of Standard Webhooks, of which the Worker knows nothing.
import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { expect, vi } from 'vitest';
import worker from '../../src/index.ts';
import type { Env } from './rekey.ts';
import { watchSecret } from './secret-watch.ts';
import * as t from './tenant.ts';

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly signature: string;
  /** The body, once the signature was found right. */
  readonly message: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, string | null>>;
  };
}

/** How a receiver answers; `signal` is the sender's patience. */
export type Reply = (received: Received, signal: AbortSignal) => Response | Promise<Response>;

export interface Receiver {
  readonly tenant: t.TestTenant;
  readonly webhookUrl: string;
  readonly webhookSecret: string;
  /** In the order in which they came. */
  readonly received: Received[];
  reply: Reply;
}

const receivers = new Map<string, Receiver>();

export const ACCEPT: Reply = () => new Response(null, { status: 204 });

export function answerWith(status: number, headers: Record<string, string> = {}): Reply {
  return () => new Response(null, { status, headers });
}

/** Catches all that the Worker sends from now on. What goes nowhere known fails, as an address without a server does. */
export function watchFetch(): void {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const receiver = receivers.get(String(input));
    if (receiver === undefined) throw new TypeError('no such server');
    const { headers: given, body: text, method, redirect, signal } = init ?? {};
    expect([method, redirect, typeof text]).toEqual(['POST', 'manual', 'string']);
    const headers = new Headers(given);
    expect(headers.get('content-type')).toBe('application/json');
    const body = String(text);
    const message = new Webhook(receiver.webhookSecret).verify(body, Object.fromEntries(headers));
    const received: Received = {
      id: headers.get('webhook-id') ?? '',
      body,
      signature: headers.get('webhook-signature') ?? '',
      message: message as Received['message'],
    };
    watchSecret(received.message.data['code'] ?? '', 'a message');
    receiver.received.push(received);
    if (!(signal instanceof AbortSignal)) throw new Error('the sender would wait for ever');
    return receiver.reply(received, signal);
  });
}

export function makeWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const encoded = btoa(String.fromCharCode(...bytes));
  watchSecret(encoded, 'makeWebhookSecret()');
  return `whsec_${encoded}`;
}

export const RESET_URL = 'https://login.example/reset?user={{.UserID}}&org={{.OrgID}}#{{.Code}}';

export async function makeReceiver(
  options: { readonly place?: 'default' | 'eu'; readonly settings?: object } = {},
): Promise<Receiver> {
  const webhookUrl = `https://hooks.example/${t.nextSerial()}`;
  const webhookSecret = makeWebhookSecret();
  const delivery = { webhookUrl, webhookSecret };
  const settings = { delivery, resetUrl: RESET_URL, ...options.settings };
  const tenant = await t.makeTenant({ ...options, settings });
  const received: Received[] = [];
  const receiver = { tenant, webhookUrl, webhookSecret, received, reply: ACCEPT };
  receivers.set(webhookUrl, receiver);
  return receiver;
}

/** What the platform does each minute, to its end. */
export async function runSchedule(on: Env = env as unknown as Env): Promise<void> {
  const context = createExecutionContext();
  await worker.scheduled(createScheduledController(), on as never, context);
  await waitOnExecutionContext(context);
}

export interface OutboxRow {
  readonly user_id: string;
  readonly id: string;
  readonly kind: string;
  readonly payload: string | null;
  readonly code_mac: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly attempts: number;
  readonly next_attempt_at: number | null;
  readonly delivered_at: number | null;
  readonly failed_at: number | null;
}

/** Oldest first. */
export async function readOutbox(tenant: t.TestTenant, userId: string): Promise<OutboxRow[]> {
  const { results } = await t
    .databaseOf(tenant)
    .prepare('SELECT * FROM outbox WHERE tenant_id = ? AND user_id = ? ORDER BY created_at, id')
    .bind(tenant.orgId, userId)
    .all<OutboxRow>();
  return results;
}

/** As if the wait before the next attempt were over. */
export async function makeDue(tenant: t.TestTenant): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare(
      'UPDATE outbox SET next_attempt_at = 1 WHERE tenant_id = ? AND next_attempt_at IS NOT NULL',
    )
    .bind(tenant.orgId)
    .run();
}

/** A user with both addresses and a language. */
export async function makePerson(tenant: t.TestTenant) {
  const n = t.nextSerial();
  const person = {
    userId: `person-${n}`,
    email: `person-${n}@mail.example`,
    phone: `+4179${String(n).padStart(7, '0')}`,
  };
  const { userId, email, phone } = person;
  const made = await t.zitadel(tenant.serviceToken, 'human', {
    userId,
    profile: { givenName: 'Ann', familyName: 'Other', preferredLanguage: 'de-CH' },
    email: { email, isVerified: true },
    phone: { phone, isVerified: true },
  });
  expect(made.status).toBe(200);
  return person;
}

export function passwordReset(
  receiver: Receiver,
  userId: string,
  body: unknown = {},
  options: { readonly token?: string; readonly on?: Env } = {},
) {
  const path = `${encodeURIComponent(userId)}/password_reset`;
  return t.zitadel(options.token ?? receiver.tenant.serviceToken, path, body, options.on);
}
