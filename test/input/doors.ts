// The doors that read a body, each with a body that it would take and with the shape of its refusals.
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { countDerivations } from '../support/iteration-cap.ts';
import { watchLogs } from '../support/logs.ts';
import { type Answer, send } from '../support/rekey.ts';
import {
  makeTenant,
  makeUser,
  newPassword,
  nextSerial,
  openChallenge,
  resetCode,
  type TestTenant,
  vbaHeaders,
  vbaSignIn,
  zapToken,
} from '../support/tenant.ts';
import {
  expectProblemShape,
  expectVbaShape,
  expectZapShape,
  expectZitadelShape,
} from './shapes.ts';

export const DOOR_NAMES = [
  'VBA change',
  'VBA confirm',
  'VBA user',
  'ZAP change',
  'ZAP login',
  'ZAP reset',
  'ZAP user',
  'ZITADEL change by password',
  'ZITADEL change by code',
  'ZITADEL reset',
  'admin user',
  'admin settings',
] as const;

export type DoorName = (typeof DOOR_NAMES)[number];

/** Stands in every secret of every body: no answer and no log line may hold it. */
const CANARY = `canary-${crypto.randomUUID().slice(0, 8)}`;

export interface Door {
  readonly method?: 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly valid: Readonly<Record<string, unknown>>;
  /** A refusal in the dialect's own shape. */
  readonly expectRefusal: (answer: Answer, path: string) => void;
}

/** A tenant with a user behind each door, whose valid body is to be taken once. */
export async function openDoors(): Promise<Record<DoorName, Door>> {
  const tenant = await makeTenant();
  const json = { 'content-type': 'application/json' };
  return {
    ...(await openVba(tenant, json)),
    ...(await openZap(tenant, json)),
    ...(await openZitadel(tenant, json)),
    'admin user': {
      path: `/admin/tenants/${tenant.orgId}/users`,
      headers: { ...json, authorization: `Bearer ${env.ADMIN_KEY}` },
      valid: { userId: `input-${nextSerial()}`, password: secret() },
      expectRefusal: expectProblemShape,
    },
    'admin settings': {
      method: 'PATCH',
      path: `/admin/tenants/${tenant.orgId}`,
      headers: { ...json, authorization: `Bearer ${env.ADMIN_KEY}` },
      valid: { settings: { codeLife: 601, resetUrl: `https://${CANARY}.example/` } },
      expectRefusal: expectProblemShape,
    },
  };
}

function secret(): string {
  return `${CANARY} ${newPassword()}`;
}

async function openVba(tenant: TestTenant, json: Record<string, string>) {
  const user = await makeUser(tenant, { temporary: true });
  const forgetful = await makeUser(tenant);
  const admin = await makeUser(tenant, { role: 'admin' });
  const signedIn = await vbaSignIn(tenant, admin.userId, admin.password);
  const { idToken } = signedIn.body.data.authenticationResult;
  const headers = { ...vbaHeaders(tenant), ...json };
  return {
    'VBA change': {
      path: '/change-temporary-password',
      headers,
      valid: {
        userID: user.userId,
        newPassword: secret(),
        session: await openChallenge(tenant, user),
      },
      expectRefusal: expectVbaShape,
    },
    'VBA confirm': {
      path: '/confirm-forgot-password',
      headers,
      valid: {
        userID: forgetful.userId,
        confirmationCode: await resetCode(tenant, forgetful.userId),
        newPassword: secret(),
      },
      expectRefusal: expectVbaShape,
    },
    'VBA user': {
      path: '/users',
      headers: { ...headers, authorization: `Bearer ${idToken}` },
      valid: { userID: `input-${nextSerial()}`, temporaryPassword: secret() },
      expectRefusal: expectVbaShape,
    },
  };
}

async function openZap(tenant: TestTenant, json: Record<string, string>) {
  const user = await makeUser(tenant, { password: secret() });
  const other = await makeUser(tenant, { password: secret() });
  const forgetful = await makeUser(tenant);
  const admin = await makeUser(tenant, { role: 'admin' });
  const host = `http://${tenant.host}:8787`;
  return {
    'ZAP change': {
      path: `${host}/v1/changePassword`,
      headers: { ...json, authorization: `Bearer ${await zapToken(tenant, user)}` },
      valid: {
        userId: user.userId,
        email: user.email,
        oldPassword: user.password,
        newPassword: secret(),
      },
      expectRefusal: expectZapShape,
    },
    'ZAP login': {
      path: `${host}/v1/login`,
      headers: json,
      valid: { identity: other.email, password: other.password },
      expectRefusal: expectZapShape,
    },
    'ZAP reset': {
      path: `${host}/v1/forgotPassword`,
      headers: json,
      valid: {
        identity: forgetful.username,
        otp: await resetCode(tenant, forgetful.userId),
        newPassword: secret(),
      },
      expectRefusal: expectZapShape,
    },
    'ZAP user': {
      path: `${host}/v1/users`,
      headers: { ...json, authorization: `Bearer ${await zapToken(tenant, admin)}` },
      valid: { username: `input-${nextSerial()}`, email: 'input@mail.example', password: secret() },
      expectRefusal: expectZapShape,
    },
  };
}

