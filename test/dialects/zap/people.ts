// Users who can be reached, and their codes, read where they arrive.
import { expect } from 'vitest';
import type { Answer, Env } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import type { Receiver } from '../../support/webhook.ts';
import { call, expectData } from './call.ts';

export interface Person extends t.TestUser {
  readonly phone: string;
}

/** A user with both addresses and a password. */
export async function makePerson(
  tenant: t.TestTenant,
  role: 'user' | 'admin' = 'user',
): Promise<Person> {
  const n = t.nextSerial();
  const person = {
    userId: `person-${n}`,
    username: `name-${n}`,
    email: `person-${n}@mail.example`,
    phone: `+4179${String(n).padStart(7, '0')}`,
    password: t.newPassword(),
  };
  const made = await t.admin('POST', `/tenants/${tenant.orgId}/users`, { ...person, role });
  expect(made.status).toBe(201);
  return person;
}

/** A user whom nothing reaches. */
export async function makeHermit(tenant: t.TestTenant): Promise<t.TestUser> {
  const n = t.nextSerial();
  const hermit = { userId: `hermit-${n}`, username: `hermit-${n}`, password: t.newPassword() };
  const made = await t.admin('POST', `/tenants/${tenant.orgId}/users`, hermit);
  expect(made.status).toBe(201);
  return { ...hermit, email: '' };
}

export type Purpose = 'reset' | 'otp';

/** The messages with codes that a user got, oldest first. */
export function listCodes({ received }: Receiver, userId: string, purpose: Purpose) {
  return received
    .map(({ message }) => message)
    .filter(({ type, data }) => type === `password.${purpose}` && data['userId'] === userId)
    .map(({ data }) => data);
}

export function lastCode(receiver: Receiver, userId: string, purpose: Purpose): string {
  return listCodes(receiver, userId, purpose).at(-1)?.['code'] ?? '';
}

export function askReset(tenant: t.TestTenant, identity: string): Promise<Answer> {
  return call(tenant, '/v1/otp/forgotPassword', { body: { identity } });
}

export function askOtp(tenant: t.TestTenant, { userId, email }: t.TestUser): Promise<Answer> {
  return call(tenant, '/v1/otp', { body: { userId, email } });
}

export async function sentReset(receiver: Receiver, person: Person): Promise<string> {
  expectData(await askReset(receiver.tenant, person.email));
  return lastCode(receiver, person.userId, 'reset');
}

export async function sentOtp(receiver: Receiver, person: Person): Promise<string> {
  expectData(await askOtp(receiver.tenant, person));
  return lastCode(receiver, person.userId, 'otp');
}

export function verify(tenant: t.TestTenant, identity: string, otp: string): Promise<Answer> {
  return call(tenant, '/v1/otp/verify', { body: { identity, otp } });
}

export function reset(
  tenant: t.TestTenant,
  identity: string,
  otp: string,
  newPassword = t.newPassword(),
  on?: Env,
): Promise<Answer> {
  const body = { identity, otp, newPassword };
  return call(tenant, '/v1/forgotPassword', { body, ...(on === undefined ? {} : { on }) });
}

/** Well-formed, and not the one given. */
export function otherDigits(code: string): string {
  return `${code.startsWith('1') ? '2' : '1'}${code.slice(1)}`;
}

export interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
}

export async function logIn(tenant: t.TestTenant, user: t.TestUser): Promise<Tokens> {
  return expectData(await t.zapLogin(tenant, user.username, user.password));
}

export function refresh(tenant: t.TestTenant, refreshToken: string): Promise<Answer> {
  return call(tenant, '/v1/refresh', { body: { refreshToken } });
}

/** Whether a session is alive, asked in both ways. */
export async function isAlive(tenant: t.TestTenant, tokens: Tokens): Promise<boolean> {
  const read = await call(tenant, '/v1/users/token', { method: 'GET', token: tokens.token });
  const refreshed = await refresh(tenant, tokens.refreshToken);
  expect([200, 401]).toContain(read.status);
  expect(refreshed.status).toBe(read.status);
  return read.status === 200;
}
