// One right VBA request and the ways to get it wrong; what every answer in the envelope must show.
import { env } from 'cloudflare:workers';
import { expect } from 'vitest';
import { type Answer, type Env, send } from '../../support/rekey.ts';
import { type TestTenant, type TestUser, vbaHeaders, vbaSignIn } from '../../support/tenant.ts';

/** Before the sign-in: they ask for an API key and the three tenant headers. */
export const CLIENT_ROUTES = [
  '/user-authentication',
  '/user-refresh-tokens',
  '/change-temporary-password',
  '/forgot-password',
  '/confirm-forgot-password',
] as const;

/** Of an administrator, about a user. */
export const ADMIN_STEPS = ['admin-reset-password', 'admin-disable', 'admin-enable'] as const;

/** After the sign-in: they ask for an API key, an ID token and the database. */
export const MEMBER_ROUTES = [
  '/logout',
  '/kick',
  '/users',
  '/users/nobody/change-password',
  ...ADMIN_STEPS.map((step) => `/users/nobody/${step}`),
] as const;

/** Not there yet. */
export const MFA_ROUTES = ['/mfa-setup', '/mfa-verify-setup', '/mfa-disable'] as const;

/** A right body for each route that reads one. */
export const BODIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/change-temporary-password': {
    userID: 'nobody',
    newPassword: 'violet harbour at dawn',
    session: 'none',
  },
  '/forgot-password': { userID: 'nobody' },
  '/confirm-forgot-password': {
    userID: 'nobody',
    confirmationCode: '12345678',
    newPassword: 'violet harbour at dawn',
  },
  '/users': { userID: 'nobody', temporaryPassword: 'violet harbour at dawn' },
  '/users/nobody/change-password': {
    currentPassword: 'violet harbour at dusk',
    newPassword: 'violet harbour at dawn',
  },
};

export const TENANT_HEADERS = [
  'vbasoftware-client-id',
  'vbasoftware-client-code',
  'vbasoftware-database',
] as const;

type Changes = Readonly<Record<string, string | null | readonly string[]>>;

export interface Call {
  readonly method?: string;
  /** Laid over the right headers: null leaves one out, a list sends it as often. */
  readonly headers?: Changes;
  /** Text and bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly on?: Env;
}

export function call(tenant: TestTenant, path: string, options: Call = {}): Promise<Answer> {
  const { method = 'POST', body } = options;
  const bytes = body === undefined ? undefined : toBytes(body);
  const headers = layHeaders(
    {
      ...vbaHeaders(tenant),
      ...(bytes === undefined ? {} : { 'content-type': 'application/json' }),
    },
    options.headers ?? {},
  );
  const init = { method, headers, ...(bytes === undefined ? {} : { body: bytes }) };
  return send(path, init, options.on);
}

/** After the sign-in, as the vendor has it: the ID token, and of the tenant headers the database alone. */
export function callAs(
  tenant: TestTenant,
  { idToken }: Pick<Tokens, 'idToken'>,
  path: string,
  options: Call = {},
): Promise<Answer> {
  const headers = {
    'vbasoftware-client-id': null,
    'vbasoftware-client-code': null,
    authorization: `Bearer ${idToken}`,
    ...options.headers,
  };
  return call(tenant, path, { ...options, headers });
}

export async function signIn(tenant: TestTenant, user: TestUser): Promise<Tokens> {
  return expectTokens(await vbaSignIn(tenant, user.userId, user.password));
}

export function userPath(userId: string, step: string): string {
  return `/users/${encodeURIComponent(userId)}/${step}`;
}

/** As if no key had been used: tests are faster than clients may be, and some are ahead of their time. */
export async function refillBuckets(): Promise<void> {
  for (const database of [env.DB, env.DB_EU]) {
    await database.prepare('UPDATE api_key SET paced_at = 0').run();
  }
}

/** Bytes: text would bring a content type along. */
export function toBytes(body: unknown): Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return new Uint8Array(
    new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
  );
}

function layHeaders(right: Record<string, string>, changes: Changes): Headers {
  const headers = new Headers(right);
  for (const [name, value] of Object.entries(changes)) {
    headers.delete(name);
    const values = typeof value === 'string' ? [value] : (value ?? []);
    for (const each of values) headers.append(name, each);
  }
  return headers;
}

const PHRASES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

function expectEnvelope(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(Object.keys(answer.body).sort()).toEqual(['data', 'debug', 'error']);
  const activityId = answer.headers.get('x-request-id');
  expect(activityId).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.body.debug).toEqual({ activityID: activityId, activityId });
  expect(answer.headers.get('content-type')).toMatch(/; charset=utf-8$/);
  expect(answer.headers.get('vary')).toBe('Accept, Origin');
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** Gives the data. */
export function expectData(answer: Answer, status: 200 | 201): Record<string, unknown> {
  expectEnvelope(answer, status);
  expect(answer.body.error).toBeNull();
  return answer.body.data;
}

/** A text for people, and nothing beside it: no token above all. */
export function expectMessage(answer: Answer): string {
  const data = expectData(answer, 200);
  expect(data).toEqual({ message: expect.stringMatching(/^[A-Z].*\.$/) });
  return String(data['message']);
}

/** Done, without a body, and so without a type. */
export function expectNothing(answer: Answer): void {
  expect(answer.status).toBe(204);
  expect(answer.text).toBe('');
  expect(answer.headers.get('content-type')).toBeNull();
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** The whole failure envelope; gives its detail. */
export function expectError(
  answer: Answer,
  status: number,
  path: string,
  title = PHRASES[status],
): string {
  expectEnvelope(answer, status);
  expect(answer.body.data).toBeNull();
  const { violations, ...error } = answer.body.error;
  expect(error).toEqual({
    type: expect.stringMatching(/^https:\/\//),
    title,
    status,
    detail: expect.stringMatching(/\S/),
    instance: path,
  });
  if (violations !== undefined) {
    const details = violations.map(({ detail }: { detail: string }) => detail);
    expect([status, error.detail]).toEqual([400, details.join(' ')]);
  }
  return error.detail;
}

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

/** The whole AuthResponse with tokens, and nothing beside it; gives the tokens. */
export function expectTokens(answer: Answer): Tokens {
  expectEnvelope(answer, 200);
  expect(answer.body.error).toBeNull();
  expect(answer.body.data).toEqual({
    challengeName: null,
    session: null,
    authenticationResult: {
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      idToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refreshToken: expect.stringMatching(/\S/),
      expiresIn: expect.any(Number),
    },
  });
  return answer.body.data.authenticationResult;
}

/** The whole AuthResponse of a challenge; gives its session. */
export function expectChallenge(answer: Answer): string {
  expectEnvelope(answer, 200);
  expect(answer.body.error).toBeNull();
  expect(answer.body.data).toEqual({
    challengeName: 'NEW_PASSWORD_REQUIRED',
    session: expect.stringMatching(/\S/),
    authenticationResult: null,
  });
  return answer.body.data.session;
}
