// Guessing at ZAP's doors: logins by name, old passwords and codes, with one budget each way that a user is named.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  call,
  expectData,
  expectFailure,
  expectUpdated,
  otherCode,
  secureOtp,
  see,
} from './call.ts';

const LIMIT = 10;
const GUESS = 'no password of anyone here';

let tenant: t.TestTenant;
let adminToken: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  adminToken = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

afterEach(() => {
  vi.useRealTimers();
});

function change(user: t.TestUser, over: object = {}, token = adminToken): Promise<Answer> {
  const { userId, email, password } = user;
  const right = { userId, email, oldPassword: password, newPassword: t.newPassword() };
  return call(tenant, '/v1/changePassword', { token, body: { ...right, ...over } });
}

function expectThrottled(answer: Answer): void {
  expectFailure(answer, 429);
  const wait = answer.headers.get('retry-after');
  expect(wait).toMatch(/^\d+$/);
  expect(Number(wait)).toBeGreaterThan(25);
  expect(Number(wait)).toBeLessThanOrEqual(30);
}

describe('after ten wrong passwords in a row', () => {
  it('a login must wait 30 seconds, whether or not its user is there', async () => {
    const user = await t.makeUser(tenant);
    for (let i = 0; i < LIMIT; i += 1) {
      expectFailure(await t.zapLogin(tenant, user.email, GUESS), 401);
      expectFailure(await t.zapLogin(tenant, 'nobody@mail.example', GUESS), 401);
    }
    const known = await t.zapLogin(tenant, user.email, user.password);
    const unknown = await t.zapLogin(tenant, 'nobody@mail.example', user.password);
    for (const answer of [known, unknown]) {
      expectThrottled(answer);
      answer.headers.delete('retry-after');
    }
    expect(see(unknown)).toEqual(see(known));
    expectThrottled(await t.zapLogin(tenant, user.email.toUpperCase(), user.password));
    expect((await t.readUser(tenant, user.userId)).state).toBe('locked');

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    expectData(await t.zapLogin(tenant, user.email, user.password));
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });

  it('a change must wait 30 seconds, by whoever it is asked, and a sign-in by the user id too', async () => {
    const user = await t.makeUser(tenant);
    const userToken = await t.zapToken(tenant, user);
    for (let i = 0; i < LIMIT; i += 1) {
      const token = i % 2 === 0 ? adminToken : userToken;
      expectFailure(await change(user, { oldPassword: GUESS }, token), 400);
    }
    expectThrottled(await change(user));
    expectThrottled(await change(user, {}, userToken));
    const vba = await t.vbaSignIn(tenant, user.userId, user.password);
    expect(vba.status).toBe(429);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    expectUpdated(await change(user, {}, userToken));
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });
});

describe('the budget', () => {
  it('is charged by wrong codes as by wrong passwords', async () => {
    const user = await t.makeUser(tenant);
    for (let i = 0; i < LIMIT / 2; i += 1) {
      const code = await secureOtp(tenant, user.userId);
      expectFailure(await change(user, { secureOTP: otherCode(code) }), 400);
      expectFailure(await change(user, { oldPassword: GUESS }), 400);
    }
    expectThrottled(await change(user));
  });

  it('is not charged by what is refused before the password is looked at', async () => {
    const user = await t.makeUser(tenant);
    for (let i = 0; i < LIMIT + 1; i += 1) {
      expectFailure(await change(user, { email: 'nobody@mail.example' }), 400);
      expectFailure(await change(user, { newPassword: user.password }), 400);
      expectFailure(await change(user, { oldPassword: GUESS }, 'no.token.ofanyone'), 401);
    }
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
    expectUpdated(await change(user));
  });

  it('is not used up, even for a moment, by who may not change the password', async () => {
    const user = await t.makeUser(tenant);
    const own = await t.zapToken(tenant, user);
    const stranger = await t.zapToken(tenant, await t.makeUser(tenant));
    const flood = Array.from({ length: 40 }, () => change(user, { oldPassword: GUESS }, stranger));
    const [mine, ...theirs] = await Promise.all([change(user, {}, own), ...flood]);
    for (const answer of theirs) expectFailure(answer, 403);
    expectUpdated(mine);
  });

  it('is not given back by a policy refusal to who guesses wrong', async () => {
    const user = await t.makeUser(tenant);
    expectFailure(await change(user, { oldPassword: GUESS, newPassword: 'too short' }), 400);
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(1);
    expectFailure(await change(user, { newPassword: 'too short' }), 400);
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });

  it('of a login is another than that of a change, and a change lifts both', async () => {
    const own = await t.makeTenant();
    const user = await t.makeUser(own);
    const token = await t.zapToken(own, user);
    expectFailure(await t.zapLogin(own, user.email, GUESS), 401);
    // The guesses in between, written down only: the tenant has one subject.
    await t
      .databaseOf(own)
      .prepare('UPDATE throttle SET reserved = reserved + ? WHERE tenant_id = ?')
      .bind(LIMIT - 2, own.orgId)
      .run();
    expectFailure(await t.zapLogin(own, user.email, GUESS), 401);
    expectThrottled(await t.zapLogin(own, user.email, user.password));
    const { userId, email, password } = user;
    const newPassword = t.newPassword();
    const body = { userId, email, oldPassword: password, newPassword };
    expectUpdated(await call(own, '/v1/changePassword', { token, body }));
    expectData(await t.zapLogin(own, email, newPassword));
  });
});
