// What stands under /v2: the routes that are served, those that are not, and the framings that are no JSON.
import { beforeAll, describe, expect, it } from 'vitest';
import { measure, send } from '../../support/rekey.ts';
import {
  makeTenant,
  makeUser,
  nextSerial,
  readUser,
  type TestTenant,
  type TestUser,
} from '../../support/tenant.ts';
import { bearer, expectError, MALFORMED, UNIMPLEMENTED } from './wire.ts';

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant, { withoutPassword: true });
});

/** Asks with a valid caller and a body that would do harm if it were read. */
function ask(method: string, path: string, headers: Record<string, string> = {}) {
  const body = JSON.stringify({
    newPassword: { password: 'a password that is long' },
    password: { password: { password: 'a password that is long' } },
  });
  return measure((on) =>
    send(
      path.replace('{id}', user.userId),
      {
        method,
        headers: bearer(tenant.serviceToken, headers),
        body: method === 'GET' || method === 'HEAD' ? null : body,
      },
      on,
    ),
  );
}

async function expectUntouched<T>(work: () => Promise<T>): Promise<T> {
  const before = await readUser(tenant, user.userId);
  const value = await work();
  expect(await readUser(tenant, user.userId)).toEqual(before);
  return value;
}

describe('a method that is not served is unimplemented, and nothing runs', () => {
  it.each([
    ['POST', '/v2/users/{id}/email'],
    ['POST', '/v2/users/{id}/otp_email'],
    ['DELETE', '/v2/users/{id}/totp'],
    ['POST', '/v2/users/{id}/passkeys/registration_link'],
    ['GET', '/v2/users/{id}/authentication_methods'],
    ['POST', '/v2/users/{id}/invite_code'],
  ])('%s %s', async (method, path) => {
    const { value, cost } = await expectUntouched(() => ask(method, path));
    expectError(value, UNIMPLEMENTED);
    expect(cost).toMatchObject({ trips: 0, links: 0 });
  });
});

describe('a path that is none is not found', () => {
  it.each([
    ['POST', '/v2'],
    ['GET', '/v2/'],
    ['POST', '/v2/nothing'],
    ['POST', '/v2/users/{id}/nothing'],
    ['POST', '/v2/users/{id}/password/'],
    ['POST', '/v2/users/{id}/password/more'],
    ['POST', '/v2/users//password'],
    ['POST', '/v2/users/{id}/Password'],
  ])('%s %s', async (method, path) => {
    const { value, cost } = await expectUntouched(() => ask(method, path));
    expectError(value, [404, 5, null, 'Not Found']);
    expect(cost).toMatchObject({ trips: 0, links: 0 });
  });
});

describe('a method that a path does not know is refused, with those that it knows', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s', async (method) => {
    for (const path of ['/v2/users/{id}/password', '/v2/users/{id}/password_reset']) {
      const { value, cost } = await expectUntouched(() => ask(method, path));
      expectError(value, [405, 12, null, 'Method Not Allowed']);
      expect(value.headers.get('allow')).toBe('POST');
      expect(cost).toMatchObject({ trips: 0, links: 0 });
    }
  });

  it('HEAD, without a body', async () => {
    const { value } = await ask('HEAD', '/v2/users/{id}/password');
    expect([value.status, value.headers.get('allow'), value.text]).toEqual([405, 'POST', '']);
  });
});

describe('a path with an escape that is none reaches nobody', () => {
  it.each(['%zz', '%ff', '50%', '%c3'])('%s', async (odd) => {
    const strange = await makeUser(tenant, { userId: `${odd}-${nextSerial()}` });
    const before = await readUser(tenant, strange.userId);
    for (const [method, rest] of [
      ['GET', ''],
      ['POST', '/password'],
    ] as const) {
      const { value, cost } = await ask(method, `/v2/users/${strange.userId}${rest}`);
      expectError(value, MALFORMED);
      expect(cost).toMatchObject({ trips: 0, links: 0 });
      const path = `/v2/users/${encodeURIComponent(strange.userId)}${rest}`;
      expect((await ask(method, path)).value.status).toBe(200);
    }
    expect((await readUser(tenant, strange.userId)).passwordVersion).toBe(
      before.passwordVersion + 1,
    );
  });
});

describe('a body in the framing of another transport is refused, and nothing runs', () => {
  it.each([
    'application/grpc',
    'application/grpc+proto',
    'application/grpc+json',
    'application/grpc-web-text+json',
    'application/grpc-webby',
    'application/proto',
    'application/protobuf',
    'application/connect+json',
    'APPLICATION/GRPC+PROTO; charset=utf-8',
  ])('%s', async (type) => {
    for (const path of ['/v2/users/{id}/password', '/v2/users/{id}/password_reset']) {
      const { value, cost } = await expectUntouched(() =>
        ask('POST', path, { 'content-type': type }),
      );
      expectError(value, [415, 3, null, /./]);
      expect(cost).toMatchObject({ trips: 0, links: 0 });
    }
  });
});
