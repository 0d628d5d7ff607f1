// Whether an administrator may choose a user's password: as the tenant has it, at every door, and never a user's own choice.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { DOORS, makeWorld, type World } from '../support/password-doors.ts';
import { type Answer, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { call, describeHuman, UPDATERS } from '../support/zitadel-users.ts';

cheapenHashes();

const doors = (by: 'user' | 'administrator') =>
  Object.entries(DOORS).filter(([, door]) => door.by === by);

async function makeWorldThat(administratorPasswords: string): Promise<World> {
  const world = await makeWorld();
  await choose(world, administratorPasswords);
  return world;
}

async function choose({ tenant }: World, administratorPasswords: string | null): Promise<void> {
  const settings = { administratorPasswords };
  const patched = await t.admin('PATCH', `/tenants/${tenant.orgId}`, { settings });
  expect([patched.status, patched.text]).toEqual([200, expect.any(String)]);
}

/** A user of the tenant, made while it was allowed. */
async function makeUser(world: World, setting: string, options = {}): Promise<t.TestUser> {
  await choose(world, null);
  const user = await t.makeUser(world.tenant, options);
  await choose(world, setting);
  return user;
}

describe('where it is forbidden', () => {
  let world: World;

  beforeAll(async () => {
    world = await makeWorldThat('forbidden');
  });

  it.each(doors('administrator'))('is refused, for nothing: %s', async (_, door) => {
    const opened = await door.open(world, (options) => makeUser(world, 'forbidden', options));
    const before = await readRows(world);
    const { value: answer, cost } = await measure((on) => opened.knock(t.newPassword(), on));
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('send a code')]);
    door.expectShape(answer, opened.path);
    expect(cost.links).toBe(0);
    expect(await readRows(world)).toBe(before);
  });

  it.each(doors('user'))('is no bar to the user: %s', async (_, door) => {
    const opened = await door.open(world, (options) => makeUser(world, 'forbidden', options));
    const answer = await opened.knock(t.newPassword());
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    const user = await t.readUser(world.tenant, opened.userId(answer));
    expect(user).toMatchObject({ state: 'active', mustChangePassword: false });
  });

  it('is a hash of another system refused too, since whoever made it chose the password', async () => {
    const { tenant } = world;
    const hash = `$pbkdf2-sha256$12$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    const human = { ...describeHuman(), hashedPassword: { hash } };
    const made = await call(tenant.serviceToken, 'POST', 'users/human', human);
    expect([made.status, made.body.details[0].id]).toEqual([403, 'REKEY-choice']);
  });

  it('may an administrator make a user, send a code, and have a password made', async () => {
    const { tenant } = world;
    const { userId } = await t.makeUser(tenant, { withoutPassword: true });
    const verificationCode = await t.resetCode(tenant, userId);
    const change = { newPassword: { password: t.newPassword() }, verificationCode };
    expect((await t.zitadelChange(tenant.readerToken, userId, change)).status).toBe(200);
    const path = `/tenants/${tenant.orgId}/users`;
    const made = await t.admin('POST', path, { generateTemporaryPassword: true });
    expect([made.status, made.body.temporaryPassword]).toEqual([201, expect.any(String)]);
  });

  it('does an administrator change the own password as every user does, and by no authority', async () => {
    const { tenant } = world;
    const admin = await makeUser(world, 'forbidden', { role: 'admin' });
    const token = await t.zapToken(tenant, admin);
    const newPassword = t.newPassword();
    const { userId, email, password: oldPassword } = admin;
    const change = { userId, email, oldPassword, newPassword };
    expect((await t.zapChange(tenant, token, change)).status).toBe(200);
  });
});

describe('where it is temporary', () => {
  let world: World;

  beforeAll(async () => {
    world = await makeWorldThat('temporary');
  });

  it.each(doors('administrator'))('must be changed: %s', async (_, door) => {
    const opened = await door.open(world);
    const password = t.newPassword();
    const answer = await opened.knock(password);
    expect([answer.status < 300, answer.text]).toEqual([true, expect.any(String)]);
    const userId = opened.userId(answer);
    const user = await t.readUser(world.tenant, userId);
    expect(user).toMatchObject({ state: 'temporary', mustChangePassword: true });
    const signedIn = await t.vbaSignIn(world.tenant, userId, password);
    expect(signedIn.body.data.challengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('is what the user chose the user’s for good', async () => {
    const user = await t.makeUser(world.tenant, { temporary: true });
    const session = await t.openChallenge(world.tenant, user);
    const newPassword = t.newPassword();
    const change = { userID: user.userId, newPassword, session };
    expect((await t.vbaChange(world.tenant, change)).status).toBe(200);
    const state = await t.readUser(world.tenant, user.userId);
    expect(state).toMatchObject({ state: 'active', mustChangePassword: false });
  });
});

it('is what it was asked to be where it is allowed, read back at the doors that say', async () => {
  const { tenant } = await makeWorld();
  for (const { update } of UPDATERS) {
    for (const changeRequired of [true, false]) {
      const { userId } = await t.makeUser(tenant);
      const password = { password: { password: t.newPassword(), changeRequired } };
      const answer: Answer = await update(tenant.serviceToken, userId, { password });
      expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
      const read = await call(tenant.readerToken, 'GET', `users/${userId}`);
      expect(read.body.user.human.passwordChangeRequired ?? false).toBe(changeRequired);
      expect((await t.readUser(tenant, userId)).mustChangePassword).toBe(changeRequired);
    }
  }
});

/** All of the tenant but guesses, which are given back. */
async function readRows({ tenant }: World): Promise<string> {
  return (await dumpTenant(tenant)).replaceAll(/^(?:throttle|lane|flood): .*$/gm, '');
}
