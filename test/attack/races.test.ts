// Section 5.1, races: many at once at two app instances over one D1, and requests that overtake each other.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, refillBuckets } from '../dialects/vba/call.ts';
import { reset } from '../dialects/zap/people.ts';
import { overtake } from '../support/held-commit.ts';
import { countDerivations } from '../support/iteration-cap.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { startInstance, storm } from './instances.ts';

const LINKS_PER_HASH = 6;
const THROTTLE_LIMIT = 10;

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

/** The index of the only success; every other answer is a refusal of the caller, not a fault of ours. */
function findWinner(answers: readonly Answer[]): number {
  const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
  expect(winners).toHaveLength(1);
  // 503: so many hashes at once may be turned away before any work.
  for (const { status } of answers) expect([200, 400, 401, 409, 429, 503]).toContain(status);
  return winners[0] ?? -1;
}

function read<T>(sql: string, userId: string): Promise<T | null> {
  return t.databaseOf(tenant).prepare(sql).bind(tenant.orgId, userId).first<T>();
}

const FAMILIES = `SELECT count(*) AS made, count(*) - count(revoked_at) AS live
  FROM family WHERE tenant_id = ? AND user_id = ?`;

/** Changed once, by the winner: its password signs in, and those of the others do not. */
async function expectOneChange(user: t.TestUser, passwords: readonly string[], winner: number) {
  expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
  const events = await t.listEvents(tenant, user.userId);
  expect(events.filter(({ type }) => type === 'password.changed')).toHaveLength(1);
  const losers = passwords.filter((_, index) => index !== winner).slice(0, 2);
  // Those that came after the winner were wrong guesses, and of so many some have to wait.
  await t.databaseOf(tenant).prepare('DELETE FROM throttle').run();
  expect((await t.zapLogin(tenant, user.email, passwords[winner] ?? '')).status).toBe(200);
  for (const loser of [...losers, user.password]) {
    expect((await t.zapLogin(tenant, user.email, loser)).status).toBe(401);
  }
}

const passwordsFor = (count: number) => Array.from({ length: count }, () => t.newPassword());

describe('A01: a reset code', () => {
  it('that 50 use at once changes the password once, at three doors of two instances', async () => {
    const user = await t.makeUser(tenant);
    const code = await t.resetCode(tenant, user.userId);
    const passwords = passwordsFor(50);
    const answers = await storm(50, (on, index) => {
      const password = passwords[index] ?? '';
      const newPassword = { password };
      const confirmed = { userID: user.userId, confirmationCode: code, newPassword: password };
      const doors = [
        () => call(tenant, '/confirm-forgot-password', { body: confirmed, on }),
        () => reset(tenant, user.email, code, password, on),
        () =>
          t.zitadelChange(
            tenant.readerToken,
            user.userId,
            { newPassword, verificationCode: code },
            on,
          ),
      ] as const;
      return (doors[Math.floor(index / 2) % doors.length] ?? doors[0])();
    });
    const winner = findWinner(answers);
    await expectOneChange(user, passwords, winner);
    const spent = `SELECT count(*) AS codes, max(spent_version) AS version FROM code
      WHERE tenant_id = ? AND user_id = ?`;
    expect(await read(spent, user.userId)).toEqual({ codes: 1, version: 2 });
  });
});

describe('A02: a challenge session', () => {
  it('that 20 use at once opens one session, at two instances', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const passwords = passwordsFor(20);
    const answers = await storm(20, (on, index) =>
      t.vbaChange(
        tenant,
        { userID: user.userId, newPassword: passwords[index] ?? '', session },
        on,
      ),
    );
    const winner = findWinner(answers);
    expect(answers.filter(({ text }) => text.includes('refreshToken":"'))).toHaveLength(1);
    expect(await read(FAMILIES, user.userId)).toEqual({ made: 1, live: 1 });
    await expectOneChange(user, passwords, winner);
  });
});

