// What VBA asks of the headers of every request, and how it answers by Accept.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  BODIES,
  type Call,
  CLIENT_ROUTES,
  call,
  callAs,
  expectChallenge,
  expectData,
  expectError,
  expectMessage,
  expectNothing,
  expectTokens,
  MEMBER_ROUTES,
  MFA_ROUTES,
  refillBuckets,
  signIn,
  TENANT_HEADERS,
  userPath,
} from './call.ts';

let tenant: t.TestTenant;
let idToken: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  idToken = (await signIn(tenant, await t.makeUser(tenant))).idToken;
});

beforeEach(refillBuckets);

function isOf(routes: readonly string[], path: string): boolean {
  return routes.includes(path.replace('/vbasoftware', ''));
}

function proofFor(route: string): NonNullable<Call['headers']> {
  if (isOf(MEMBER_ROUTES, route)) return { authorization: `Bearer ${idToken}` };
  if (route === '/user-authentication') return { authorization: t.basic('nobody', 'wrong words') };
  return route === '/user-refresh-tokens'
    ? { 'expired-id-token': 'a.b.c', 'refresh-token': 'none' }
    : {};
}

/** A request to any of the routes that only its headers can spoil before it comes to the user. */
function callWith(path: string, headers: Call['headers']) {
  const route = path.replace('/vbasoftware', '');
  return call(tenant, path, {
    headers: { ...proofFor(route), ...headers },
    ...(BODIES[route] === undefined ? {} : { body: BODIES[route] }),
  });
}

const withPrefix = (routes: readonly string[]) =>
  routes.flatMap((route) => [route, `/vbasoftware${route}`]);

