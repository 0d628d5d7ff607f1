// secureOTP: a live code of the user, on top of the old password, where the tenant demands it or where it is sent.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  call,
  expectData,
  expectFailure,
  expectUpdated,
  listChanges,
  otherCode,
  secureOtp,
  see,
} from './call.ts';

const GUESS = 'no password of anyone here';

let strict: t.TestTenant;
let lenient: t.TestTenant;
const admins = new Map<t.TestTenant, string>();
let user: t.TestUser;

beforeAll(async () => {
  strict = await t.makeTenant({ settings: { requireSecureOtp: true } });
  lenient = await t.makeTenant();
  for (const tenant of [strict, lenient]) {
    const admin = await t.makeUser(tenant, { role: 'admin' });
    admins.set(tenant, await t.zapToken(tenant, admin));
  }
});

beforeEach(async () => {
  user = await t.makeUser(strict);
});

afterEach(() => {
  vi.useRealTimers();
});

function change(over: object = {}, of = user, tenant = strict): Promise<Answer> {
  const { userId, email, password } = of;
  const right = { userId, email, oldPassword: password, newPassword: t.newPassword() };
  const token = admins.get(tenant) ?? '';
  return call(tenant, '/v1/changePassword', { token, body: { ...right, ...over } });
}

function countTries(userId: string, tenant = strict): Promise<number[]> {
  return t
    .databaseOf(tenant)
    .prepare('SELECT tries FROM code WHERE tenant_id = ? AND user_id = ? ORDER BY tries')
    .bind(tenant.orgId, userId)
    .all<{ tries: number }>()
    .then(({ results }) => results.map(({ tries }) => tries));
}

describe('where the tenant demands it', () => {
  it('is refused when it is missing, and nothing is counted', async () => {
    await secureOtp(strict, user.userId);
    expect(expectFailure(await change(), 400)).toContain('secureOTP');
    expect(expectFailure(await change({ oldPassword: GUESS }), 400)).toContain('secureOTP');
    expect(await t.readUser(strict, user.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 0,
    });
    expect(await countTries(user.userId)).toEqual([0]);
  });

  it('counts as a guess of the user and as a try of the code when it is wrong', async () => {
    const code = await secureOtp(strict, user.userId);
    expectFailure(await change({ secureOTP: otherCode(code) }), 400);
    expect(await t.readUser(strict, user.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 1,
    });
    expect(await countTries(user.userId)).toEqual([1]);
    expectUpdated(await change({ secureOTP: code }));
  });

  it('lets the change through when it is right, and is spent', async () => {
    const code = await secureOtp(strict, user.userId);
    const newPassword = t.newPassword();
    expectUpdated(await change({ secureOTP: code, newPassword }));
    expectData(await t.zapLogin(strict, user.email, newPassword));
    const again = await change({ oldPassword: newPassword, secureOTP: code });
    expectFailure(again, 400);
    expect((await t.readUser(strict, user.userId)).passwordVersion).toBe(2);
  });

  it('may be called otp, and be typed in lower case', async () => {
    const code = await secureOtp(strict, user.userId);
    expectUpdated(await change({ otp: code.toLowerCase() }));
  });

  it('is demanded of a user for themselves too', async () => {
    const token = await t.zapToken(strict, user);
    const { userId, email, password } = user;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    const ask = (extra: object) =>
      call(strict, '/v1/changePassword', { token, body: { ...body, ...extra } });
    expectFailure(await ask({}), 400);
    expectUpdated(await ask({ secureOTP: await secureOtp(strict, userId) }));
  });

  it('may come in a form', async () => {
    const { userId, email, password } = user;
    const secureOTP = await secureOtp(strict, userId);
    const fields = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    const answer = await call(strict, '/v1/changePassword', {
      token: admins.get(strict) ?? '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...fields, secureOTP }).toString(),
    });
    expectUpdated(answer);
  });
});

