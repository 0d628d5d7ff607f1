// One right ZAP request and the ways to get it wrong; what each of its two answers must show.
import { expect } from 'vitest';
import { type Answer, type Env, send } from '../../support/rekey.ts';
import { type AuditEvent, admin, listEvents, type TestTenant } from '../../support/tenant.ts';

type Changes = Readonly<Record<string, string | null | readonly string[]>>;

export interface Call {
  readonly method?: string;
  /** The tenant's own by default. */
  readonly host?: string;
  readonly token?: string;
  /** Laid over the right headers: null leaves one out, a list sends it as often. */
  readonly headers?: Changes;
  /** Text and bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
  /** In place of the environment. */
  readonly on?: Env;
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

export function toForm(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

export function call(tenant: TestTenant, path: string, options: Call = {}): Promise<Answer> {
  const { method = 'POST', host = tenant.host, token, body } = options;
  const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
  if (body !== undefined) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers.delete(name);
    const values = typeof value === 'string' ? [value] : (value ?? []);
    for (const each of values) headers.append(name, each);
  }
  const init = { method, headers, ...(body === undefined ? {} : { body: toBytes(body) }) };
  return send(`http://${host}:8787${path}`, init, options.on);
}

/** Bytes: text would bring a content type along. */
export function toBytes(body: unknown): Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return new Uint8Array(
    new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  );
}

export function tenantHeaders(tenant: TestTenant): Record<string, string> {
  return {
    'vbasoftware-client-id': tenant.clientId,
    'vbasoftware-client-code': tenant.clientCode,
    'vbasoftware-database': tenant.database,
  };
}

function expectJson(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** The whole success; gives its data. */
// biome-ignore lint/suspicious/noExplicitAny: answers are judged by the assertions on them
export function expectData(answer: Answer, status = 200): any {
  expectJson(answer, status);
  expect(answer.body).toEqual({ success: true, data: answer.body.data });
  return answer.body.data;
}

export function expectUpdated(answer: Answer): void {
  expect(expectData(answer)).toBe('Password updated successfully');
}

/** The whole failure; gives its text. */
export function expectFailure(answer: Answer, status: number): string {
  expectJson(answer, status);
  const text = answer.body.message;
  expect(text).toMatch(/\S/);
  const { violations, ...body } = answer.body;
  expect(body).toEqual({ success: false, data: text, message: text });
  if (violations !== undefined) {
    const details = violations.map(({ detail }: { detail: string }) => detail);
    expect([status, text]).toEqual([400, details.join(' ')]);
  }
  return text;
}

/** All that a client sees, without the id, the time and the local counters. */
export function see({ status, headers, body }: Answer) {
  const own = ['x-request-id', 'server-timing', 'date', 'content-length'];
  return { status, headers: [...headers].filter(([name]) => !own.includes(name)), body };
}

export async function secureOtp(tenant: TestTenant, userId: string): Promise<string> {
  const path = `/tenants/${tenant.orgId}/users/${encodeURIComponent(userId)}/codes`;
  const made = await admin('POST', path, { purpose: 'secure-otp' });
  expect(made.status).toBe(201);
  return made.body.code;
}

/** A code that is well-formed and not the one given. */
export function otherCode(code: string): string {
  return code.startsWith('A') ? `B${code.slice(1)}` : `A${code.slice(1)}`;
}

export async function listChanges(tenant: TestTenant, userId: string): Promise<AuditEvent[]> {
  const events = await listEvents(tenant, userId);
  return events.filter(({ type }) => type === 'password.changed');
}
