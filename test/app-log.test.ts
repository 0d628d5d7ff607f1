// What the log says of a request: one line when it is answered, of listed fields, and nothing that the request brought.
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../src/log.ts';
import { makeFaultyEnv } from './support/faulty.ts';
import { type Logs, watchLogs } from './support/logs.ts';
import { type Answer, type Env, ORIGIN, send } from './support/rekey.ts';
import * as t from './support/tenant.ts';

const REQUEST_FIELDS = [
  'level',
  'activityId',
  'dialect',
  'method',
  'route',
  'status',
  'milliseconds',
  'trips',
  'links',
  'tenantId',
  'refusal',
];

let tenant: t.TestTenant;
let user: t.TestUser;
let logs: Logs;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
});

beforeEach(() => {
  logs = watchLogs();
});

afterEach(() => {
  logs.stop();
});

/** The one line of the one request since the logs are watched. */
function readLine(answer: Pick<Answer, 'headers'>): LogLine {
  const lines = logs.infos() as LogLine[];
  expect(lines).toHaveLength(1);
  const [line] = lines;
  expect(Object.keys(line ?? {})).toEqual(REQUEST_FIELDS);
  expect(line?.activityId).toBe(answer.headers.get('x-request-id'));
  expect(Number.isInteger(line?.milliseconds)).toBe(true);
  expect(line?.milliseconds).toBeGreaterThanOrEqual(0);
  return line ?? { level: 'info' };
}

const json = { 'content-type': 'application/json' };

/** What is sent, and what the line says of it. `whose`: whether it is told whose the caller is. */
const REQUESTS: [
  what: string,
  knock: () => Promise<Answer>,
  line: Omit<LogLine, 'level'>,
  whose: boolean,
][] = [
  [
    'a sign-in by VBA',
    () => t.vbaSignIn(tenant, user.userId, user.password),
    { dialect: 'vba', route: '/user-authentication', status: 200, trips: 2, links: 6 },
    true,
  ],
  [
    'a wrong password at VBA',
    () => t.vbaSignIn(tenant, user.userId, t.newPassword()),
    { dialect: 'vba', status: 401, trips: 2, links: 6, refusal: 'proof-refused' },
    true,
  ],
  [
    'an unknown user at ZAP',
    () => t.zapLogin(tenant, 'nobody@mail.example', t.newPassword()),
    { dialect: 'zap', route: '/v1/login', trips: 2, links: 6, refusal: 'proof-refused' },
    true,
  ],
  [
    'a host of nobody',
    () => t.zapLogin({ ...tenant, host: 'other.localhost' }, user.email, user.password),
    { dialect: 'zap', route: '/v1/login', trips: 1, links: 0, refusal: 'caller-refused' },
    false,
  ],
  [
    'a key without the scope at ZITADEL',
    () =>
      t.zitadelChange(tenant.apiKey, user.userId, { newPassword: { password: 'x'.repeat(20) } }),
    { dialect: 'zitadel', route: '/v2/users/:user_id/password', refusal: 'not-permitted' },
    true,
  ],
  [
    'a message that breaks a rule over Connect',
    () =>
      send('/zitadel.user.v2.UserService/SetPassword', {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${tenant.serviceToken}` },
        body: '{"userId":7}',
      }),
    {
      dialect: 'zitadel',
      route: '/zitadel.user.v2.UserService/SetPassword',
      status: 400,
      trips: 0,
      refusal: null,
    },
    false,
  ],
  [
    'a search over ZITADEL',
    () =>
      send('/v2/users', {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${tenant.readerToken}` },
        body: '{}',
      }),
    { dialect: 'zitadel', route: '/v2/users', status: 200, trips: 1, refusal: null },
    true,
  ],
  [
    'the operator',
    () => t.admin('GET', `/tenants/${tenant.orgId}/users/nobody`),
    {
      dialect: 'admin',
      method: 'GET',
      route: '/admin/tenants/:orgId/users/:userId',
      status: 404,
      refusal: 'not-found',
    },
    false,
  ],
  [
    'a shut door',
    () => send('/admin/tenants', { method: 'POST' }),
    { dialect: 'admin', route: '/admin/tenants', status: 401, trips: 0, refusal: null },
    false,
  ],
  [
    'a door that is none',
    () => send('/admin/nothing'),
    { dialect: 'admin', method: 'GET', route: '/admin/*', status: 401 },
    false,
  ],
  [
    'a route that is not there yet',
    () => send('/v1/2fa/enable', { method: 'POST' }),
    { dialect: 'zap', route: '/v1/2fa/*', status: 501 },
    false,
  ],
  [
    'a path of nobody',
    () => send('/nothing/of/this', { method: 'POST' }),
    { dialect: 'vba', route: 'unmatched', status: 404 },
    false,
  ],
  [
    'a wrong method',
    () => send('/v2/users/new', { method: 'PUT' }),
    { dialect: 'zitadel', method: 'PUT', route: '/v2/users/new', status: 405 },
    false,
  ],
  [
    'a body that is too large',
    () => send('/v1/login', { method: 'POST', headers: json, body: 'x'.repeat(20_000) }),
    { dialect: 'zap', route: '/v1/login', status: 413, trips: 0 },
    false,
  ],
  [
    'a request in the clear',
    () => send('http://rekey.example/v1/login', { method: 'POST' }),
    { dialect: 'zap', route: '/v1/login', status: 403 },
    false,
  ],
  [
    'a preflight',
    () =>
      send(
        '/v2/users/u/password',
        { method: 'OPTIONS', headers: { origin: ORIGIN, 'access-control-request-method': 'POST' } },
        { ...(env as unknown as Env), ORIGINS: `*=${ORIGIN}` },
      ),
    { dialect: 'zitadel', method: 'OPTIONS', route: '/v2/users/:user_id/password', status: 204 },
    false,
  ],
  [
    'the health',
    () => send('/healthz', { method: 'HEAD' }),
    { dialect: 'common', method: 'HEAD', route: '/healthz', status: 200, trips: 0, links: 0 },
    false,
  ],
];

