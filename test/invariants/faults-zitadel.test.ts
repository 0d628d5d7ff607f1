// Users and login sessions are written in one batch: broken at any statement it leaves everything as it was.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { dumpDatabases, makeFaultyEnv } from '../support/faulty.ts';
import type { Answer, Env } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  addHuman,
  call,
  changeUser,
  describeHuman,
  mustStep,
  openSession,
  setSession,
  takeStep,
  userPath,
  withPassword,
} from '../support/zitadel-users.ts';

cheapenHashes();

let tenant: t.TestTenant;

beforeAll(async () => {
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  tenant = await t.makeTenant();
});

const COMMIT = 1;

type Run = (on?: Env) => Promise<Answer>;

/** What each method does to a fresh user. */
const METHODS: [string, () => Promise<Run>][] = [
  [
    'AddHumanUser',
    async () => {
      const human = withPassword(t.newPassword());
      return (on) => call(tenant.serviceToken, 'POST', 'users/human', human, on);
    },
  ],
  [
    'UpdateHumanUser',
    async () => {
      const { userId } = await addHuman(tenant);
      const body = { username: `renamed-${userId}`, ...describeHuman() };
      return (on) => changeUser(tenant.serviceToken, userId, body, on);
    },
  ],
  [
    'UpdateHumanUser with a password',
    async () => {
      const { userId, password: currentPassword } = await addHuman(tenant);
      const password = { password: { password: t.newPassword() }, currentPassword };
      const body = { username: `renamed-${userId}`, password };
      return (on) => changeUser(tenant.serviceToken, userId, body, on);
    },
  ],
  [
    'LockUser',
    async () => {
      const user = await addHuman(tenant);
      await openSession(tenant, user);
      return (on) => takeStep(tenant.serviceToken, user.userId, 'lock', on);
    },
  ],
  [
    'ReactivateUser',
    async () => {
      const { userId } = await addHuman(tenant);
      await mustStep(tenant, userId, 'deactivate');
      return (on) => takeStep(tenant.serviceToken, userId, 'reactivate', on);
    },
  ],
  [
    'DeleteUser',
    async () => {
      const user = await addHuman(tenant);
      await openSession(tenant, user);
      const path = userPath(user.userId);
      return (on) => call(tenant.serviceToken, 'DELETE', path, undefined, on);
    },
  ],
  [
    'CreateSession',
    async () => {
      const { userId, password } = await addHuman(tenant);
      const checks = { user: { userId }, password: { password } };
      return (on) => call(tenant.serviceToken, 'POST', 'sessions', { checks }, on);
    },
  ],
  [
    'SetSession',
    async () => {
      const { sessionId, sessionToken } = await openSession(tenant, await addHuman(tenant));
      const body = { sessionToken, metadata: { colour: 'dmFsdWU=' } };
      return (on) => setSession(tenant.serviceToken, sessionId, body, on);
    },
  ],
  [
    'DeleteSession',
    async () => {
      const { sessionId } = await openSession(tenant, await addHuman(tenant));
      return (on) => call(tenant.serviceToken, 'DELETE', `sessions/${sessionId}`, {}, on);
    },
  ],
];

async function dumpWithoutThrottle(): Promise<string> {
  return (await dumpDatabases()).replaceAll(/^(?:throttle|lane|flood): .*$/gm, '');
}

/** Guesses are counted at the open, and stand whatever becomes of the commit. */
async function liftThrottle(): Promise<void> {
  const lift = 'UPDATE throttle SET cleared = reserved, blocked_until = 0';
  await t.databaseOf(tenant).prepare(lift).run();
}

describe.each(METHODS)('%s', (_, prepare) => {
  it('leaves everything as it was when any statement of its commit fails, and works afterwards', async () => {
    const probe = makeFaultyEnv(null);
    expect((await (await prepare())(probe.on)).status).toBeLessThan(300);
    const statements = probe.seen.sizes[COMMIT] ?? 0;
    expect(statements).toBeGreaterThan(1);
    const run = await prepare();
    const before = await dumpWithoutThrottle();
    for (let statement = 0; statement < statements; statement += 1) {
      await liftThrottle();
      const faulty = makeFaultyEnv({ kind: 'at-statement', batch: COMMIT, statement });
      const answer = await run(faulty.on);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toMatch(/SQL|D1_|constraint|statement|\bat /);
      expect(await dumpWithoutThrottle()).toBe(before);
    }
    await liftThrottle();
    expect((await run()).status).toBeLessThan(300);
  });
});

describe.each(METHODS)('%s', (_, prepare) => {
  it('is answered as done when only the answer of its commit was lost', async () => {
    const run = await prepare();
    const faulty = makeFaultyEnv({ kind: 'after-commit', batch: COMMIT });
    expect((await run(faulty.on)).status).toBeLessThan(300);
    // The open, the commit, and the question whether it happened.
    expect(faulty.seen.sizes).toHaveLength(3);
  });
});
