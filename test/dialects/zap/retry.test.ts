// The same change once more, after its answer was lost: safe for ten minutes.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectData, expectFailure, expectUpdated, listChanges, secureOtp } from './call.ts';

const MINUTE = 60_000;

let tenant: t.TestTenant;
let adminToken: string;
let user: t.TestUser;
let newPassword: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  adminToken = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(async () => {
  user = await t.makeUser(tenant);
  newPassword = t.newPassword();
  expectUpdated(await change());
});

afterEach(() => {
  vi.useRealTimers();
});

function change(over: object = {}, token = adminToken): Promise<Answer> {
  const { userId, email, password } = user;
  const body = { userId, email, oldPassword: password, newPassword, ...over };
  return call(tenant, '/v1/changePassword', { token, body });
}

async function expectRefusedAndUnchanged(over: object, version = 2): Promise<void> {
  expectFailure(await change(over), 400);
  expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(version);
}

describe('the same change again', () => {
  it('is answered as the first time, and changes nothing', async () => {
    const session = await t.zapToken(tenant, { ...user, password: newPassword });
    const before = await t.readUser(tenant, user.userId);
    const events = await t.listEvents(tenant, user.userId);
    for (let i = 0; i < 3; i += 1) expectUpdated(await change());
    expect(await t.readUser(tenant, user.userId)).toEqual(before);
    expect(await t.listEvents(tenant, user.userId)).toEqual(events);
    expect(await listChanges(tenant, user.userId)).toHaveLength(1);
    const next = { oldPassword: newPassword, newPassword: t.newPassword() };
    expectUpdated(await change(next, session));
  });

  it('is answered to the user as well, who has signed in anew', async () => {
    const token = await t.zapToken(tenant, { ...user, password: newPassword });
    const before = await t.readUser(tenant, user.userId);
    expectUpdated(await change({}, token));
    expect(await t.readUser(tenant, user.userId)).toEqual(before);
    expectUpdated(await change({}, token));
  });

  it('is answered to nobody else', async () => {
    const stranger = await t.makeUser(tenant);
    expectFailure(await change({}, await t.zapToken(tenant, stranger)), 403);
  });

  it('is answered for ten minutes, and is a wrong old password from then on', async () => {
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: start + 9 * MINUTE });
    expectUpdated(await change());
    vi.setSystemTime(start + 10 * MINUTE + 1000);
    await expectRefusedAndUnchanged({});
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(1);
    expectData(await t.zapLogin(tenant, user.email, newPassword));
  });

  it('is refused with another new password, and counted', async () => {
    await expectRefusedAndUnchanged({ newPassword: t.newPassword() });
    await expectRefusedAndUnchanged({ newPassword: 'too short' });
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(2);
    expectData(await t.zapLogin(tenant, user.email, newPassword));
  });

  it('is refused with another old password', async () => {
    await expectRefusedAndUnchanged({ oldPassword: t.newPassword() });
  });

  it('is refused with the email of another user', async () => {
    const other = await t.makeUser(tenant);
    await expectRefusedAndUnchanged({ email: other.email });
  });

  it('is refused once the password was changed again', async () => {
    const third = t.newPassword();
    expectUpdated(await change({ oldPassword: newPassword, newPassword: third }));
    await expectRefusedAndUnchanged({}, 3);
    expectData(await t.zapLogin(tenant, user.email, third));
  });

  it('is refused once the account is disabled', async () => {
    await t.disableUser(tenant, user.userId);
    await expectRefusedAndUnchanged({});
  });

  it('is no way back to the replaced password', async () => {
    await expectRefusedAndUnchanged({ newPassword: user.password });
    await expectRefusedAndUnchanged({ oldPassword: user.password, newPassword: user.password });
    expectFailure(await t.zapLogin(tenant, user.email, user.password), 401);
  });
});

it('the same change with its spent secureOTP is answered again where one is demanded', async () => {
  const strict = await t.makeTenant({ settings: { requireSecureOtp: true } });
  const token = await t.zapToken(strict, await t.makeUser(strict, { role: 'admin' }));
  const { userId, email, password } = await t.makeUser(strict);
  const body = {
    userId,
    email,
    oldPassword: password,
    newPassword: t.newPassword(),
    secureOTP: await secureOtp(strict, userId),
  };
  const ask = () => call(strict, '/v1/changePassword', { token, body });
  expectUpdated(await ask());
  const before = await t.readUser(strict, userId);
  expectUpdated(await ask());
  expect(await t.readUser(strict, userId)).toEqual(before);
  expect(await listChanges(strict, userId)).toHaveLength(1);
});
