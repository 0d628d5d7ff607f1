// What was decided on a user as it was is not done to the user as it is: each step outpaces what is under way.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { overtake } from '../support/held-commit.ts';
import type { Answer, Env } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import {
  addHuman,
  call,
  changeUser,
  type Human,
  mustStep,
  showUser,
  takeStep,
  userPath,
} from '../support/zitadel-users.ts';

cheapenHashes();

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

const token = () => tenant.serviceToken;
const remove = (userId: string, on?: Env) =>
  call(token(), 'DELETE', userPath(userId), undefined, on);

async function mustRemove(userId: string): Promise<void> {
  expect((await remove(userId)).status).toBe(200);
}

/** Another user of the same id and names. */
async function replace(user: Human): Promise<Human> {
  await mustRemove(user.userId);
  return addHuman(tenant, {
    userId: user.userId,
    username: user.username,
    email: { email: user.email, isVerified: true },
    phone: { phone: user.phone, isVerified: true },
  });
}

async function count(table: string, userId: string): Promise<number> {
  const total = await t
    .databaseOf(tenant)
    .prepare(`SELECT count(*) AS total FROM ${table} WHERE tenant_id = ? AND user_id = ?`)
    .bind(tenant.orgId, userId)
    .first<number>('total');
  return total ?? 0;
}

const checks = (user: t.TestUser) => ({
  checks: { user: { userId: user.userId }, password: { password: user.password } },
});

type Request = (user: Human, on: Env) => Promise<Answer>;

const wanted = 'another harbour, far from here';

const SIGN_INS: [string, Request][] = [
  ['a VBA sign-in', (user, on) => t.vbaSignIn(tenant, user.userId, user.password, on)],
  ['a ZAP login', (user, on) => t.zapLogin(tenant, user.email, user.password, on)],
  ['a ZITADEL session', (user, on) => call(token(), 'POST', 'sessions', checks(user), on)],
];

const CHANGES: [string, Request][] = [
  [
    'a change of the password',
    (user, on) =>
      t.zitadelChange(
        token(),
        user.userId,
        { newPassword: { password: wanted }, currentPassword: user.password },
        on,
      ),
  ],
  [
    'a change by authority',
    (user, on) => t.zitadelChange(token(), user.userId, { newPassword: { password: wanted } }, on),
  ],
  [
    'a change of the names',
    ({ userId }, on) => changeUser(token(), userId, { username: `late-${userId}` }, on),
  ],
  ['a lock', ({ userId }, on) => takeStep(token(), userId, 'lock', on)],
  ['a deactivation', ({ userId }, on) => takeStep(token(), userId, 'deactivate', on)],
  ['a deletion', ({ userId }, on) => remove(userId, on)],
  [
    'a code',
    ({ userId }, on) =>
      call(token(), 'POST', `${userPath(userId)}/password_reset`, { returnCode: {} }, on),
  ],
];