describe('A03: parallel guesses', () => {
  it('200 at once at two instances hash no more than the limit, and the right one last is refused', async () => {
    const user = await t.makeUser(tenant);
    const before = countDerivations();
    const answers = await storm(201, (on, index) => {
      const currentPassword = index === 200 ? user.password : `wrong guess ${index} of many`;
      const newPassword = { password: `a new password for guess ${index}` };
      const body = { newPassword, currentPassword };
      return t.zitadelChange(tenant.readerToken, user.userId, body, on);
    });
    const hashes = (countDerivations() - before) / LINKS_PER_HASH;
    expect(hashes).toBeGreaterThan(0);
    expect(hashes).toBeLessThanOrEqual(THROTTLE_LIMIT);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(hashes);
    expect(answers.at(-1)?.status).not.toBe(200);
    const { passwordVersion, failedAttempts } = await t.readUser(tenant, user.userId);
    expect({ passwordVersion, failedAttempts }).toEqual({
      passwordVersion: 1,
      failedAttempts: hashes,
    });
  });
});

describe('A04: a change by the old password', () => {
  it('that 8 ask for at once, at three doors of two instances, is made once and ends every session', async () => {
    const user = await t.makeUser(tenant);
    const { userId, email, password: old } = user;
    const signedIn = await t.vbaSignIn(tenant, userId, old);
    const tokens = signedIn.body.data.authenticationResult;
    const passwords = passwordsFor(8);
    const path = `/users/${userId}/change-password`;
    const headers = { authorization: `Bearer ${tokens.idToken}` };
    const answers = await storm(8, (on, index) => {
      const password = passwords[index] ?? '';
      const byZap = { userId, email, oldPassword: old, newPassword: password };
      const byVba = { currentPassword: old, newPassword: password };
      const byZitadel = { newPassword: { password }, currentPassword: old };
      const doors = [
        () => t.zapChange(tenant, tokens.accessToken, byZap, on),
        () => call(tenant, path, { headers, body: byVba, on }),
        () => t.zitadelChange(tenant.readerToken, userId, byZitadel, on),
      ] as const;
      return (doors[index % doors.length] ?? doors[0])();
    });
    await expectOneChange(user, passwords, findWinner(answers));
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
  });
});

describe('A05: a refresh token', () => {
  it('that 20 use at once at two instances has one successor; used after that it ends the family', async () => {
    const user = await t.makeUser(tenant);
    const first = (await t.vbaSignIn(tenant, user.userId, user.password)).body.data
      .authenticationResult;
    const answers = await storm(20, (on) => t.vbaRefresh(tenant, first, on));
    const given = answers.flatMap(({ status, body }) =>
      status === 200 ? [body.data.authenticationResult] : [],
    );
    expect(new Set(given.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(await read(FAMILIES, user.userId)).toEqual({ made: 1, live: 1 });
    const third = await t.vbaRefresh(tenant, given[0], startInstance());
    expect(third.status).toBe(200);
    expect((await t.vbaRefresh(tenant, first, startInstance())).status).toBe(401);
    const newest = third.body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, newest)).status).toBe(401);
    expect(await read(FAMILIES, user.userId)).toEqual({ made: 1, live: 0 });
  });
});

describe('A06: an ended refresh token', () => {
  it('stays dead at an instance that has just begun', async () => {
    const user = await t.makeUser(tenant);
    const first = (await t.vbaSignIn(tenant, user.userId, user.password)).body.data
      .authenticationResult;
    const second = (await t.vbaRefresh(tenant, first, startInstance())).body.data
      .authenticationResult;
    expect((await t.vbaRefresh(tenant, second, startInstance())).status).toBe(200);
    expect((await t.vbaRefresh(tenant, first, startInstance())).status).toBe(401);
    expect((await t.vbaRefresh(tenant, second, startInstance())).status).toBe(401);
  });
});

