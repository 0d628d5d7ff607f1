// Pages of the origins that the operator lists for a host may call its paths, and read every answer. No other page may,
// and the operator's own paths are no page's at all.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { watchLogs } from './support/logs.ts';
import { type Answer, type Env, measure, ORIGIN, send } from './support/rekey.ts';
import * as t from './support/tenant.ts';
import { sendRaw } from './support/zitadel-doors.ts';

const LISTED = 'https://app.example';
const RPC = '/zitadel.user.v2.UserService/SetPassword';
const EU = 'http://t1.eu.localhost:8787';

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

function list(answer: Pick<Answer, 'headers'>, header: string): string[] {
  return (answer.headers.get(header) ?? '').split(',').map((name) => name.trim());
}

/** Never with credentials: what a page may do is worth what it brings itself. */
function expectOpen(answer: Pick<Answer, 'headers'>, origin = LISTED) {
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect(list(answer, 'vary')).toContain('Origin');
}

function expectShut(answer: Pick<Answer, 'headers'>) {
  expect([...answer.headers.keys()].join()).not.toContain('access-control');
  expect([...answer.headers].join()).not.toContain('evil');
}

function preflight(path: string, method: string, origin = LISTED, more = {}) {
  const headers = {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization, x-evil',
    ...more,
  };
  return measure((on) => send(path, { method: 'OPTIONS', headers }, on));
}

const TENANCY = ['vbasoftware-client-code', 'vbasoftware-client-id', 'vbasoftware-database'];
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  vba: [
    ...['accept', 'authorization', 'content-type', 'expired-id-token', 'refresh-token'],
    ...[...TENANCY, 'x-api-key'],
  ],
  zap: ['accept', 'authorization', 'content-type', ...TENANCY],
  zitadel: [
    ...['accept', 'accept-language', 'authorization', 'connect-protocol-version'],
    ...['connect-timeout-ms', 'content-type', 'grpc-timeout', 'x-grpc-web', 'x-requested-with'],
    ...['x-user-agent', 'x-zitadel-orgid'],
  ],
};

const PATHS: readonly [string, string, string][] = [
  ['vba', '/user-authentication', 'POST'],
  ['vba', '/vbasoftware/users/u/change-password', 'POST'],
  ['vba', '/nothing', 'POST'],
  ['zap', '/v1/changePassword', 'POST'],
  ['zap', '/api/v1/users/u/', 'DELETE'],
  ['zitadel', '/v2/users/u/password', 'POST'],
  ['zitadel', '/v2/users/u', 'PATCH'],
  ['zitadel', '/v2/nothing', 'GET'],
  ['zitadel', RPC, 'POST'],
  ['zitadel', '/zitadel.nothing', 'POST'],
];

describe('a preflight', () => {
  it.each(PATHS)('of a listed page is answered without a database: %s, %s', async (...row) => {
    const [dialect, path, method] = row;
    const { value: answer, cost } = await preflight(path, method);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expectOpen(answer);
    expect(list(answer, 'access-control-allow-methods')).toContain(method);
    expect(list(answer, 'access-control-allow-headers').sort()).toEqual(HEADERS[dialect]);
    expect(answer.headers.get('access-control-max-age')).toBe('7200');
    expect(cost).toMatchObject({ trips: 0, links: 0 });
  });

  it.each(PATHS)('of another page is a method that is not there: %s, %s', async (...row) => {
    const [, path, method] = row;
    const { value: answer } = await preflight(path, method, 'https://evil.example');
    expect([404, 405]).toContain(answer.status);
    expectShut(answer);
    expect(list(answer, 'vary')).toContain('Origin');
  });

  it.each(['/admin/tenants', '/healthz', '/.well-known/jwks.json'])(
    'opens what is the operator’s or nobody’s to no page: %s',
    async (path) => {
      for (const method of ['GET', 'POST']) expectShut((await preflight(path, method)).value);
    },
  );

  it('costs nothing, however much it asks for', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `x-evil-${i}`).join(',');
    const more = { 'access-control-request-headers': names };
    const { value: answer } = await preflight(RPC, 'POST', LISTED, more);
    expect(answer.status).toBe(204);
    expect([...answer.headers].join()).not.toContain('evil');
  });
});

describe('a page is listed by its whole origin', () => {
  it.each([LISTED, 'http://localhost:3000'])('%s', async (origin) => {
    expectOpen((await preflight(RPC, 'POST', origin)).value, origin);
  });

  it.each([
    'null',
    'https://evil.example',
    'https://app.example.evil.example',
    'https://evilapp.example',
    'https://evil.app.example',
    'http://app.example',
    'https://app.example:444',
    'https://app.example:443',
    'https://app.example/',
    'HTTPS://APP.EXAMPLE',
    'https://app.example https://evil.example',
    'https://app.example, https://evil.example',
    'http://localhost',
    'http://localhost:3001',
    'https://localhost:3000',
    '*',
    '',
    'https://eu.example',
  ])('and not as %j', async (origin) => {
    const { value } = await preflight(RPC, 'POST', origin);
    expectShut(value);
    expectShut(await send('/v2/users/u/password', { method: 'POST', headers: { origin } }));
  });

  it('for the host that it calls', async () => {
    const path = `${EU}/v2/users/u/password`;
    expectOpen((await preflight(path, 'POST', 'https://eu.example')).value, 'https://eu.example');
    expectShut((await preflight(path, 'POST', LISTED)).value);
    const forged = { 'x-forwarded-host': 't1.eu.localhost', forwarded: 'host=t1.eu.localhost' };
    const { value } = await preflight(`${ORIGIN}/v2/x`, 'GET', 'https://eu.example', forged);
    expectShut(value);
  });

  it('and none is where the deployment lists none', async () => {
    const on = { ...(env as unknown as Env), ORIGINS: undefined };
    const headers = { origin: LISTED, 'access-control-request-method': 'POST' };
    for (const [, path] of PATHS) {
      for (const method of ['OPTIONS', 'POST']) {
        expectShut(await send(path, { method, headers }, on));
      }
    }
  });
});

