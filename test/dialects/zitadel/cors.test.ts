// Pages of any origin may call ZITADEL's paths with a token of their own, and read every answer; no other path is open.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { watchLogs } from '../../support/logs.ts';
import { type Answer, type Env, measure, send } from '../../support/rekey.ts';
import { makeTenant, type TestTenant } from '../../support/tenant.ts';
import { sendRaw } from '../../support/zitadel-doors.ts';

const ORIGIN = 'https://evil.example';
const RPC = '/zitadel.user.v2.UserService/SetPassword';

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

function list(answer: Pick<Answer, 'headers'>, header: string): string[] {
  return (answer.headers.get(header) ?? '').split(',').map((name) => name.trim());
}

/** Never the origin that asked, never with credentials. */
function expectOpen(answer: Pick<Answer, 'headers'>) {
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect([...answer.headers].join()).not.toContain('evil.example');
}

function preflight(path: string, method: string) {
  return measure((on) =>
    send(
      path,
      {
        method: 'OPTIONS',
        headers: {
          origin: ORIGIN,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization, x-evil',
        },
      },
      on,
    ),
  );
}

describe('a preflight', () => {
  it.each([
    ['/v2/users/u/password', 'POST'],
    ['/v2/users/u', 'PATCH'],
    ['/v2/sessions/s', 'DELETE'],
    ['/v2/nothing', 'GET'],
    [RPC, 'POST'],
    ['/zitadel.nothing', 'POST'],
  ])('is answered for %s, without a token and without a database', async (path, method) => {
    const { value: answer, cost } = await preflight(path, method);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expectOpen(answer);
    expect(list(answer, 'access-control-allow-methods')).toContain(method);
    expect(list(answer, 'access-control-allow-headers').sort()).toEqual([
      'accept',
      'accept-language',
      'authorization',
      'connect-protocol-version',
      'connect-timeout-ms',
      'content-type',
      'grpc-timeout',
      'origin',
      'x-grpc-web',
      'x-requested-with',
      'x-user-agent',
      'x-zitadel-orgid',
    ]);
    expect(answer.headers.get('access-control-max-age')).toBe('7200');
    expect(cost).toMatchObject({ trips: 0, links: 0 });
  });

  it.each([
    '/v1/changePassword',
    '/user-authentication',
    '/change-temporary-password',
    '/admin/tenants',
    '/v2x',
  ])('opens nothing else: %s', async (path) => {
    const { value: answer } = await preflight(path, 'POST');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect([...answer.headers.keys()].join()).not.toContain('access-control');
  });
});

describe('an answer can be read', () => {
  const bearer = () => ({ authorization: `Bearer ${tenant.serviceToken}` });
  const json = { 'content-type': 'application/json' };
  const large = 'x'.repeat(16_385);

  it.each<[string, number, string, () => RequestInit]>([
    [
      'no token',
      401,
      '/v2/users/u/password',
      () => ({ method: 'POST', headers: json, body: '{}' }),
    ],
    [
      'an unknown user',
      404,
      '/v2/users/nobody/password',
      () => ({
        method: 'POST',
        headers: { ...json, ...bearer() },
        body: '{"newPassword":{"password":"a password that is long"}}',
      }),
    ],
    ['no such path', 404, '/v2/nothing', () => ({ method: 'GET' })],
    ['no such method', 405, '/v2/users/u/password', () => ({ method: 'GET' })],
    ['a body too large', 413, '/v2/users/u/password', () => ({ method: 'POST', body: large })],
    ['a wrong content type', 415, RPC, () => ({ method: 'POST', body: '{}' })],
    [
      'no such path, over Connect',
      404,
      '/zitadel.nothing',
      () => ({ method: 'POST', headers: json }),
    ],
    [
      'a body too large, over Connect',
      429,
      RPC,
      () => ({ method: 'POST', headers: json, body: large }),
    ],
    [
      'anything over gRPC-Web',
      200,
      RPC,
      () => ({
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web-text' },
        body: '',
      }),
    ],
  ])('that tells of %s', async (_, status, path, init) => {
    const { headers, ...rest } = init();
    const answer = await sendRaw(path, { ...rest, headers: { ...headers, origin: ORIGIN } });
    expect(answer.status).toBe(status);
    expectOpen(answer);
    expect(list(answer, 'access-control-expose-headers').sort()).toEqual([
      'content-length',
      'grpc-message',
      'grpc-status',
      'grpc-status-details-bin',
      'location',
      'retry-after',
      'server-timing',
      'www-authenticate',
      'x-request-id',
    ]);
  });

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
        headers: { ...json, ...bearer(), origin: ORIGIN },
        body: '{"newPassword":{"password":"a password that is long"}}',
      },
      { ...(env as unknown as Env), DB: broken },
    );
    logs.stop();
    expect(answer.status).toBe(500);
    expectOpen(answer);
  });
});
