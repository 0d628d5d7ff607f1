// Who may change whose password, what proves it, and what follows.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectData, expectFailure, expectUpdated, listChanges, see } from './call.ts';

const GUESS = 'no password of anyone here';

let tenant: t.TestTenant;
let admin: t.TestUser;
let adminToken: string;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  admin = await t.makeUser(tenant, { role: 'admin' });
  adminToken = await t.zapToken(tenant, admin);
});

beforeEach(async () => {
  user = await t.makeUser(tenant);
});

interface Over {
  readonly userId?: string;
  readonly email?: string;
  readonly oldPassword?: string;
  readonly newPassword?: string;
}

function change(token: string, over: Over = {}, of = user): Promise<Answer> {
  const { userId, email, password } = of;
  const right = { userId, email, oldPassword: password, newPassword: t.newPassword() };
  return call(tenant, '/v1/changePassword', { token, body: { ...right, ...over } });
}

async function expectUntouched(...users: t.TestUser[]): Promise<void> {
  for (const { userId } of users) {
    const status = await t.readUser(tenant, userId);
    expect(status).toMatchObject({ passwordVersion: 1, failedAttempts: 0 });
  }
}

describe('an admin', () => {
  it("changes a user's password", async () => {
    const newPassword = t.newPassword();
    const answer = await change(adminToken, { newPassword });
    expectUpdated(answer);
    expect(answer.text).toBe('{"success":true,"data":"Password updated successfully"}');
    expectFailure(await t.zapLogin(tenant, user.email, user.password), 401);
    expectData(await t.zapLogin(tenant, user.email, newPassword));
    expect((await t.vbaSignIn(tenant, user.userId, newPassword)).status).toBe(200);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      state: 'active',
      passwordVersion: 2,
      failedAttempts: 0,
    });
  });

  it('is named in the audit beside the user', async () => {
    const answer = await change(adminToken);
    expectUpdated(answer);
    expect(await listChanges(tenant, user.userId)).toEqual([
      expect.objectContaining({
        userId: user.userId,
        actor: { kind: 'admin', userId: admin.userId },
        dialect: 'zap',
        activityId: answer.headers.get('x-request-id'),
      }),
    ]);
  });

  it("ends all of the user's sessions, and not their own", async () => {
    const userToken = await t.zapToken(tenant, user);
    const vba = await t.vbaSignIn(tenant, user.userId, user.password);
    const newPassword = t.newPassword();
    expectUpdated(await change(adminToken, { newPassword }));
    expectFailure(await change(userToken, { oldPassword: newPassword }), 401);
    const refreshed = await t.vbaRefresh(tenant, vba.body.data.authenticationResult);
    expect(refreshed.status).toBe(401);
    const next = await t.makeUser(tenant);
    expectUpdated(await change(adminToken, {}, next));
  });

  it('changes a temporary password for good, and ends its challenge', async () => {
    const temporary = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, temporary);
    const newPassword = t.newPassword();
    expectUpdated(await change(adminToken, { newPassword }, temporary));
    const { userId } = temporary;
    const late = await t.vbaChange(tenant, {
      userID: userId,
      newPassword: t.newPassword(),
      session,
    });
    expect(late.status).toBe(401);
    expect(await t.readUser(tenant, userId)).toMatchObject({
      state: 'active',
      mustChangePassword: false,
      passwordVersion: 2,
    });
    expectData(await t.zapLogin(tenant, temporary.email, newPassword));
  });

  it('changes their own password', async () => {
    const boss = await t.makeUser(tenant, { role: 'admin' });
    expectUpdated(await change(await t.zapToken(tenant, boss), {}, boss));
  });

  it('must name one and the same user by userId and email', async () => {
    const other = await t.makeUser(tenant);
    const foreign = await t.makeTenant();
    const foreigner = await t.makeUser(foreign);
    const reference = await change(adminToken, { userId: 'nobody', email: 'nobody@mail.example' });
    expectFailure(reference, 400);
    for (const over of [
      { email: other.email },
      { userId: other.userId },
      { email: other.email, oldPassword: other.password },
      { email: 'nobody@mail.example' },
      { email: user.username },
      { userId: 'nobody' },
      { userId: user.email },
      { userId: user.userId.toUpperCase() },
      { userId: foreigner.userId, email: foreigner.email, oldPassword: foreigner.password },
    ]) {
      expect(see(await change(adminToken, over))).toEqual(see(reference));
    }
    await expectUntouched(user, other);
    expect((await t.readUser(foreign, foreigner.userId)).passwordVersion).toBe(1);
  });

  it('may write the email in another case', async () => {
    expectUpdated(await change(adminToken, { email: user.email.toUpperCase() }));
  });

  it('cannot change a disabled user, nor one who has no password', async () => {
    await t.disableUser(tenant, user.userId);
    expectFailure(await change(adminToken), 400);
    const bare = await t.makeUser(tenant, { withoutPassword: true });
    expectFailure(await change(adminToken, {}, bare), 400);
    await expectUntouched(user, bare);
  });

  it("must know the user's password, and not their own", async () => {
    expectFailure(await change(adminToken, { oldPassword: admin.password }), 400);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
  });
});

