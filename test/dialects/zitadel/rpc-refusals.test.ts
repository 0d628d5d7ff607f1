// What the RPC transports refuse: other framings, other methods, what is not served; and nothing sent is ever quoted.
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SERVICES, UserService } from '../../../src/dialects/zitadel/descriptors.ts';
import { findMethod } from '../../../src/dialects/zitadel/service.ts';
import { type Logs, watchLogs } from '../../support/logs.ts';
import { type Env, measure, send } from '../../support/rekey.ts';
import {
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  type TestTenant,
  type TestUser,
} from '../../support/tenant.ts';
import {
  callEmpty,
  DOOR_NAMES,
  DOORS,
  type DoorName,
  type Outcome,
  rpcPath,
  sendRaw,
  setPassword,
} from '../../support/zitadel-doors.ts';

const SET_PASSWORD = rpcPath(UserService.method.setPassword);
const RPC_DOORS = DOOR_NAMES.filter((name) => DOORS[name].path === 'rpc');
const SECRET = 'canary harbour 4711';
const utf8 = new TextEncoder();

let tenant: TestTenant;
let user: TestUser;
let logs: Logs | null = null;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant, { withoutPassword: true });
});

afterEach(() => {
  logs?.stop();
  logs = null;
});

function bearer(more: Record<string, string> = {}): Record<string, string> {
  return { authorization: `Bearer ${tenant.serviceToken}`, ...more };
}

/** Nothing runs, nothing changes. */
async function expectFree<T>(work: (on: Env) => Promise<T>): Promise<T> {
  const before = await readUser(tenant, user.userId);
  const { value, cost } = await measure(work);
  expect(cost).toMatchObject({ trips: 0, links: 0 });
  expect(await readUser(tenant, user.userId)).toEqual(before);
  return value;
}

function expectOutcome(name: DoorName, outcome: Outcome, code: number, status: number) {
  expect([outcome.code, outcome.detail, outcome.message]).toEqual([code, null, expect.any(String)]);
  expect(outcome.status).toBe(DOORS[name].framing === 'none' ? status : 200);
}

function readAll(answer: { headers: Headers; bytes: Uint8Array }): string {
  const text = new TextDecoder().decode(answer.bytes);
  const decoded = /^[A-Za-z0-9+/=]+$/.test(text) ? atob(text) : text;
  return `${JSON.stringify([...answer.headers])} ${text} ${decoded}`;
}

describe.each(DOOR_NAMES)('%s', (name) => {
  const request = () => ({ userId: user.userId, newPassword: { password: SECRET } });

  it.each([
    ['JSON with a slip', utf8.encode(`{"newPassword":{"password":${SECRET}}}`)],
    ['JSON of a wrong type', utf8.encode(`{"newPassword":"${SECRET}"}`)],
    ['JSON with a field twice', utf8.encode(`{"userId":"${SECRET}","user_id":"${SECRET}"}`)],
    ['a message cut short', new Uint8Array([0x12, 0x7f, ...utf8.encode(SECRET)])],
    [
      'text that is not UTF-8',
      new Uint8Array([0x0a, SECRET.length + 1, ...utf8.encode(SECRET), 0xff]),
    ],
    ['nested groups without end', new Uint8Array(5000).fill(0x0b)],
  ])('quotes nothing of what it cannot read: %s', async (_, payload) => {
    logs = watchLogs();
    const outcome = await expectFree((on) =>
      setPassword(name, request(), { headers: bearer(), on, payload }),
    );
    expectOutcome(name, outcome, 3, 400);
    expect(outcome.message).toBe('the request body is malformed');
    expect(readAll(outcome)).not.toContain('canary');
    expect([...outcome.trailers].join()).not.toContain('canary');
    expect(logs.troubles()).toEqual([]);
    expect(logs.lines.join()).not.toContain('canary');
  });

  it('refuses what is too large, unread', async () => {
    const outcome = await expectFree((on) =>
      setPassword(name, request(), { headers: bearer(), on, payload: new Uint8Array(16_385) }),
    );
    expectOutcome(name, outcome, 8, DOORS[name].path === 'rest' ? 413 : 429);
  });

  it.each([
    ['connect-timeout-ms', SECRET],
    ['connect-timeout-ms', '-1'],
    ['connect-timeout-ms', '99999999999'],
    ['grpc-timeout', SECRET],
    ['grpc-timeout', '1'],
    ['grpc-timeout', '999999999S'],
  ])('refuses a malformed timeout, and does not quote it: %s %s', async (header, value) => {
    const outcome = await expectFree((on) =>
      setPassword(name, request(), { headers: bearer({ [header]: value }), on }),
    );
    expectOutcome(name, outcome, 3, 400);
    expect(outcome.message).toBe('the timeout is malformed');
  });

  it('answers for a bug of ours in its own shape, without a word of it, and the log tells where', async () => {
    logs = watchLogs();
    const broken = () => {
      throw new TypeError(SECRET);
    };
    const outcome = await setPassword(name, request(), {
      headers: bearer(),
      on: { ...(env as unknown as Env), DB: { prepare: broken, batch: broken } },
    });
    expectOutcome(name, outcome, 13, 500);
    expect(outcome.message).toBe('An internal error occurred');
    expect(readAll(outcome)).not.toContain('canary');
    const activityId = outcome.headers.get('x-request-id');
    expect(logs.troubles()).toMatchObject([{ dialect: 'zitadel', activityId }]);
    expect(logs.lines.join()).not.toContain('canary');
  });
});

