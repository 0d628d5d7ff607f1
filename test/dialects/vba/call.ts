// One right VBA request and the ways to get it wrong; what every answer in the envelope must show.
import { expect } from 'vitest';
import { type Answer, send } from '../../support/rekey.ts';
import { type TestTenant, vbaHeaders } from '../../support/tenant.ts';

export const ROUTES = [
  '/user-authentication',
  '/user-refresh-tokens',
  '/change-temporary-password',
] as const;

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
  return send(path, { method, headers, ...(bytes === undefined ? {} : { body: bytes }) });
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
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

function expectEnvelope(answer: Answer, status: number): void {
  expect(answer.status).toBe(status);
  expect(Object.keys(answer.body).sort()).toEqual(['data', 'debug', 'error']);
  const activityId = answer.headers.get('x-request-id');
  expect(activityId).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.body.debug).toEqual({ activityID: activityId, activityId });
  expect(answer.headers.get('content-type')).toMatch(/; charset=utf-8$/);
  expect(answer.headers.get('vary')).toBe('Accept');
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
  expect(answer.body.error).toEqual({
    type: expect.stringMatching(/^https:\/\//),
    title,
    status,
    detail: expect.stringMatching(/\S/),
    instance: path,
  });
  return answer.body.error.detail;
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