async function openZitadel(tenant: TestTenant, json: Record<string, string>) {
  const user = await makeUser(tenant, { password: secret() });
  const other = await makeUser(tenant, { withoutPassword: true });
  // By the user's own token nothing is changed without a proof.
  const own = { ...json, authorization: `Bearer ${await zapToken(tenant, user)}` };
  const service = { ...json, authorization: `Bearer ${tenant.serviceToken}` };
  const newPasswordField = { password: secret(), changeRequired: false };
  return {
    'ZITADEL change by password': {
      path: `/v2/users/${user.userId}/password`,
      headers: own,
      valid: { newPassword: newPasswordField, currentPassword: user.password },
      expectRefusal: expectZitadelShape,
    },
    'ZITADEL change by code': {
      path: `/v2/users/${other.userId}/password`,
      headers: own,
      valid: {
        newPassword: newPasswordField,
        verificationCode: await resetCode(tenant, other.userId),
      },
      expectRefusal: expectZitadelShape,
    },
    'ZITADEL reset': {
      path: `/v2/users/${user.userId}/password_reset`,
      headers: service,
      valid: { returnCode: {} },
      expectRefusal: expectZitadelShape,
    },
  };
}

/** `headers` null: without a content type. */
export function knock(
  door: Door,
  body: BodyInit | null,
  headers: Readonly<Record<string, string>> | null = {},
): Promise<Answer> {
  const { 'content-type': type = '', ...rest } = door.headers;
  const all = headers === null ? rest : { ...rest, 'content-type': type, ...headers };
  return send(door.path, { method: door.method ?? 'POST', headers: all, body });
}

/** Refused in the dialect's shape, at no derivation, with nothing changed, nothing quoted and nothing polluted. */
export async function expectRefused(
  door: Door,
  body: BodyInit | null,
  headers?: Readonly<Record<string, string>> | null,
): Promise<Answer> {
  baseline ??= await readState();
  const derivations = countDerivations();
  const logs = watchLogs();
  const answer = await knock(door, body, headers).finally(logs.stop);
  const before = baseline;
  const state = await readState();
  baseline = state;
  door.expectRefusal(answer, door.path);
  expect(state).toEqual(before);
  expect(countDerivations()).toBe(derivations);
  expectNothingQuoted([answer.text, ...listHeaders(answer), ...logs.lines]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  return answer;
}

/** One test for many values, which names the value that it failed for. */
export async function forEach<T>(
  values: Iterable<readonly [label: string, value: T]>,
  work: (value: T) => Promise<unknown>,
): Promise<void> {
  for (const [label, value] of values) {
    await work(value).catch((error: unknown) => {
      throw new Error(`failed for ${label}`, { cause: error });
    });
  }
}

function listHeaders(answer: Answer): string[] {
  return [...answer.headers].map(([name, value]) => `${name}: ${value}`);
}

function expectNothingQuoted(texts: readonly string[]): void {
  for (const text of texts) expect(text.toLowerCase()).not.toContain('canary');
}

/** The state after the last refusal: nothing else may run between two refusals. */
let baseline: unknown = null;

const COUNTED = {
  tenants: 'count(*) FROM tenant',
  settings: 'group_concat(settings) FROM tenant',
  keys: 'count(*) FROM api_key',
  accounts: 'count(*) FROM account WHERE disabled_at IS NULL',
  names: 'count(*) FROM login_name',
  versions: 'sum(version) FROM credential',
  hashes: 'count(hash) FROM credential',
  challenges: 'count(*) FROM challenge WHERE spent_version IS NULL',
  challengeTries: 'sum(tries) FROM challenge',
  codes: 'count(*) FROM code WHERE spent_version IS NULL',
  codeTries: 'sum(tries) FROM code',
  families: 'count(*) FROM family WHERE revoked_at IS NULL',
  tokens: 'count(*) FROM refresh_token WHERE used_at IS NULL',
  failures: 'sum(reserved - cleared) FROM throttle',
  events: 'count(*) FROM event',
  messages: 'count(*) FROM outbox',
};

const READ_STATE = `SELECT ${Object.entries(COUNTED)
  .map(([name, sql]) => `(SELECT ${sql}) AS ${name}`)
  .join(', ')}`;

/** All that a request could have changed. */
async function readState(): Promise<unknown> {
  return env.DB.prepare(READ_STATE).first();
}