describe.each(SIGN_INS)('%s under way', (_, signIn) => {
  it.each([
    ['locked', (user: Human) => mustStep(tenant, user.userId, 'lock')],
    ['deactivated', (user: Human) => mustStep(tenant, user.userId, 'deactivate')],
    ['deleted', (user: Human) => mustRemove(user.userId)],
    ['replaced', (user: Human) => replace(user)],
  ])('opens nothing when the user is %s first', async (_state, meanwhile) => {
    const user = await addHuman(tenant);
    const answer = await overtake(
      (on) => signIn(user, on),
      () => meanwhile(user),
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toMatch(/[Tt]oken"/);
    for (const table of ['family', 'refresh_token', 'login_session', 'challenge']) {
      expect(await count(table, user.userId), table).toBe(0);
    }
  });
});

describe.each([...CHANGES, ...SIGN_INS])('%s under way', (_, request) => {
  it('does nothing to another user who has got the id meanwhile', async () => {
    const user = await addHuman(tenant);
    let after = '';
    const answer = await overtake(
      (on) => request(user, on),
      async () => {
        await replace(user);
        after = await dumpTenant(tenant);
      },
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await dumpTenant(tenant)).toBe(after);
  });

  it('leaves nothing of a user who is deleted first', async () => {
    const user = await addHuman(tenant);
    await overtake(
      (on) => request(user, on),
      () => mustRemove(user.userId),
    );
    for (const table of ['account', 'credential', 'login_name', 'code', 'family']) {
      expect(await count(table, user.userId), table).toBe(0);
    }
  });
});

describe.each(CHANGES.filter(([name]) => name !== 'a code'))('%s under way', (_, request) => {
  it('does not undo a change that came first', async () => {
    const user = await addHuman(tenant);
    const username = `first-${user.userId}`;
    const password = t.newPassword();
    const answer = await overtake(
      (on) => request(user, on),
      async () => {
        const body = { username, password: { password: { password } } };
        expect((await changeUser(token(), user.userId, body)).status).toBe(200);
      },
    );
    expect(answer.body).toMatchObject({ code: 10 });
    expect(await showUser(tenant, user.userId)).toMatchObject({
      username,
      state: 'USER_STATE_ACTIVE',
    });
    expect((await t.zapLogin(tenant, username, password)).status).toBe(200);
    expect((await t.zapLogin(tenant, user.username, password)).status).toBe(401);
  });
});

describe('many at once', () => {
  it('let one of ten steps of a kind through', async () => {
    for (const step of ['lock', 'unlock', 'deactivate', 'reactivate'] as const) {
      const user = await addHuman(tenant);
      if (step === 'unlock') await mustStep(tenant, user.userId, 'lock');
      if (step === 'reactivate') await mustStep(tenant, user.userId, 'deactivate');
      const before = (await t.listEvents(tenant, user.userId)).length;
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => takeStep(token(), user.userId, step)),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect((await t.listEvents(tenant, user.userId)).length).toBe(before + 1);
    }
  });

  it('leave no live session when sign-ins meet a lock', async () => {
    const user = await addHuman(tenant);
    const work = Array.from({ length: 12 }, (_, i) => {
      if (i === 6) return takeStep(token(), user.userId, 'lock');
      const [, signIn] = SIGN_INS[i % SIGN_INS.length] ?? [];
      return signIn?.(user, undefined as never);
    });
    await Promise.all(work);
    const lives = await t
      .databaseOf(tenant)
      .prepare(
        'SELECT count(*) AS total FROM family WHERE tenant_id = ? AND user_id = ? AND revoked_at IS NULL',
      )
      .bind(tenant.orgId, user.userId)
      .first('total');
    expect([lives, await count('login_session', user.userId)]).toEqual([0, 0]);
    expect((await showUser(tenant, user.userId)).state).toBe('USER_STATE_LOCKED');
  });

  it('rename one of eight users to the same name, and find that one by it', async () => {
    const users = await Promise.all(Array.from({ length: 8 }, () => addHuman(tenant)));
    const username = `Wanted ${t.nextSerial()}`;
    const answers = await Promise.all(
      users.map(({ userId }) => changeUser(token(), userId, { username })),
    );
    const winners = users.filter((_, i) => answers[i]?.status === 200);
    expect(winners).toHaveLength(1);
    for (const { status } of answers) expect([200, 409]).toContain(status);
    await expectNamesConsistent(users);
    const [winner] = winners;
    expect((await t.zapLogin(tenant, username, winner?.password ?? '')).status).toBe(200);
  });

  it('rename one user to one of eight names', async () => {
    const user = await addHuman(tenant);
    const names = Array.from({ length: 8 }, () => `Choice ${t.nextSerial()}`);
    const answers = await Promise.all(
      names.map((username) => changeUser(token(), user.userId, { username })),
    );
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    const { username } = await showUser(tenant, user.userId);
    const won = names.filter((_, i) => answers[i]?.status === 200);
    expect(won).toContain(username);
    await expectNamesConsistent([user]);
  });

  /** What finds a user is what the user is called. */
  async function expectNamesConsistent(users: readonly Human[]): Promise<void> {
    for (const { userId } of users) {
      const { results } = await t
        .databaseOf(tenant)
        .prepare('SELECT name FROM login_name WHERE tenant_id = ? AND user_id = ?')
        .bind(tenant.orgId, userId)
        .all<{ name: string }>();
      const { loginNames } = await showUser(tenant, userId);
      const shown = loginNames.map((name: string) => name.toLowerCase()).sort();
      expect(results.map(({ name }) => name).sort()).toEqual(shown);
    }
  }
});
