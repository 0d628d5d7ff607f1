// Tenants and users for tests, made through the operator's door. Every call makes new ones.
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { type Answer, type Env, ORIGIN, send } from './rekey.ts';
import { watchSecret } from './secret-watch.ts';

let serial = 0;

/** A number that no other call of the file gets. */
export function nextSerial(): number {
  serial += 1;
  return serial;
}

export interface TestTenant {
  readonly orgId: string;
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
  readonly host: string;
  /** Scope signin: for x-api-key. */
  readonly apiKey: string;
  /** Scopes user.read and user.write. */
  readonly serviceToken: string;
  /** Scope user.read. */
  readonly readerToken: string;
}

export interface TestUser {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export async function admin(
  method: string,
  path: string,
  body?: unknown,
  on?: Env,
): Promise<Answer> {
  return send(
    `/admin${path}`,
    {
      method,
      headers: { authorization: `Bearer ${env.ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    on,
  );
}

/** `place` eu: its database, host and organisation id lead to the binding DB_EU. */
export async function makeTenant(
  options: { readonly place?: 'default' | 'eu'; readonly settings?: unknown } = {},
): Promise<TestTenant> {
  const n = nextSerial();
  const isEu = options.place === 'eu';
  const tenant = {
    clientId: `client-${n}`,
    clientCode: `code-${n}`,
    database: isEu ? `globex_${n}` : `acme_${n}`,
    host: isEu ? `t${n}.eu.localhost` : `t${n}.localhost`,
  };
  const { host, ...names } = tenant;
  const made = await admin('POST', '/tenants', {
    name: `Tenant ${n}`,
    ...names,
    hosts: [host],
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  expect(made.status).toBe(201);
  const orgId = made.body.orgId as string;
  const makeKey = async (name: string, scopes: string[]) =>
    (await admin('POST', `/tenants/${orgId}/keys`, { name, scopes })).body.key as string;
  return {
    ...tenant,
    orgId,
    apiKey: await makeKey('clients', ['signin']),
    serviceToken: await makeKey('service', ['user.read', 'user.write']),
    readerToken: await makeKey('reader', ['user.read']),
  };
}

/** A password that no policy here refuses, different at each call. */
/** Not random: of so many random ones the list of common passwords would take one for its own now and then. */
export function newPassword(): string {
  const password = `violet harbour ${nextSerial()} that-no-list-of-common-passwords-has`;
  watchSecret(password, 'newPassword()');
  return password;
}

export async function makeUser(
  tenant: TestTenant,
  options: {
    readonly userId?: string;
    readonly role?: 'user' | 'admin';
    readonly temporary?: boolean;
    readonly password?: string;
    readonly withoutPassword?: boolean;
  } = {},
): Promise<TestUser> {
  const n = nextSerial();
  const password = options.password ?? newPassword();
  const names = {
    userId: options.userId ?? `user-${n}`,
    username: `name-${n}`,
    email: `person-${n}@mail.example`,
  };
  const made = await admin('POST', `/tenants/${tenant.orgId}/users`, {
    ...names,
    role: options.role ?? 'user',
    ...(options.withoutPassword
      ? {}
      : options.temporary
        ? { temporaryPassword: password }
        : { password }),
  });
  expect(made.status).toBe(201);
  return { ...names, password };
}

export interface UserStatus {
  readonly state: string;
  readonly mustChangePassword: boolean;
  readonly passwordVersion: number;
  readonly failedAttempts: number;
  readonly lockedUntil: string | null;
  readonly sequence: string;
}

export async function readUser(tenant: TestTenant, userId: string): Promise<UserStatus> {
  const answer = await admin('GET', `/tenants/${tenant.orgId}/users/${encodeURIComponent(userId)}`);
  expect(answer.status).toBe(200);
  return answer.body;
}

export interface AuditEvent {
  readonly userId: string | null;
  readonly sequence: string;
  readonly type: string;
  readonly actor: Record<string, string>;
  readonly dialect: string;
  readonly activityId: string;
  readonly facts: Record<string, string | number | boolean>;
}

/** Every event of the user, oldest first. */
export async function listEvents(tenant: TestTenant, userId: string): Promise<AuditEvent[]> {
  const query = `userId=${encodeURIComponent(userId)}&limit=200`;
  const answer = await admin('GET', `/tenants/${tenant.orgId}/events?${query}`);
  expect(answer.status).toBe(200);
  return answer.body.events;
}

export function databaseOf(tenant: TestTenant): D1Database {
  return tenant.database.startsWith('globex_') ? env.DB_EU : env.DB;
}

export async function disableUser(tenant: TestTenant, userId: string): Promise<void> {
  const path = `${encodeURIComponent(userId)}/deactivate`;
  expect((await zitadel(tenant.serviceToken, path, {})).status).toBe(200);
}

/* ---- the three dialects, as their clients speak ---- */

export function vbaHeaders(tenant: TestTenant): Record<string, string> {
  return {
    'user-agent': 'vba-client/1.0',
    'x-api-key': tenant.apiKey,
    'vbasoftware-client-id': tenant.clientId,
    'vbasoftware-client-code': tenant.clientCode,
    'vbasoftware-database': tenant.database,
  };
}

export function basic(userId: string, password: string): string {
  const bytes = new TextEncoder().encode(`${userId}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

export function vbaSignIn(
  tenant: TestTenant,
  userId: string,
  password: string,
  on?: Env,
): Promise<Answer> {
  const headers = { ...vbaHeaders(tenant), authorization: basic(userId, password) };
  return send('/user-authentication', { method: 'POST', headers }, on);
}

export function vbaChange(
  tenant: TestTenant,
  body: { readonly userID: string; readonly newPassword: string; readonly session: string },
  on?: Env,
): Promise<Answer> {
  const headers = { ...vbaHeaders(tenant), 'content-type': 'application/json' };
  return send(
    '/change-temporary-password',
    { method: 'POST', headers, body: JSON.stringify(body) },
    on,
  );
}

export function vbaRefresh(
  tenant: TestTenant,
  tokens: { readonly idToken: string; readonly refreshToken: string },
  on?: Env,
): Promise<Answer> {
  const headers = {
    ...vbaHeaders(tenant),
    'expired-id-token': tokens.idToken,
    'refresh-token': tokens.refreshToken,
  };
  return send('/user-refresh-tokens', { method: 'POST', headers }, on);
}

/** Signs in with a temporary password and gives the session of the challenge. */
export async function openChallenge(tenant: TestTenant, user: TestUser): Promise<string> {
  const answer = await vbaSignIn(tenant, user.userId, user.password);
  expect(answer.body.data?.challengeName).toBe('NEW_PASSWORD_REQUIRED');
  return answer.body.data.session;
}

export function zapLogin(
  tenant: TestTenant,
  identity: string,
  password: string,
  on?: Env,
): Promise<Answer> {
  return send(
    `http://${tenant.host}:8787/v1/login`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ identity, password }),
    },
    on,
  );
}

export async function zapToken(tenant: TestTenant, user: TestUser): Promise<string> {
  const answer = await zapLogin(tenant, user.email, user.password);
  expect(answer.status).toBe(200);
  return answer.body.data.token;
}

export function zapChange(
  tenant: TestTenant,
  token: string,
  body: unknown,
  on?: Env,
): Promise<Answer> {
  return send(
    `http://${tenant.host}:8787/v1/changePassword`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
    on,
  );
}

export function zitadel(token: string, path: string, body: unknown, on?: Env): Promise<Answer> {
  return send(
    `${ORIGIN}/v2/users/${path}`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
    on,
  );
}

export function zitadelChange(
  token: string,
  userId: string,
  body: unknown,
  on?: Env,
): Promise<Answer> {
  return zitadel(token, `${encodeURIComponent(userId)}/password`, body, on);
}

export async function resetCode(tenant: TestTenant, userId: string): Promise<string> {
  const answer = await zitadel(
    tenant.serviceToken,
    `${encodeURIComponent(userId)}/password_reset`,
    { returnCode: {} },
  );
  expect(answer.status).toBe(200);
  return answer.body.verificationCode;
}
