// A tenant may let passwords grow old, and none does by default. The ways out of an old one: states.test.ts.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { call, openSession, showUser } from '../support/zitadel-users.ts';

cheapenHashes();

const DAY = 86_400;

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant({ settings: { maxAge: 90 * DAY } });
});

/** `days`: how long ago the password was chosen. */
async function makeUserOf(days: number, of = tenant): Promise<t.TestUser> {
  const user = await t.makeUser(of);
  await t
    .databaseOf(of)
    .prepare('UPDATE credential SET changed_at = changed_at - ?1 WHERE user_id = ?2')
    .bind(days * DAY * 1000, user.userId)
    .run();
  return user;
}

describe('a password that is too old', () => {
  it('opens nothing but its change, where a challenge can be told', async () => {
    const user = await makeUserOf(91);
    const session = await t.openChallenge(tenant, user);
    const wrong = await t.vbaSignIn(tenant, user.userId, t.newPassword());
    expect([wrong.status, wrong.body.error.title]).toEqual([401, 'Unauthorized']);
    const { userId: userID } = user;
    const same = { userID, newPassword: user.password, session };
    expect((await t.vbaChange(tenant, same)).status).toBe(400);
    const newPassword = t.newPassword();
    expect((await t.vbaChange(tenant, { userID, newPassword, session })).status).toBe(200);
    const signedIn = await t.vbaSignIn(tenant, userID, newPassword);
    expect(signedIn.body.data.challengeName).toBeNull();
  });

  it('is turned away where none can, and told only to who knows it', async () => {
    const user = await makeUserOf(91);
    const right = await t.zapLogin(tenant, user.email, user.password);
    const text = 'The password must be changed first.';
    expect([right.status, right.body]).toEqual([
      403,
      { success: false, data: text, message: text },
    ]);
    const wrong = await t.zapLogin(tenant, user.email, t.newPassword());
    expect([wrong.status, wrong.body.data]).toEqual([401, 'Invalid credentials']);
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(1);
  });

  it('checks a session of ZITADEL’s, whose sign-in page is told to have it changed', async () => {
    const user = await makeUserOf(91);
    await openSession(tenant, user);
    const { human } = await showUser(tenant, user.userId);
    expect(human.passwordChangeRequired).toBe(true);
    const path = 'settings/password/expiry';
    const { settings } = (await call(tenant.readerToken, 'GET', path)).body;
    expect(settings.maxAgeDays).toBe('90');
  });

  it('is told to the operator', async () => {
    const { userId } = await makeUserOf(91);
    const user = await t.readUser(tenant, userId);
    expect(user).toMatchObject({ state: 'overdue', mustChangePassword: true });
  });

  it('does not end the sessions that there are', async () => {
    const user = await t.makeUser(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const sql = 'UPDATE credential SET changed_at = 1 WHERE user_id = ?';
    await t.databaseOf(tenant).prepare(sql).bind(user.userId).run();
    const tokens = signedIn.body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(200);
  });
});

it('one that is not too old signs in', async () => {
  const user = await makeUserOf(89);
  expect((await t.zapLogin(tenant, user.email, user.password)).status).toBe(200);
  const { human } = await showUser(tenant, user.userId);
  expect(human.passwordChangeRequired ?? false).toBe(false);
  expect((await t.readUser(tenant, user.userId)).state).toBe('active');
});

it('without an age a password of ten years signs in, and no expiry is told', async () => {
  const own = await t.makeTenant();
  const user = await makeUserOf(3650, own);
  const signedIn = await t.vbaSignIn(own, user.userId, user.password);
  expect(signedIn.body.data.challengeName).toBeNull();
  const headers = { authorization: `Bearer ${own.readerToken}` };
  const expiry = await send('/v2/settings/password/expiry', { headers });
  expect(expiry.body.settings.maxAgeDays ?? '0').toBe('0');
});
