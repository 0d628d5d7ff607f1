// Many at once, on real D1: exactly one wins, and who loses changes nothing.
import { beforeAll, describe, expect, it } from 'vitest';
import { countDerivations } from '../support/iteration-cap.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

const LINKS_PER_HASH = 6;
const THROTTLE_LIMIT = 10;

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

function many<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

/** The index of the one answer with 200, all others having one of the given refusals. */
function findWinner(answers: readonly Answer[], refusals: readonly number[]): number {
  const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
  expect(winners).toHaveLength(1);
  for (const { status } of answers) expect([200, ...refusals]).toContain(status);
  return winners[0] ?? -1;
}

async function countFamilies(userId: string): Promise<{ live: number; all: number }> {
  const row = await t
    .databaseOf(tenant)
    .prepare(
      'SELECT count(*) AS total, count(*) - count(revoked_at) AS live FROM family WHERE tenant_id = ? AND user_id = ?',
    )
    .bind(tenant.orgId, userId)
    .first<{ total: number; live: number }>();
  return { live: row?.live ?? 0, all: row?.total ?? 0 };
}

async function countChanges(userId: string): Promise<number> {
  const events = await t.listEvents(tenant, userId);
  return events.filter(({ type }) => type === 'password.changed').length;
}

describe('races', () => {
  it('lets one of 20 uses of one challenge session win', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const passwords = Array.from({ length: 20 }, () => t.newPassword());
    const answers = await many(20, (i) =>
      t.vbaChange(tenant, { userID: user.userId, newPassword: passwords[i] ?? '', session }),
    );
    const winner = findWinner(answers, [401]);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 2 });
    expect(await countChanges(user.userId)).toBe(1);
    expect(await countFamilies(user.userId)).toEqual({ live: 1, all: 1 });
    const loser = passwords[winner === 0 ? 1 : 0] ?? '';
    expect((await t.vbaSignIn(tenant, user.userId, passwords[winner] ?? '')).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, loser)).status).toBe(401);
  });

  it('lets one of 50 uses of one code win', async () => {
    const user = await t.makeUser(tenant);
    const verificationCode = await t.resetCode(tenant, user.userId);
    const passwords = Array.from({ length: 50 }, () => t.newPassword());
    const answers = await many(50, (i) =>
      t.zitadelChange(tenant.readerToken, user.userId, {
        newPassword: { password: passwords[i] },
        verificationCode,
      }),
    );
    const winner = findWinner(answers, [400, 409, 429]);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 2 });
    expect(await countChanges(user.userId)).toBe(1);
    expect((await t.vbaSignIn(tenant, user.userId, passwords[winner] ?? '')).status).toBe(200);
  });

  it('lets one of ten changes from one old password win, and ends every session', async () => {
    const user = await t.makeUser(tenant);
    const before = await t.vbaSignIn(tenant, user.userId, user.password);
    const passwords = Array.from({ length: 10 }, () => t.newPassword());
    const answers = await many(10, (i) =>
      t.zitadelChange(tenant.readerToken, user.userId, {
        newPassword: { password: passwords[i] },
        currentPassword: user.password,
      }),
    );
    const winner = findWinner(answers, [400, 409, 429]);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 2 });
    expect(await countChanges(user.userId)).toBe(1);
    const tokens = before.body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, user.userId, passwords[winner] ?? '')).status).toBe(200);
  });

  it('leaves no live session of an old password when refreshes meet a change', async () => {
    const user = await t.makeUser(tenant);
    const signedIn = await many(4, () => t.vbaSignIn(tenant, user.userId, user.password));
    const refreshes = signedIn.map(({ body }) =>
      t.vbaRefresh(tenant, body.data.authenticationResult),
    );
    const change = t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: t.newPassword() },
    });
    const late = many(8, (i) =>
      t.vbaRefresh(tenant, signedIn[i % 4]?.body.data.authenticationResult),
    );
    const [changed, ...refreshed] = await Promise.all([change, ...refreshes]);
    await late;
    expect(changed.status).toBe(200);
    expect((await countFamilies(user.userId)).live).toBe(0);
    for (const { status, body } of refreshed) {
      if (status !== 200) continue;
      const tokens = body.data.authenticationResult;
      expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
      const used = await t.zitadelChange(tokens.accessToken, user.userId, {
        newPassword: { password: t.newPassword() },
        currentPassword: t.newPassword(),
      });
      expect(used.status).toBe(401);
    }
  });

  it('gives 20 uses of one refresh token one successor', async () => {
    const user = await t.makeUser(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const tokens = signedIn.body.data.authenticationResult;
    const answers = await many(20, () => t.vbaRefresh(tenant, tokens));
    const successors = answers
      .filter(({ status }) => status === 200)
      .map(({ body }) => body.data.authenticationResult.refreshToken);
    expect(successors.length).toBeGreaterThan(0);
    expect(new Set(successors).size).toBe(1);
    const stored = await t
      .databaseOf(tenant)
      .prepare(
        `SELECT count(*) AS total FROM refresh_token r JOIN family f ON f.tenant_id = r.tenant_id AND f.id = r.family_id
         WHERE f.tenant_id = ? AND f.user_id = ?`,
      )
      .bind(tenant.orgId, user.userId)
      .first('total');
    expect(stored).toBe(2);
    const next = { idToken: tokens.idToken, refreshToken: successors[0] };
    expect((await t.vbaRefresh(tenant, next)).status).toBe(200);
  });

  it('hashes at most as often as the limit under 200 wrong guesses, the right one last', async () => {
    const user = await t.makeUser(tenant);
    const before = countDerivations();
    const answers = await many(201, (i) =>
      t.vbaSignIn(
        tenant,
        user.userId,
        i === 200 ? user.password : `wrong guess number ${i} of many`,
      ),
    );
    const hashes = (countDerivations() - before) / LINKS_PER_HASH;
    expect(hashes).toBeLessThanOrEqual(THROTTLE_LIMIT);
    const counted = answers.filter(({ status }) => status === 401).length;
    expect(counted).toBe(hashes);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(201 - counted);
    const { state, failedAttempts } = await t.readUser(tenant, user.userId);
    expect({ state, failedAttempts }).toEqual({ state: 'locked', failedAttempts: THROTTLE_LIMIT });
  });

  it('keeps requests of two users apart', async () => {
    const users = [await t.makeUser(tenant), await t.makeUser(tenant)];
    const answers = await many(16, async (i) => {
      const user = users[i % 2];
      const answer = await t.vbaSignIn(tenant, user?.userId ?? '', user?.password ?? '');
      const claims = answer.body.data.authenticationResult.idToken.split('.')[1];
      return { user, claims: JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))) };
    });
    for (const { user, claims } of answers) {
      expect(claims).toMatchObject({ sub: user?.userId, email: user?.email });
    }
  });
});
