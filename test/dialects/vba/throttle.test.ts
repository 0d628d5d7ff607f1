// Guessing at a sign-in: ten wrong in a row, then a wait, for a user who is there and for one who is not.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { expectError, expectTokens, refillBuckets } from './call.ts';

const PATH = '/user-authentication';
const LIMIT = 10;

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

afterEach(() => {
  vi.useRealTimers();
});

async function guess(userId: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    expectError(await t.vbaSignIn(tenant, userId, `wrong password number ${i}`), 401, PATH);
  }
}

/** The first `times` guesses of a tenant that nobody else guesses at: all but two are only written down. */
async function guessCheaply(at: t.TestTenant, userId: string, times: number): Promise<void> {
  const wrong = () => t.vbaSignIn(at, userId, 'wrong password of the harbour');
  expectError(await wrong(), 401, PATH);
  await t
    .databaseOf(at)
    .prepare('UPDATE throttle SET reserved = reserved + ? WHERE tenant_id = ?')
    .bind(times - 2, at.orgId)
    .run();
  expectError(await wrong(), 401, PATH);
}

function expectThrottled(answer: Answer, longest: number): void {
  expectError(answer, 429, PATH);
  const wait = answer.headers.get('retry-after');
  expect(wait).toMatch(/^\d+$/);
  expect(Number(wait)).toBeLessThanOrEqual(longest);
  expect(Number(wait)).toBeGreaterThan(longest - 5);
}

function passBy(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
}

describe('after ten wrong passwords in a row', () => {
  it('the right one must wait 30 seconds, at this door and at the others', async () => {
    const admin = await t.makeUser(tenant, { role: 'admin' });
    const adminToken = await t.zapToken(tenant, admin);
    const user = await t.makeUser(tenant);
    const userToken = await t.zapToken(tenant, user);
    await guess(user.userId, LIMIT);
    expectThrottled(await t.vbaSignIn(tenant, user.userId, user.password), 30);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      state: 'locked',
      failedAttempts: LIMIT,
      passwordVersion: 1,
    });

    const { userId, email, password } = user;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    for (const token of [adminToken, userToken]) {
      const refused = await t.zapChange(tenant, token, body);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(25);
    }
    const zitadel = await t.zitadelChange(tenant.serviceToken, userId, {
      newPassword: { password: t.newPassword() },
      currentPassword: password,
    });
    expect(zitadel.status).toBe(429);
    expect((await t.readUser(tenant, userId)).passwordVersion).toBe(1);
  });

  it('a user who is not there looks the same', async () => {
    const user = await t.makeUser(tenant);
    await guess(user.userId, LIMIT);
    const known = await t.vbaSignIn(tenant, user.userId, user.password);
    await guess('nobody-at-all', LIMIT);
    const unknown = await t.vbaSignIn(tenant, 'nobody-at-all', user.password);
    expectThrottled(known, 30);
    expectThrottled(unknown, 30);
    expect(unknown.body.error).toEqual(known.body.error);
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()]);
  });

  it('others of the tenant, and the same id in another tenant, are free', async () => {
    const own = await t.makeTenant();
    const user = await t.makeUser(own);
    const neighbour = await t.makeUser(own);
    const twin = await t.makeUser(tenant, { userId: user.userId });
    await guessCheaply(own, user.userId, LIMIT);
    expectThrottled(await t.vbaSignIn(own, user.userId, user.password), 30);
    expectTokens(await t.vbaSignIn(own, neighbour.userId, neighbour.password));
    expectTokens(await t.vbaSignIn(tenant, twin.userId, twin.password));
  });

  it('the wait ends, the right password is let in and the budget is whole again', async () => {
    const own = await t.makeTenant();
    const user = await t.makeUser(own);
    await guessCheaply(own, user.userId, LIMIT);
    passBy(29);
    expect((await t.vbaSignIn(own, user.userId, user.password)).status).toBe(429);
    passBy(2);
    expectTokens(await t.vbaSignIn(own, user.userId, user.password));
    expect((await t.readUser(own, user.userId)).failedAttempts).toBe(0);
    await guessCheaply(own, user.userId, LIMIT - 1);
    expectTokens(await t.vbaSignIn(own, user.userId, user.password));
  });

  it('a refusal by the wait is no further guess', async () => {
    const own = await t.makeTenant();
    const user = await t.makeUser(own);
    await guessCheaply(own, user.userId, LIMIT);
    for (let i = 0; i < 5; i += 1) {
      expectThrottled(await t.vbaSignIn(own, user.userId, user.password), 30);
    }
    expect((await t.readUser(own, user.userId)).failedAttempts).toBe(LIMIT);
    passBy(31);
    expectTokens(await t.vbaSignIn(own, user.userId, user.password));
  });

  it('a reset code leads out at once, and older tokens still refresh until then', async () => {
    const own = await t.makeTenant();
    const user = await t.makeUser(own);
    const tokens = expectTokens(await t.vbaSignIn(own, user.userId, user.password));
    await guessCheaply(own, user.userId, LIMIT);
    expectThrottled(await t.vbaSignIn(own, user.userId, user.password), 30);
    const next = expectTokens(await t.vbaRefresh(own, tokens));
    const { userId, email, password: oldPassword } = user;
    const body = { userId, email, oldPassword, newPassword: t.newPassword() };
    expect((await t.zapChange(own, next.accessToken, body)).status).toBe(429);
    const password = t.newPassword();
    const reset = await t.zitadelChange(own.serviceToken, userId, {
      newPassword: { password },
      verificationCode: await t.resetCode(own, userId),
    });
    expect(reset.status).toBe(200);
    expectTokens(await t.vbaSignIn(own, userId, password));
  });
});

describe('the budget', () => {
  it('is given back by a temporary password too', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    await guess(user.userId, 3);
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(3);
    await t.openChallenge(tenant, user);
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });

  it('is not charged by requests that are refused before the password is looked at', async () => {
    const user = await t.makeUser(tenant);
    const stranger = await t.makeTenant();
    for (let i = 0; i < LIMIT; i += 1) {
      for (const apiKey of [stranger.apiKey, tenant.readerToken]) {
        const mixed = { ...tenant, apiKey };
        expectError(await t.vbaSignIn(mixed, user.userId, 'wrong password'), 401, PATH);
      }
      expectError(await t.vbaSignIn(tenant, user.userId, 'p'.repeat(201)), 401, PATH);
    }
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
  });
});