describe.each(withPrefix([...CLIENT_ROUTES, ...MEMBER_ROUTES, ...MFA_ROUTES]))('%s', (path) => {
  const challenge = isOf(CLIENT_ROUTES, path)
    ? 'Basic realm="vba", charset="UTF-8"'
    : 'Bearer realm="vba"';

  it.each([
    ['no', null],
    ['an empty', ''],
  ])('refuses %s User-Agent', async (_, value) => {
    const detail = expectError(await callWith(path, { 'user-agent': value }), 403, path);
    expect(detail).toMatch(/user-agent/i);
  });

  it.each([
    ['no', null],
    ['an empty', ''],
  ])('refuses %s x-api-key, and says what is asked for', async (_, value) => {
    const answer = await callWith(path, { 'x-api-key': value });
    expectError(answer, 401, path);
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const answer = await call(tenant, path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    if (method !== 'HEAD') expectError(answer, 405, path);
  });

  it('refuses a body over 16 KiB, with a length and without', async () => {
    const body = new Uint8Array(16 * 1024 + 1).fill(0x20);
    for (const headers of [{}, { 'content-length': String(body.length) }]) {
      expectError(await call(tenant, path, { body, headers }), 413, path);
    }
  });
});

describe.each(withPrefix([...CLIENT_ROUTES, ...MEMBER_ROUTES]))('%s', (path) => {
  it('refuses an unknown x-api-key, and one given twice', async () => {
    const unknown = 'rk_db_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    expectError(await callWith(path, { 'x-api-key': unknown }), 401, path);
    expectError(await callWith(path, { 'x-api-key': [tenant.apiKey, tenant.apiKey] }), 401, path);
  });

  const headers = isOf(CLIENT_ROUTES, path) ? TENANT_HEADERS : (['vbasoftware-database'] as const);
  it.each(headers)('refuses a request whose %s is not there once', async (header) => {
    const right = t.vbaHeaders(tenant)[header] ?? '';
    const wrong = [null, '', '  ', [right, right], [right, 'another'], `${right},${right}`];
    for (const value of wrong) {
      const detail = expectError(await callWith(path, { [header]: value }), 400, path);
      expect(detail).toContain(header);
      for (const other of TENANT_HEADERS) {
        if (other !== header) expect(detail).not.toContain(other);
      }
    }
  });
});

describe.each(withPrefix(CLIENT_ROUTES))('%s', (path) => {
  it('gets as far as its work with the right headers', async () => {
    // This tenant sends nothing, and says so before it looks for the user.
    const isForgotten = path.endsWith('/forgot-password');
    expectError(await callWith(path, {}), isForgotten ? 501 : 401, path);
  });

  it('names every tenant header that is missing', async () => {
    const none = Object.fromEntries(TENANT_HEADERS.map((header) => [header, null]));
    const detail = expectError(await callWith(path, none), 400, path);
    for (const header of TENANT_HEADERS) expect(detail).toContain(header);
  });
});

it.each(withPrefix(MFA_ROUTES))('%s is told to be missing, at no trip', async (path) => {
  for (const body of [undefined, '{', { code: '123456' }]) {
    const answer = await call(tenant, path, { body });
    expectError(answer, 501, path);
    expect(answer.headers.get('server-timing')).toBe('trips;desc="0", links;desc="0"');
  }
});

it('reads a body of exactly 16 KiB', async () => {
  const path = '/change-temporary-password';
  const text = JSON.stringify({ userID: 'nobody', newPassword: 'some words', session: 'none' });
  const answer = await call(tenant, path, { body: text.padEnd(16 * 1024) });
  expectError(answer, 401, path);
});

describe('a path that no route knows', () => {
  it.each([
    '/',
    '/nowhere',
    '/vbasoftware',
    '/vbasoftware/nowhere',
    '/user-authentication/more',
    '/change-temporary-password/',
    '/vbasoftware/vbasoftware/user-authentication',
    '/users/somebody',
    '/users//change-password',
    '/users/some/body/change-password',
    '/users/somebody/change-password/',
    '/user/somebody/change-password',
  ])('refuses %s in the envelope', async (path) => {
    expectError(await call(tenant, path), 404, path);
    expectError(await send(path), 404, path);
  });
});

it('makes the activity id itself', async () => {
  const chosen = '11111111-2222-4333-8444-555555555555';
  const answer = await callWith('/user-authentication', {
    'x-request-id': chosen,
    'cf-ray': chosen,
  });
  expectError(answer, 401, '/user-authentication');
  expect(answer.headers.get('x-request-id')).not.toBe(chosen);
});

describe('the instance of an error', () => {
  it('is the path without its query', async () => {
    const answer = await call(tenant, '/user-authentication?password=secret');
    expectError(answer, 401, '/user-authentication');
    expect(answer.text).not.toContain('secret');
  });
});

describe('the media type of an answer', () => {
  it.each([
    [null, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['text/plain', 'text/plain'],
    ['text/json', 'text/json'],
    ['TEXT/Plain', 'text/plain'],
    ['text/plain; charset=utf-8', 'text/plain'],
    ['text/*', 'text/plain'],
    ['application/*', 'application/json'],
    ['application/json, text/plain, */*', 'application/json'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    ['text/html, text/plain;q=0.5', 'text/plain'],
    ['text/plain;q=0.5, application/json;q=0.4', 'text/plain'],
    ['application/json;q=0.4, text/plain;q=0.5', 'text/plain'],
    ['text/json;q=0.9, text/plain;q=0.8, */*;q=0.1', 'text/json'],
    ['text/plain;q=0.1, text/*;q=0.9, application/json;q=0.2', 'text/json'],
    ['application/json;q=0, */*', 'text/plain'],
    ['text/plain;q=0, */*;q=0.1', 'application/json'],
    ['application/json;q=0, text/plain;q=0, */*', 'text/json'],
    ['image/png', 'application/json'],
    ['application/xml, text/html', 'application/json'],
    ['text/plain;q=0', 'application/json'],
    ['application/grpc', 'application/json'],
    ['no media type at all', 'application/json'],
    [', ,', 'application/json'],
  ])('by Accept "%s" is %s', async (accept, type) => {
    const answer = await call(tenant, '/user-authentication', {
      headers: { accept, 'x-api-key': null },
    });
    expectError(answer, 401, '/user-authentication');
    expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
  });

  it.each(['text/plain', 'application/json', 'text/json'])(
    'is %s for what succeeds too, and the text stays JSON',
    async (accept) => {
      const user = await t.makeUser(tenant, { temporary: true });
      const authorization = t.basic(user.userId, user.password);
      const signedIn = await call(tenant, '/user-authentication', {
        headers: { accept, authorization },
      });
      const session = expectChallenge(signedIn);
      const changed = await call(tenant, '/change-temporary-password', {
        headers: { accept },
        body: { userID: user.userId, newPassword: t.newPassword(), session },
      });
      const { idToken, refreshToken } = expectTokens(changed);
      const refreshed = await call(tenant, '/user-refresh-tokens', {
        headers: { accept, 'expired-id-token': idToken, 'refresh-token': refreshToken },
      });
      expectTokens(refreshed);
      const admin = await signIn(tenant, await t.makeUser(tenant, { role: 'admin' }));
      const headers = { accept };
      const disabled = await callAs(tenant, admin, userPath(user.userId, 'admin-disable'), {
        headers,
      });
      expectMessage(disabled);
      const userID = `made-${t.nextSerial()}`;
      const made = await callAs(tenant, admin, '/users', { headers, body: { userID } });
      expectData(made, 201);
      const taken = await callAs(tenant, admin, '/users', { headers, body: { userID } });
      expectError(taken, 409, '/users');
      const unsent = await call(tenant, '/forgot-password', { headers, body: { userID } });
      expectError(unsent, 501, '/forgot-password');
      for (const answer of [signedIn, changed, refreshed, disabled, made, taken, unsent]) {
        expect(answer.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
      }
      expectNothing(await callAs(tenant, admin, '/logout', { headers }));
    },
  );

  it.each(['text/plain', 'text/json'])('is %s where the app itself refuses', async (accept) => {
    const type = `${accept}; charset=utf-8`;
    const unknown = await call(tenant, '/nowhere', { headers: { accept } });
    expect(unknown.headers.get('content-type')).toBe(type);
    const large = await call(tenant, '/change-temporary-password', {
      headers: { accept },
      body: new Uint8Array(20_000),
    });
    expect(large.status).toBe(413);
    expect(large.headers.get('content-type')).toBe(type);
  });
});