describe('A07: a change of the password', () => {
  const STALE = `SELECT count(*) AS stale FROM family f JOIN credential c
    ON c.tenant_id = f.tenant_id AND c.user_id = f.user_id
    WHERE f.tenant_id = ? AND f.user_id = ? AND f.revoked_at IS NULL AND f.version < c.version`;

  it.each([
    [
      'a refresh',
      async (user: t.TestUser) => {
        const { body } = await t.vbaSignIn(tenant, user.userId, user.password);
        return (on: Record<string, unknown>) =>
          t.vbaRefresh(tenant, body.data.authenticationResult, on);
      },
    ],
    [
      'a sign-in',
      async (user: t.TestUser) => (on: Record<string, unknown>) =>
        t.vbaSignIn(tenant, user.userId, user.password, on),
    ],
  ])('that overtakes %s leaves nothing of the old password alive', async (_, prepare) => {
    const user = await t.makeUser(tenant);
    const request = await prepare(user);
    const answer = await overtake(request, async () => {
      const newPassword = { password: t.newPassword() };
      const changed = await t.zitadelChange(tenant.serviceToken, user.userId, { newPassword });
      expect(changed.status).toBe(200);
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.data).toBeNull();
    expect(await read(FAMILIES, user.userId)).toMatchObject({ live: 0 });
    expect(await read(STALE, user.userId)).toEqual({ stale: 0 });
  });

  it('that a refresh overtakes ends what the refresh was given', async () => {
    const user = await t.makeUser(tenant);
    const { body } = await t.vbaSignIn(tenant, user.userId, user.password);
    let refreshed: Answer | undefined;
    const newPassword = { password: t.newPassword() };
    const changed = await overtake(
      (on) => t.zitadelChange(tenant.serviceToken, user.userId, { newPassword }, on),
      async () => {
        refreshed = await t.vbaRefresh(tenant, body.data.authenticationResult);
      },
    );
    expect([changed.status, refreshed?.status]).toEqual([200, 200]);
    const given = refreshed?.body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, given)).status).toBe(401);
    const used = await t.zitadelChange(given.accessToken, user.userId, {
      newPassword: { password: t.newPassword() },
      currentPassword: newPassword.password,
    });
    expect(used.status).toBe(401);
    expect(await read(STALE, user.userId)).toEqual({ stale: 0 });
  });
});

describe('A10: a replica that lags', () => {
  it('is never asked: what ended is refused at once, and no session of D1 is opened', async () => {
    const opened: string[] = [];
    const lag = (database: D1Database) => ({
      prepare: (sql: string) => database.prepare(sql),
      batch: (statements: D1PreparedStatement[]) => database.batch(statements),
      withSession: (constraint = 'unconstrained') => {
        opened.push(constraint);
        throw new Error('a replica was asked');
      },
    });
    const on = { ...startInstance(), DB: lag(env.DB), DB_EU: lag(env.DB_EU) };
    const user = await t.makeUser(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password, on);
    expect(signedIn.status).toBe(200);
    const tokens = signedIn.body.data.authenticationResult;
    await t.disableUser(tenant, user.userId);
    expect((await t.vbaRefresh(tenant, tokens, on)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, user.userId, user.password, on)).status).toBe(401);
    const newPassword = { password: t.newPassword() };
    const changed = await t.zitadelChange(tokens.accessToken, user.userId, { newPassword }, on);
    expect(changed.status).toBe(401);
    expect(opened).toEqual([]);
  });
});

describe('A11: requests of two users, each sent before the other was answered', () => {
  it('are told apart at every door of two instances', async () => {
    const users = [await t.makeUser(tenant), await t.makeUser(tenant)] as const;
    const answers = await storm(30, async (on, index) => {
      // In pairs, so that each user comes to each door and each instance; five at a door, which no budget minds.
      const user = users[Math.floor(index / 2) % 2] ?? users[0];
      const { userId, email, username, password } = user;
      const doors = [
        () => t.vbaSignIn(tenant, userId, password, on),
        () => t.zapLogin(tenant, email, password, on),
        () => t.zapLogin(tenant, username, password, on),
      ] as const;
      const answer = await (doors[index % 3] ?? doors[0])();
      return { user, answer };
    });
    const served = answers.filter(({ answer }) => answer.status === 200);
    expect(served.length).toBeGreaterThan(2);
    for (const { answer } of answers) expect([200, 503]).toContain(answer.status);
    for (const { user, answer } of served) {
      const { data } = answer.body;
      const token: string = data.token ?? data.authenticationResult.idToken;
      const claims = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
      expect(JSON.parse(atob(claims))).toMatchObject({ sub: user.userId });
      const other = users.find(({ userId }) => userId !== user.userId);
      expect(answer.text).not.toContain(other?.email);
    }
    const ids = answers.map(({ answer }) => answer.headers.get('x-request-id'));
    expect(new Set(ids).size).toBe(answers.length);
  });
});