describe('one line tells of', () => {
  it.each(REQUESTS)('%s', async (_, knock, expected, whose) => {
    const answer = await knock();
    const line = readLine(answer);
    expect(logs.lines).toHaveLength(1);
    const tenantId = whose ? tenant.orgId : null;
    const status = answer.status;
    expect(line).toMatchObject({ level: 'info', method: 'POST', status, tenantId, ...expected });
  });

  it('whoever must wait', async () => {
    const locked = await t.makeUser(tenant);
    for (let guess = 0; guess < 12; guess += 1) {
      await t.vbaSignIn(tenant, locked.userId, t.newPassword());
    }
    logs.stop();
    logs = watchLogs();
    const line = readLine(await t.vbaSignIn(tenant, locked.userId, locked.password));
    expect(line).toMatchObject({ status: 429, links: 0, refusal: 'throttled' });
  });

  it('a bug, after the line that tells where', async () => {
    const { on } = makeFaultyEnv({ kind: 'at-statement', batch: 0, statement: 0 });
    const answer = await t.zapLogin(tenant, user.email, user.password, on);
    const { activityId } = readLine(answer);
    expect(logs.lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'error', activityId, dialect: 'zap', error: 'Error' },
      { level: 'info', activityId, route: '/v1/login', status: 500, trips: 1, refusal: null },
    ]);
  });

  it('a bug whose message looks like a place in the code', async () => {
    const broken = () => {
      throw new TypeError('it broke\n    at canary (canary.ts:1:1)');
    };
    const DB = { prepare: broken, batch: broken };
    const answer = await t.zapLogin(tenant, user.email, user.password, { ...env, DB } as never);
    expect(answer.status).toBe(500);
    expect(logs.troubles()).toMatchObject([
      { error: 'TypeError', at: expect.stringMatching(/^at .*broken/) },
    ]);
    expect(logs.lines.join()).not.toContain('canary');
  });

  it('each of many at once, under its own id', async () => {
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send('/healthz')));
    const ids = (logs.infos() as LogLine[]).map(({ activityId }) => activityId);
    const told = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(ids.sort()).toEqual(told.sort());
    expect(new Set(ids).size).toBe(5);
  });
});

describe('nothing that a request brings is in its line', () => {
  const CANARY = 'canary-4711';
  const BROKEN = `${CANARY}"}\r\n{"level":"error","canary":"`;
  const escaped = encodeURIComponent(BROKEN);
  const body = JSON.stringify({ userID: BROKEN, identity: BROKEN, password: BROKEN, [BROKEN]: 1 });
  const headers = {
    'user-agent': CANARY,
    'x-request-id': CANARY,
    'x-forwarded-for': CANARY,
    authorization: `Bearer ${CANARY}`,
    'x-api-key': CANARY,
    'vbasoftware-client-code': CANARY,
    'vbasoftware-database': CANARY,
    referer: `https://${CANARY}.example/`,
    cookie: `session=${CANARY}`,
    ...json,
  };

  it.each([
    `/users/${escaped}/change-password?code=${escaped}`,
    `/${escaped}`,
    `/v1/users/${escaped}?token=${escaped}`,
    `/v1/2fa/${escaped}`,
    `/v2/users/${escaped}/password?x=${escaped}#${escaped}`,
    `/v2/${escaped}`,
    `/zitadel.user.v2.UserService/${escaped}`,
    `/admin/tenants/${escaped}/keys`,
    `/admin/${escaped}`,
    `/.well-known/${escaped}`,
    `http://${CANARY}.localhost/v1/login`,
  ])('%s', async (path) => {
    const answer = await send(path, { method: 'POST', headers, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    readLine(answer);
    expect(logs.lines).toHaveLength(1);
    expect(logs.lines[0]).not.toMatch(/canary|[\r\n]/i);
  });
});