describe('what is not served is unimplemented', () => {
  const methods = SERVICES.flatMap((service) => service.methods).filter(
    (method) => findMethod(method) === null,
  );

  it.each(RPC_DOORS)('by every method that nothing serves, over %s', async (name) => {
    expect(methods.length).toBeGreaterThan(30);
    await expectFree(async (on) => {
      for (const method of methods) {
        const outcome = await callEmpty(name, method, bearer(), on);
        expectOutcome(name, outcome, 12, 501);
      }
    });
  });

  it.each(RPC_DOORS)(
    'by services and methods that are none, with HTTP 404, over %s',
    async (name) => {
      for (const path of [
        '/zitadel.user.v2.UserService/Nothing',
        '/zitadel.user.v2.UserService/setPassword',
        '/zitadel.user.v2.UserService/SetPassword/',
        '/zitadel.user.v2.UserService',
        '/zitadel.user.v3.UserService/SetPassword',
        '/zitadel.',
      ]) {
        const answer = await expectFree((on) =>
          sendRaw(
            path,
            { method: 'POST', headers: bearer({ 'content-type': DOORS[name].type }), body: '{}' },
            on,
          ),
        );
        expect([path, answer.status]).toEqual([path, 404]);
        const text = readAll(answer);
        if (DOORS[name].framing === 'none') expect(text).toContain('"code":"unimplemented"');
        else expect(text).toContain('grpc-status:12\r\n');
      }
    },
  );
});

describe('an RPC path', () => {
  const body = (id: string) =>
    JSON.stringify({ userId: id, newPassword: { password: 'a password that is long' } });

  it.each([
    'application/grpc',
    'application/grpc+proto',
    'application/grpc+json',
    'application/grpc; x=y',
    'Application/gRPC',
    'application/connect+proto',
    'application/connect+json',
    'application/grpc-web-text+json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'text/plain;application/json',
    'application/json; charset=iso-8859-1',
    '',
  ])('takes no "%s": 415, with what it takes', async (type) => {
    const answer = await expectFree((on) =>
      send(
        SET_PASSWORD,
        { method: 'POST', headers: bearer({ 'content-type': type }), body: body(user.userId) },
        on,
      ),
    );
    expect([answer.status, answer.body.code]).toEqual([415, 3]);
    expect(answer.headers.get('accept-post')).toContain('application/grpc-web-text+proto');
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('knows no %s: 405 with Allow', async (method) => {
    const query = `?connect=v1&encoding=json&message=${encodeURIComponent(body(user.userId))}`;
    const answer = await expectFree((on) =>
      send(`${SET_PASSWORD}${query}`, { method, headers: bearer() }, on),
    );
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it.each<[DoorName, string]>([
    ['Connect JSON', 'content-encoding'],
    ['Connect binary', 'content-encoding'],
    ['gRPC-Web', 'grpc-encoding'],
    ['gRPC-Web text', 'grpc-encoding'],
    ['gRPC-Web', 'content-encoding'],
  ])('over %s refuses compression by %s, and says what it takes', async (name, header) => {
    const request = { userId: user.userId, newPassword: { password: newPassword() } };
    const outcome = await expectFree((on) =>
      setPassword(name, request, { headers: bearer({ [header]: 'gzip' }), on }),
    );
    expectOutcome(name, outcome, 12, 501);
    expect(outcome.message).toContain('identity');
    const own = await makeUser(tenant, { withoutPassword: true });
    const taken = await setPassword(
      name,
      { ...request, userId: own.userId },
      { headers: bearer({ [header]: 'Identity' }) },
    );
    expect(taken.code).toBe(0);
  });

  it.each(['Connect JSON', 'Connect binary'] as const)(
    'over %s is of version 1 of the protocol, or does not say',
    async (name) => {
      const own = await makeUser(tenant, { withoutPassword: true });
      const ask = (more: Record<string, string>, on?: Env) => {
        const request = { userId: own.userId, newPassword: { password: newPassword() } };
        return setPassword(name, request, { headers: bearer(more), ...(on && { on }) });
      };
      for (const version of ['2', '1.0', '01', '1, 1', 'canary']) {
        const more = { 'connect-protocol-version': version };
        const outcome = await expectFree((on) => ask(more, on));
        expectOutcome(name, outcome, 3, 400);
        expect(outcome.message).toContain('version');
        expect(readAll(outcome)).not.toContain('canary');
      }
      expect((await ask({ 'connect-protocol-version': '1' })).code).toBe(0);
      expect((await ask({})).code).toBe(0);
    },
  );

  it('answers uncompressed to who would take more', async () => {
    const own = await makeUser(tenant, { withoutPassword: true });
    const request = { userId: own.userId, newPassword: { password: newPassword() } };
    const headers = bearer({ 'accept-encoding': 'gzip', 'grpc-accept-encoding': 'gzip' });
    for (const name of ['Connect JSON', 'gRPC-Web'] as const) {
      const outcome = await setPassword(name, request, { headers });
      expect([outcome.code, outcome.headers.get('content-encoding')]).toEqual([0, null]);
      expect(outcome.headers.get('grpc-encoding')).toBeNull();
    }
  });
});