describe('a code', () => {
  it('is no substitute for the old password, and is not spent by a wrong one', async () => {
    const secureOTP = await secureOtp(strict, user.userId);
    const wrong = await change({ oldPassword: GUESS, secureOTP });
    expectFailure(wrong, 400);
    const code = await change({ secureOTP: otherCode(secureOTP) });
    expect(see(code)).toEqual(see(wrong));
    expectUpdated(await change({ secureOTP }));
  });

  it('is not spent by a new password that is refused', async () => {
    const secureOTP = await secureOtp(strict, user.userId);
    expectFailure(await change({ secureOTP, newPassword: 'too short' }), 400);
    expectFailure(await change({ secureOTP, newPassword: user.password }), 400);
    expect(await countTries(user.userId)).toEqual([0]);
    expect((await t.readUser(strict, user.userId)).failedAttempts).toBe(0);
    expectUpdated(await change({ secureOTP }));
  });

  it('for a reset is none, and is not spent', async () => {
    const code = await t.resetCode(strict, user.userId);
    expectFailure(await change({ secureOTP: code }), 400);
    expect((await t.readUser(strict, user.userId)).passwordVersion).toBe(1);
    const reset = await t.zitadelChange(strict.serviceToken, user.userId, {
      newPassword: { password: t.newPassword() },
      verificationCode: code,
    });
    expect(reset.status).toBe(200);
  });

  it('of a secureOTP resets nothing', async () => {
    const verificationCode = await secureOtp(strict, user.userId);
    const reset = await t.zitadelChange(strict.serviceToken, user.userId, {
      newPassword: { password: t.newPassword() },
      verificationCode,
    });
    expect(reset.status).not.toBe(200);
    expect((await t.readUser(strict, user.userId)).passwordVersion).toBe(1);
  });

  it("is of its own user and tenant, and another's is not spent", async () => {
    const neighbour = await t.makeUser(strict);
    const twin = await t.makeUser(lenient, { userId: user.userId });
    const theirs = await secureOtp(strict, neighbour.userId);
    const abroad = await secureOtp(lenient, twin.userId);
    expectFailure(await change({ secureOTP: theirs }), 400);
    expectFailure(await change({ secureOTP: abroad }), 400);
    expect((await t.readUser(strict, user.userId)).passwordVersion).toBe(1);
    expectUpdated(await change({ secureOTP: theirs }, neighbour));
    expectUpdated(await change({ secureOTP: abroad }, twin, lenient));
  });

  it('expires', async () => {
    const secureOTP = await secureOtp(strict, user.userId);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 });
    expectFailure(await change({ secureOTP }), 400);
    vi.useRealTimers();
    expectUpdated(await change({ secureOTP }));
  });

  it('is dead after five wrong tries, and a new one leads out', async () => {
    const secureOTP = await secureOtp(strict, user.userId);
    for (let i = 0; i < 5; i += 1) {
      expectFailure(await change({ secureOTP: otherCode(secureOTP) }), 400);
    }
    expectFailure(await change({ secureOTP }), 400);
    expect((await t.readUser(strict, user.userId)).passwordVersion).toBe(1);
    expectUpdated(await change({ secureOTP: await secureOtp(strict, user.userId) }));
  });

  it('is not tried by who may not change the password', async () => {
    const secureOTP = await secureOtp(strict, user.userId);
    const stranger = await t.makeUser(strict);
    const token = await t.zapToken(strict, stranger);
    const { userId, email, password } = user;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    for (let i = 0; i < 6; i += 1) {
      const answer = await call(strict, '/v1/changePassword', {
        token,
        body: { ...body, secureOTP: otherCode(secureOTP) },
      });
      expectFailure(answer, 403);
    }
    expectUpdated(await change({ secureOTP }));
  });
});

describe('where the tenant does not demand it', () => {
  beforeEach(async () => {
    user = await t.makeUser(lenient);
  });

  it('may be left out', async () => {
    expectUpdated(await change({}, user, lenient));
  });

  it('must be right when it is sent', async () => {
    expectFailure(await change({ secureOTP: 'ABCD2345' }, user, lenient), 400);
    const code = await secureOtp(lenient, user.userId);
    expectFailure(await change({ otp: otherCode(code) }, user, lenient), 400);
    expect(await t.readUser(lenient, user.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 2,
    });
    const newPassword = t.newPassword();
    expectUpdated(await change({ otp: code, newPassword }, user, lenient));
    const again = { oldPassword: newPassword, otp: code };
    expectFailure(await change(again, user, lenient), 400);
  });
});

it('a change with it is in the audit once, without the code', async () => {
  const secureOTP = await secureOtp(strict, user.userId);
  const newPassword = t.newPassword();
  const body = { secureOTP, newPassword };
  expectUpdated(await change(body));
  expectUpdated(await change(body));
  expect(await listChanges(strict, user.userId)).toHaveLength(1);
  const events = JSON.stringify(await t.listEvents(strict, user.userId));
  for (const secret of [secureOTP, newPassword, user.password]) {
    expect(events).not.toContain(secret);
  }
});