describe('an answer can be read by a listed page', () => {
  const bearer = () => ({ authorization: `Bearer ${tenant.serviceToken}` });
  const json = { 'content-type': 'application/json' };
  const large = 'x'.repeat(16_385);
  const EXPOSED = ['retry-after', 'server-timing', 'www-authenticate', 'x-request-id'];
  const ZITADEL = [
    ...['content-length', 'grpc-message', 'grpc-status', 'grpc-status-details-bin'],
    ...EXPOSED,
  ];
  const VBA = ['ratelimit', 'ratelimit-policy', ...EXPOSED];
  const post = (headers: object, body: string) => ({
    method: 'POST',
    headers: { ...headers },
    body,
  });

  it.each<[string, number, string, readonly string[], () => RequestInit]>([
    ['no token', 401, '/v2/users/u/password', ZITADEL, () => post(json, '{}')],
    [
      'an unknown user',
      404,
      '/v2/users/nobody/password',
      ZITADEL,
      () =>
        post({ ...json, ...bearer() }, '{"newPassword":{"password":"a password that is long"}}'),
    ],
    ['no such path', 404, '/v2/nothing', ZITADEL, () => ({ method: 'GET' })],
    ['no such method', 405, '/v2/users/u/password', ZITADEL, () => ({ method: 'GET' })],
    ['a body too large', 413, '/v2/users/u/password', ZITADEL, () => post({}, large)],
    ['a wrong content type', 415, RPC, ZITADEL, () => post({}, '{}')],
    ['no such path, over Connect', 404, '/zitadel.nothing', ZITADEL, () => post(json, '')],
    ['a body too large, over Connect', 429, RPC, ZITADEL, () => post(json, large)],
    [
      'anything over gRPC-Web',
      200,
      RPC,
      ZITADEL,
      () => post({ 'content-type': 'application/grpc-web-text' }, ''),
    ],
    ['no user agent', 403, '/user-authentication', VBA, () => post(json, '{}')],
    ['no such path of VBA’s', 404, '/nothing', VBA, () => ({ method: 'GET' })],
    [
      'a sign-in that is refused',
      401,
      '/user-authentication',
      VBA,
      () => post({ ...t.vbaHeaders(tenant), authorization: t.basic('nobody', 'x') }, ''),
    ],
    ['no token of ZAP’s', 401, '/v1/changePassword', EXPOSED, () => post(json, '{}')],
    ['a login that is refused', 401, '/v1/login', EXPOSED, () => post(json, LOGIN)],
    ['a body of ZAP’s too large', 413, '/v1/login', EXPOSED, () => post(json, large)],
  ])('that tells of %s', async (_, status, path, exposed, init) => {
    const { headers, ...rest } = init();
    const answer = await sendRaw(path, { ...rest, headers: { ...headers, origin: LISTED } });
    expect(answer.status).toBe(status);
    expectOpen(answer);
    expect(list(answer, 'access-control-expose-headers').sort()).toEqual(exposed);
  });

  const LOGIN = '{"identity":"nobody","password":"x"}';

  it.each(['/user-authentication', '/v1/login', '/v2/sessions', RPC])(
    'that tells of too much from one source: %s',
    async (path) => {
      const limiter = { limit: async () => ({ success: false }) };
      const on = { ...(env as unknown as Env), SOURCE_LIMIT: limiter };
      const headers = { ...json, origin: LISTED, 'cf-connecting-ip': '192.0.2.1' };
      const answer = await send(path, { method: 'POST', headers }, on);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
      expectOpen(answer);
      expect(list(answer, 'access-control-expose-headers')).toContain('retry-after');
    },
  );

  it('that tells of a bug', async () => {
    const broken = {
      prepare: () => {
        throw new TypeError('broken');
      },
    };
    const logs = watchLogs();
    const answer = await send(
      '/v2/users/u/password',
      {
        method: 'POST',
        headers: { ...json, ...bearer(), origin: LISTED },
        body: '{"newPassword":{"password":"a password that is long"}}',
      },
      { ...(env as unknown as Env), DB: broken },
    );
    logs.stop();
    expect(answer.status).toBe(500);
    expectOpen(answer);
  });
});

it('what VBA negotiates by is told beside the origin', async () => {
  const answer = await send('/user-authentication', {
    method: 'POST',
    headers: { origin: LISTED },
  });
  expect(list(answer, 'vary').sort()).toEqual(['Accept', 'Origin']);
});
