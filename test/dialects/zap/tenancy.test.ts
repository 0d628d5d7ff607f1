// Whose tenant a ZAP request is of: the host, the three headers, and above both the token.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectData, expectFailure, expectUpdated, tenantHeaders } from './call.ts';

const HEADERS = [
  'vbasoftware-client-id',
  'vbasoftware-client-code',
  'vbasoftware-database',
] as const;

let tenant: t.TestTenant;
let other: t.TestTenant;
let european: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  european = await t.makeTenant({ place: 'eu' });
});

/** The same user id, username and email in another tenant, with another password. */
async function makeTwin(of: t.TestUser, within: t.TestTenant): Promise<t.TestUser> {
  const password = t.newPassword();
  const { userId, username, email } = of;
  const made = await t.admin('POST', `/tenants/${within.orgId}/users`, {
    userId,
    username,
    email,
    password,
  });
  expect(made.status).toBe(201);
  return { userId, username, email, password };
}

describe('a login', () => {
  let user: t.TestUser;
  let twin: t.TestUser;

  beforeAll(async () => {
    user = await t.makeUser(tenant);
    twin = await makeTwin(user, other);
  });

  function login(who: t.TestUser, host: string, headers = {}): Promise<Answer> {
    const body = { identity: who.email, password: who.password };
    return call(tenant, '/v1/login', { host, headers, body });
  }

  it('is of the tenant whose host it calls', async () => {
    expectData(await login(user, tenant.host));
    expectData(await login(twin, other.host));
    expectFailure(await login(user, other.host), 401);
    expectFailure(await login(twin, tenant.host), 401);
  });

  it('finds a host of another place', async () => {
    const guest = await t.makeUser(european);
    expectData(await login(guest, european.host));
  });

  it('is of the tenant that the headers name, whichever host it calls', async () => {
    for (const host of [tenant.host, other.host, 'unknown.localhost', '127.0.0.1']) {
      expectData(await login(twin, host, tenantHeaders(other)));
      expectFailure(await login(user, host, tenantHeaders(other)), 401);
    }
  });

  it('is of nobody when the headers name no tenant', async () => {
    const mixed = { ...tenantHeaders(tenant), 'vbasoftware-client-code': other.clientCode };
    expectFailure(await login(user, tenant.host, mixed), 401);
  });

  it.each(HEADERS)('is refused when %s is not there once', async (header) => {
    const right = tenantHeaders(tenant);
    for (const value of [null, '', [right[header] ?? '', right[header] ?? ''], ['a', 'b']]) {
      const answer = await login(user, tenant.host, { ...right, [header]: value });
      expectFailure(answer, 400);
    }
  });

  it.each(HEADERS)('is refused when %s comes alone', async (header) => {
    const alone = { [header]: tenantHeaders(tenant)[header] };
    expectFailure(await login(user, tenant.host, alone), 400);
  });
});

describe('a change', () => {
  let user: t.TestUser;
  let twin: t.TestUser;
  let token: string;

  beforeEach(async () => {
    user = await t.makeUser(tenant, { role: 'admin' });
    twin = await makeTwin(user, other);
    token = await t.zapToken(tenant, user);
  });

  function change(host: string, headers = {}, password = user.password): Promise<Answer> {
    const { userId, email } = user;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    return call(tenant, '/v1/changePassword', { host, token, headers, body });
  }

  async function expectUntouched(): Promise<void> {
    for (const [where, who] of [
      [tenant, user],
      [other, twin],
    ] as const) {
      expect(await t.readUser(where, who.userId)).toMatchObject({
        passwordVersion: 1,
        failedAttempts: 0,
      });
    }
  }

  it.each([
    ['own host', () => tenant.host],
    ['an unknown host', () => 'unknown.localhost'],
    ['127.0.0.1', () => '127.0.0.1'],
  ])("is of the token's tenant at %s", async (_, host) => {
    expectUpdated(await change(host()));
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
    expect((await t.readUser(other, twin.userId)).passwordVersion).toBe(1);
  });

  it("is of the token's tenant with its own headers", async () => {
    expectUpdated(await change('127.0.0.1', tenantHeaders(tenant)));
  });

  it("is refused at another tenant's host", async () => {
    for (const password of [user.password, twin.password]) {
      expectFailure(await change(other.host, {}, password), 401);
    }
    await expectUntouched();
  });

  it("is refused at another tenant's host, in another place", async () => {
    expectFailure(await change(european.host), 401);
    await expectUntouched();
  });

  it("is refused with another tenant's headers, at any host", async () => {
    for (const host of [tenant.host, other.host, '127.0.0.1']) {
      expectFailure(await change(host, tenantHeaders(other)), 401);
      expectFailure(await change(host, tenantHeaders(european)), 401);
    }
    const mixed = { ...tenantHeaders(tenant), 'vbasoftware-client-id': other.clientId };
    expectFailure(await change(tenant.host, mixed), 401);
    await expectUntouched();
  });

  it.each(HEADERS)('is refused when %s is not there once', async (header) => {
    const right = tenantHeaders(tenant);
    for (const value of [null, '', [right[header] ?? '', right[header] ?? ''], ['a', 'b']]) {
      expectFailure(await change(tenant.host, { ...right, [header]: value }), 400);
    }
    expectFailure(await change(tenant.host, { [header]: right[header] }), 400);
    await expectUntouched();
  });

  it('of a tenant of another place is made there', async () => {
    const guest = await t.makeUser(european);
    const { userId, email, password } = guest;
    const newPassword = t.newPassword();
    const answer = await call(european, '/v1/changePassword', {
      host: '127.0.0.1',
      token: await t.zapToken(european, guest),
      body: { userId, email, oldPassword: password, newPassword },
    });
    expectUpdated(answer);
    expectData(await t.zapLogin(european, email, newPassword));
  });
});