describe('a user', () => {
  it('changes their own password', async () => {
    const newPassword = t.newPassword();
    expectUpdated(await change(await t.zapToken(tenant, user), { newPassword }));
    expectData(await t.zapLogin(tenant, user.email, newPassword));
    expectFailure(await t.zapLogin(tenant, user.email, user.password), 401);
    const [event] = await listChanges(tenant, user.userId);
    expect(event?.actor).toEqual({ kind: 'user', userId: user.userId });
  });

  it('is refused with the email of another user', async () => {
    const other = await t.makeUser(tenant);
    expectFailure(await change(await t.zapToken(tenant, user), { email: other.email }), 400);
    await expectUntouched(user, other);
  });

  it('cannot change another, nor learn whether they are there, nor use up their tries', async () => {
    const token = await t.zapToken(tenant, user);
    const other = await t.makeUser(tenant);
    const reference = await change(token, {}, other);
    expectFailure(reference, 403);
    for (let i = 0; i < 10; i += 1) {
      const answer = await change(token, { oldPassword: `${GUESS} ${i}` }, other);
      expect(see(answer)).toEqual(see(reference));
    }
    for (const over of [
      { userId: 'nobody' },
      { userId: other.userId },
      { userId: admin.userId, email: admin.email, oldPassword: admin.password },
      { userId: other.userId, newPassword: 'short' },
      { userId: other.userId, newPassword: user.password },
    ]) {
      expect(see(await change(token, over))).toEqual(see(reference));
    }
    await expectUntouched(other);
    expectData(await t.zapLogin(tenant, other.email, other.password));
  });
});

describe('the old password', () => {
  it('that is wrong is refused, and counted', async () => {
    expectFailure(await change(adminToken, { oldPassword: GUESS }), 400);
    expectFailure(await change(await t.zapToken(tenant, user), { oldPassword: GUESS }), 400);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 2,
    });
    expectUpdated(await change(adminToken));
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });

  it('that is temporary and past its life proves nothing any more', async () => {
    const temporary = await t.makeUser(tenant, { temporary: true });
    await t
      .databaseOf(tenant)
      .prepare('UPDATE credential SET temporary_expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, temporary.userId)
      .run();
    expect(expectFailure(await change(adminToken, {}, temporary), 400)).toMatch(/expired/);
    const wrong = await change(adminToken, { oldPassword: GUESS }, temporary);
    expect(expectFailure(wrong, 400)).not.toMatch(/expired/);
    expect((await t.readUser(tenant, temporary.userId)).passwordVersion).toBe(1);
  });

  it('that is wrong hides what is wrong with the new one', async () => {
    const wrong = await change(adminToken, { oldPassword: GUESS });
    const both = await change(adminToken, { oldPassword: GUESS, newPassword: 'too short' });
    expectFailure(wrong, 400);
    expect(see(both)).toEqual(see(wrong));
  });

  it('is verified exactly as it is', async () => {
    for (const oldPassword of [`${user.password} `, ` ${user.password}`]) {
      expectFailure(await change(adminToken, { oldPassword }), 400);
    }
    expectFailure(await change(adminToken, { oldPassword: user.password.toUpperCase() }), 400);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
  });

  it('of an unsuitable form is refused without being counted', async () => {
    for (const oldPassword of ['p'.repeat(201), `${user.password}\0`, 'pass\u0007word']) {
      expectFailure(await change(adminToken, { oldPassword }), 400);
    }
    await expectUntouched(user);
  });
});

describe('the new password', () => {
  it('that breaks the policy is refused by the rule, and the old one still works', async () => {
    expect(expectFailure(await change(adminToken, { newPassword: 'too short' }), 400)).toContain(
      '15',
    );
    const named = `${user.userId} ${user.username}`;
    expect(expectFailure(await change(adminToken, { newPassword: named }), 400)).toMatch(/name/);
    const long = await change(adminToken, { newPassword: 'p'.repeat(201) });
    expect(expectFailure(long, 400)).toContain('200');
    const control = await change(adminToken, { newPassword: 'violet\u0000 harbour at dawn' });
    expectFailure(control, 400);
    await expectUntouched(user);
    expectData(await t.zapLogin(tenant, user.email, user.password));
    expectUpdated(await change(adminToken));
  });

  it('must differ from the old one, in whichever Unicode form', async () => {
    expectFailure(await change(adminToken, { newPassword: user.password }), 400);
    expectFailure(await change(adminToken, { oldPassword: GUESS, newPassword: GUESS }), 400);
    const guest = await t.makeUser(tenant, { password: 'caf\u00e9 by the harbour' });
    const newPassword = 'cafe\u0301 by the harbour';
    expectFailure(await change(adminToken, { newPassword }, guest), 400);
    await expectUntouched(user, guest);
  });

  it.each([
    'V!olet h4rbour dawn',
    '\u6e2f\u53e3\u306e\u671d\u306f\u9759\u304b\u3067\u6c34\u9762\u304c\u5149\u308b\u6642\u9593',
    ' \u{1f6a2} \u{1f30a} \u{2693} \u{1f419} \u{1f41a} \u{1f33b} \u{1f511} \u{1f3b2} ',
  ])('may be "%s"', async (newPassword) => {
    expectUpdated(await change(adminToken, { newPassword }));
    expectData(await t.zapLogin(tenant, user.email, newPassword));
  });
});
