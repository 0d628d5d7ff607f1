// The commit is one batch: broken at any statement it leaves the state as it was, and a lost answer is told apart.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { dumpDatabases, makeFaultyEnv } from '../support/faulty.ts';
import type { Answer, Env } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

cheapenHashes();

let tenant: t.TestTenant;

beforeAll(async () => {
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  tenant = await t.makeTenant();
});

interface Change {
  readonly user: t.TestUser;
  readonly newPassword: string;
  readonly run: (on?: Env) => Promise<Answer>;
}

const CHANGES: [string, () => Promise<Change>][] = [
  [
    'by challenge',
    async () => {
      const user = await t.makeUser(tenant, { temporary: true });
      const session = await t.openChallenge(tenant, user);
      const newPassword = t.newPassword();
      const body = { userID: user.userId, newPassword, session };
      return { user, newPassword, run: (on) => t.vbaChange(tenant, body, on) };
    },
  ],
  [
    'by the old password',
    async () => {
      const user = await t.makeUser(tenant);
      const token = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
      const newPassword = t.newPassword();
      const { userId, email, password: oldPassword } = user;
      const body = { userId, email, oldPassword, newPassword };
      return { user, newPassword, run: (on) => t.zapChange(tenant, token, body, on) };
    },
  ],
  [
    'by code',
    async () => {
      const user = await t.makeUser(tenant);
      const verificationCode = await t.resetCode(tenant, user.userId);
      const newPassword = t.newPassword();
      const body = { newPassword: { password: newPassword }, verificationCode };
      return {
        user,
        newPassword,
        run: (on) => t.zitadelChange(tenant.serviceToken, user.userId, body, on),
      };
    },
  ],
];

const OPEN = 0;
const COMMIT = 1;

describe.each(CHANGES)('a change %s', (_, prepare) => {
  it('leaves everything as it was when any statement of its commit fails, and works afterwards', async () => {
    const change = await prepare();
    const probe = await prepare();
    const { on, seen } = makeFaultyEnv(null);
    expect((await probe.run(on)).status).toBe(200);
    const statements = seen.sizes[COMMIT] ?? 0;
    expect(statements).toBeGreaterThan(4);
    // The failed attempts themselves are counted at the open, and stand: they are lifted between the rounds.
    for (let statement = 0; statement < statements; statement += 1) {
      const database = t.databaseOf(tenant);
      await database.prepare('UPDATE throttle SET cleared = reserved, blocked_until = 0').run();
      const before = await dumpWithoutThrottle();
      const faulty = makeFaultyEnv({ kind: 'at-statement', batch: COMMIT, statement });
      const answer = await change.run(faulty.on);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toMatch(/SQL|D1_|constraint|statement|\bat /);
      expect(await dumpWithoutThrottle()).toBe(before);
    }
    expect((await change.run()).status).toBe(200);
    const { password, userId } = change.user;
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, userId, change.newPassword)).status).toBe(200);
  });

  it('changes nothing at all when its open fails', async () => {
    const change = await prepare();
    const before = await dumpDatabases();
    for (const statement of [0, 1]) {
      const faulty = makeFaultyEnv({ kind: 'at-statement', batch: OPEN, statement });
      expect((await change.run(faulty.on)).status).toBe(500);
      expect(await dumpDatabases()).toBe(before);
    }
  });

  it('answers 200 when only the answer of its commit was lost', async () => {
    const change = await prepare();
    const faulty = makeFaultyEnv({ kind: 'after-commit', batch: COMMIT });
    const answer = await change.run(faulty.on);
    expect(answer.status).toBe(200);
    // The open, the commit, and the question whether it happened.
    expect(faulty.seen.sizes).toHaveLength(3);
    const { userId } = change.user;
    expect(await t.readUser(tenant, userId)).toMatchObject({ passwordVersion: 2 });
    expect((await t.vbaSignIn(tenant, userId, change.newPassword)).status).toBe(200);
  });

  it('is repeated without a second change when its answer never reached the client', async () => {
    const change = await prepare();
    expect((await change.run()).status).toBe(200);
    const before = await t.readUser(tenant, change.user.userId);
    for (let i = 0; i < 8; i += 1) expect((await change.run()).status).toBe(200);
    const after = await t.readUser(tenant, change.user.userId);
    expect(after).toEqual(before);
    const events = await t.listEvents(tenant, change.user.userId);
    expect(events.filter(({ type }) => type === 'password.changed')).toHaveLength(1);
  });
});

async function dumpWithoutThrottle(): Promise<string> {
  const dump = await dumpDatabases();
  return dump.replaceAll(/^(?:throttle|lane|flood): .*$/gm, '');
}

describe('a sign-in', () => {
  it('opens no session when any statement of its commit fails', async () => {
    const user = await t.makeUser(tenant);
    const probe = makeFaultyEnv(null);
    expect((await t.vbaSignIn(tenant, user.userId, user.password, probe.on)).status).toBe(200);
    const before = await dumpWithoutThrottle();
    for (let statement = 0; statement < (probe.seen.sizes[COMMIT] ?? 0); statement += 1) {
      const faulty = makeFaultyEnv({ kind: 'at-statement', batch: COMMIT, statement });
      const answer = await t.vbaSignIn(tenant, user.userId, user.password, faulty.on);
      expect(answer.status).toBe(500);
      expect(await dumpWithoutThrottle()).toBe(before);
    }
  });
});
