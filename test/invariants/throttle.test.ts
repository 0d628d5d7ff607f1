// The budget of guesses: one per tenant and subject, for all doors, and with a way out.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

cheapenHashes();

const LIMIT = 10;
const WRONG = 'a wrong password for all';
const NEW = { password: 'some new password for all' };

let tenant: t.TestTenant;
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

async function guess(userId: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    expect((await t.vbaSignIn(tenant, userId, WRONG)).status).toBe(401);
  }
}

/** As if so many milliseconds had gone by. */
async function passTime(milliseconds: number): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare(
      'UPDATE throttle SET blocked_until = blocked_until - ? WHERE tenant_id = ? AND blocked_until > 0',
    )
    .bind(milliseconds, tenant.orgId)
    .run();
}

function expectWait(answer: Answer, seconds: number): void {
  expect(answer.status).toBe(429);
  const wait = Number(answer.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(seconds - 15);
  expect(wait).toBeLessThanOrEqual(seconds);
}

describe('the throttle', () => {
  it('waits 30 s after ten wrong in a row, and twice as long after each further one, up to an hour', async () => {
    const user = await t.makeUser(tenant);
    await guess(user.userId, LIMIT);
    let wait = 30;
    for (let round = 0; round < 9; round += 1) {
      expectWait(await t.vbaSignIn(tenant, user.userId, user.password), wait);
      await passTime(wait * 1000 + 1000);
      expect((await t.vbaSignIn(tenant, user.userId, WRONG)).status).toBe(401);
      wait = Math.min(3600, wait * 2);
    }
    expect(wait).toBe(3600);
  });

  it('closes every password door at once', async () => {
    const user = await t.makeUser(tenant);
    const { userId, email, password } = user;
    const token = await t.zapToken(tenant, user);
    await guess(userId, LIMIT);
    const change = { userId, email, oldPassword: password, newPassword: NEW.password };
    expectWait(await t.zapChange(tenant, admin, change), 30);
    expectWait(await t.zapChange(tenant, token, change), 30);
    const body = { newPassword: NEW, currentPassword: password };
    const byZitadel = await t.zitadelChange(tenant.serviceToken, userId, body);
    expectWait(byZitadel, 30);
    expect(byZitadel.body.code).toBe(8);
    expect(await t.readUser(tenant, userId)).toMatchObject({ state: 'locked', passwordVersion: 1 });
  });

  it('counts guesses at every door together', async () => {
    const { userId, email } = await t.makeUser(tenant);
    for (let i = 0; i < 3; i += 1) {
      await t.vbaSignIn(tenant, userId, WRONG);
      const body = { newPassword: NEW, currentPassword: WRONG };
      await t.zitadelChange(tenant.readerToken, userId, body);
      const change = { userId, email, oldPassword: WRONG, newPassword: NEW.password };
      await t.zapChange(tenant, admin, change);
    }
    expect(await t.readUser(tenant, userId)).toMatchObject({ failedAttempts: 9 });
    await t.zitadelChange(tenant.readerToken, userId, {
      newPassword: NEW,
      verificationCode: 'NONE2345',
    });
    expect((await t.vbaSignIn(tenant, userId, WRONG)).status).toBe(429);
  });

  it('begins anew after a right password', async () => {
    const user = await t.makeUser(tenant);
    for (let round = 0; round < 3; round += 1) {
      await guess(user.userId, LIMIT - 1);
      expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
      expect(await t.readUser(tenant, user.userId)).toMatchObject({ failedAttempts: 0 });
    }
  });

  it('does not begin anew for a victim when the attacker signs in as somebody else', async () => {
    const victim = await t.makeUser(tenant);
    const attacker = await t.makeUser(tenant);
    for (let i = 0; i < LIMIT; i += 1) {
      await guess(victim.userId, 1);
      expect((await t.vbaSignIn(tenant, attacker.userId, attacker.password)).status).toBe(200);
    }
    expect((await t.vbaSignIn(tenant, victim.userId, WRONG)).status).toBe(429);
  });

  it('counts spellings of one login name as one', async () => {
    const { email } = await t.makeUser(tenant);
    for (let i = 0; i < LIMIT; i += 1) {
      const spelling = i % 2 === 0 ? email : email.toUpperCase();
      expect((await t.zapLogin(tenant, spelling, WRONG)).status).toBe(401);
    }
    expect((await t.zapLogin(tenant, email, WRONG)).status).toBe(429);
  });

  it('leaves open sessions and the reset by code working, and the reset lifts it', async () => {
    const user = await t.makeUser(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    await guess(user.userId, LIMIT);
    const tokens = signedIn.body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(200);
    const verificationCode = await t.resetCode(tenant, user.userId);
    const newPassword = { password: t.newPassword() };
    const reset = await t.zitadelChange(tenant.readerToken, user.userId, {
      newPassword,
      verificationCode,
    });
    expect(reset.status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, newPassword.password)).status).toBe(200);
  });

  it('is lifted by a change under each of the four names of a user', async () => {
    const n = t.nextSerial();
    const user = { userId: `user-${n}`, username: `name-${n}`, email: `p-${n}@mail.example` };
    const names = [...Object.values(user), `+49 30 ${n}`];
    const made = { ...user, phone: names.at(-1), password: t.newPassword() };
    const path = `/tenants/${tenant.orgId}/users`;
    expect((await t.admin('POST', path, made)).status).toBe(201);
    for (const name of names) {
      for (let i = 0; i < LIMIT; i += 1) await t.zapLogin(tenant, name, WRONG);
      expect((await t.zapLogin(tenant, name, WRONG)).status).toBe(429);
    }
    const changed = await t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: t.newPassword() },
    });
    expect(changed.status).toBe(200);
    for (const name of names) expect((await t.zapLogin(tenant, name, WRONG)).status).toBe(401);
  });

  it('does not count what is no guess', async () => {
    const user = await t.makeUser(tenant);
    const { userId, email, password } = user;
    const plain = await t.zapToken(tenant, await t.makeUser(tenant));
    const attempts: Promise<Answer>[] = [
      t.zapChange(tenant, plain, { userId, email, oldPassword: WRONG, newPassword: NEW.password }),
      t.zapChange(tenant, admin, {
        userId,
        email: 'other@mail.example',
        oldPassword: WRONG,
        newPassword: NEW.password,
      }),
      t.zapChange(tenant, admin, { userId, email, oldPassword: password, newPassword: password }),
      t.zapChange(tenant, admin, { userId, email, oldPassword: password, newPassword: 'short' }),
      t.zitadelChange(tenant.readerToken, userId, { newPassword: NEW }),
    ];
    for (const attempt of attempts) expect((await attempt).status).toBeGreaterThanOrEqual(400);
    const verificationCode = await t.resetCode(tenant, userId);
    const weak = { newPassword: { password: 'short' }, verificationCode };
    expect((await t.zitadelChange(tenant.readerToken, userId, weak)).status).toBe(400);
    expect(await t.readUser(tenant, userId)).toMatchObject({ failedAttempts: 0 });
    // The proof of the last one was not spent.
    const good = { newPassword: NEW, verificationCode };
    expect((await t.zitadelChange(tenant.readerToken, userId, good)).status).toBe(200);
  });

  it('keeps neither the name nor a password typed into its place', async () => {
    const typed = 'my secret password typed as a name';
    await t.vbaSignIn(tenant, typed, WRONG);
    const { results } = await t.databaseOf(tenant).prepare('SELECT * FROM throttle').all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toContain('secret');
  });
});
