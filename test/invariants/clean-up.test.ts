// What is over goes, at its time and not before, and nothing that anyone could still use; whether it went, no answer tells.
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { dumpDatabases } from '../support/faulty.ts';
import { watchLogs } from '../support/logs.ts';
import type { Answer, Env } from '../support/rekey.ts';
import { KEY, KINDS, type Kind, NOW } from '../support/rubbish.ts';
import * as t from '../support/tenant.ts';
import { runSchedule } from '../support/webhook.ts';
import { getSession, openSession, setSession } from '../support/zitadel-users.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let tenant: t.TestTenant;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs the schedule as if it were then. */
async function runAt(time: number, on?: Env): Promise<void> {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(time);
  try {
    await runSchedule(on);
  } finally {
    clock.mockRestore();
  }
}

function insert({ insert: sql }: Kind, key: string, end: number, into = env.DB) {
  return into.prepare(sql).bind(tenant.orgId, user.userId, key, end);
}

async function listKeys({ table }: Kind, from = env.DB): Promise<string[]> {
  const column = KEY[table] ?? 'id';
  const { results } = await from
    .prepare(`SELECT ${column} AS key FROM ${table} WHERE tenant_id = ? AND ${column} LIKE 'at-%'`)
    .bind(tenant.orgId)
    .all<{ key: string }>();
  return results.map(({ key }) => key).sort();
}

it.each(KINDS)('$name goes at the millisecond of its limit, and not before', async (kind) => {
  const end = NOW - kind.kept;
  await env.DB.batch([
    insert(kind, 'at-before', end - 1),
    insert(kind, 'at-limit', end),
    insert(kind, 'at-after', end + 1),
  ]);
  await runAt(NOW - 2);
  expect(await listKeys(kind)).toHaveLength(3);
  await runAt(NOW);
  expect(await listKeys(kind)).toEqual(['at-after']);
  await runAt(NOW + 1);
  expect(await listKeys(kind)).toEqual([]);
});

it('what has no end stays: a login session, a message that waits, and what is no rubbish at all', async () => {
  const session = await openSession(tenant, user);
  const waiting = `INSERT INTO outbox VALUES (?1, ?2, 'at-waits', 'password.changed', 'x', NULL, NULL, 1, ?3, 1, ?3, NULL, NULL)`;
  await env.DB.prepare(waiting)
    .bind(tenant.orgId, user.userId, NOW + 1)
    .run();
  const tables = ['tenant', 'account', 'login_name', 'credential', 'event', 'login_session'];
  const read = async () =>
    (await dumpDatabases())
      .split('\n')
      .filter((line) => [...tables, 'outbox'].some((table) => line.startsWith(`${table}: `)));
  // The audit gets its links.
  await runAt(NOW - 1);
  const before = await read();
  await runAt(NOW);
  expect(await read()).toEqual(before);
  expect(before.join()).toContain('at-waits');
  expect((await getSession(tenant.serviceToken, session)).status).toBe(200);
});

it('a database that fails does not keep the other from it, and is told in the log', async () => {
  const eu = await t.makeTenant({ place: 'eu' });
  const { userId } = await t.makeUser(eu);
  const sql = KINDS[0]?.insert ?? '';
  await env.DB_EU.prepare(sql).bind(eu.orgId, userId, 'at-eu', NOW).run();
  const logs = watchLogs();
  const broken = {
    prepare: () => ({ bind: () => ({}) }),
    batch: async () => {
      throw new Error('the database is gone, with all its secrets');
    },
  };
  await runAt(NOW, { ...env, DB: broken } as never);
  logs.stop();
  const left = await env.DB_EU.prepare(
    `SELECT 1 FROM challenge WHERE session_hash = 'at-eu'`,
  ).all();
  expect(left.results).toEqual([]);
  expect(logs.troubles()).toMatchObject([
    // Of the messages, of the clean-up, and of the audit.
    { level: 'error', error: 'Error' },
    { level: 'error', error: 'Error' },
    { level: 'error', error: 'Error' },
  ]);
  expect(logs.lines.join()).not.toContain('secrets');
});

/** A life in which everything is used that a clean-up could touch, at answers that a client sees. */
async function live(clean: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const see = async (name: string, answer: Promise<Answer> | Answer) => {
    const { status, body } = await answer;
    seen.push([name, status, body?.error?.status ?? body?.code ?? body?.success ?? null]);
    await clean();
    return body;
  };
  const own = await t.makeTenant({ settings: { refreshTokenLife: 3600 } });
  const person = await t.makeUser(own, { temporary: true });
  const { userId } = person;
  const session = await t.openChallenge(own, person);
  await clean();
  const first = t.newPassword();
  const change = { userID: userId, newPassword: first, session };
  await see('change by challenge', t.vbaChange(own, change));
  const repeated = await see('its repeat', t.vbaChange(own, change));
  const tokens = repeated.data.authenticationResult;
  const refreshed = await see('refresh', t.vbaRefresh(own, tokens));
  await see('its repeat', t.vbaRefresh(own, tokens));
  const next = refreshed.data.authenticationResult;
  await see('the next refresh', t.vbaRefresh(own, { ...next }));
  await see('a refresh of before', t.vbaRefresh(own, tokens));
  await see('the end of its family', t.vbaRefresh(own, { ...next }));
  const { token } = (await see('sign-in', t.zapLogin(own, person.email, first))).data;
  const second = t.newPassword();
  const zap = { userId, email: person.email, oldPassword: first, newPassword: second };
  await see('change by password', t.zapChange(own, token, zap));
  await see('its repeat, by the token that it ended', t.zapChange(own, token, zap));
  await see('another, by that token', t.zapChange(own, token, { ...zap, newPassword: first }));
  const code = await t.resetCode(own, userId);
  const spare = await t.resetCode(own, userId);
  await clean();
  const third = { password: t.newPassword() };
  const byCode = (verificationCode: string, newPassword = third) =>
    t.zitadelChange(own.readerToken, userId, { newPassword, verificationCode });
  await see('change by code', byCode(code));
  await see('its repeat', byCode(code));
  await see('another, by that code', byCode(code, { password: t.newPassword() }));
  await see('another, by the other code', byCode(spare, { password: t.newPassword() }));
  for (let i = 0; i < 3; i += 1) {
    await see('a wrong password', t.vbaSignIn(own, userId, 'a wrong password for all'));
  }
  seen.push((await t.readUser(own, userId)).failedAttempts);
  await see('sign-in', t.vbaSignIn(own, userId, third.password));
  return seen;
}

describe('nothing depends on it:', () => {
  it('a life is the same with a run after each step as without any', async () => {
    const without = await live(async () => {});
    // As late as any of it could still be wanted: a repeat has ten minutes, and so has a code.
    expect(await live(() => runAt(Date.now() + 9 * MINUTE))).toEqual(without);
    // The ways that were to work did, and the others did not.
    const worked = without.filter((step) => Array.isArray(step) && step[1] === 200);
    expect([without.length, worked.length]).toEqual([20, 11]);
  });

  it('what has expired is refused in the same words before it went and after', async () => {
    const own = await t.makeTenant();
    const newcomer = await t.makeUser(own, { temporary: true });
    const session = await t.openChallenge(own, newcomer);
    const person = await t.makeUser(own);
    const signedIn = await t.vbaSignIn(own, person.userId, person.password);
    const tokens = signedIn.body.data.authenticationResult;
    const { token } = (await t.zapLogin(own, person.email, person.password)).body.data;
    const login = await openSession(own, person, { lifetime: '60s' });
    const code = await t.resetCode(own, person.userId);
    await env.DB.batch(
      ['challenge', 'family', 'login_session', 'code'].map((table) =>
        env.DB.prepare(`UPDATE ${table} SET expires_at = ? WHERE tenant_id = ?`).bind(
          Date.now() - 2 * DAY,
          own.orgId,
        ),
      ),
    );
    const newPassword = t.newPassword();
    const { userId, email, password: oldPassword } = person;
    const ask = async () => {
      const answers = [
        await t.vbaChange(own, { userID: newcomer.userId, newPassword, session }),
        await t.vbaRefresh(own, tokens),
        await t.zapChange(own, token, { userId, email, oldPassword, newPassword }),
      ];
      return answers.map(({ status, text, headers }) => {
        return [status, text.replaceAll(headers.get('x-request-id') ?? '-', '')];
      });
    };
    // Of these it is told for a day that they have expired; then they are unknown.
    const readId = async (answer: Promise<Answer>) => (await answer).body.details?.[0]?.id;
    const proof = { newPassword: { password: newPassword }, verificationCode: code };
    const askLong = async () => [
      await readId(setSession(own.serviceToken, login.sessionId, { lifetime: '60s' })),
      await readId(t.zitadelChange(own.readerToken, userId, proof)),
    ];
    expect(await askLong()).toEqual(['COMMAND-Hkl3d', 'CODE-QvUQ4P']);
    const before = await ask();
    await runSchedule();
    for (const table of ['challenge', 'family', 'refresh_token', 'login_session', 'code']) {
      const sql = `SELECT count(*) AS total FROM ${table} WHERE tenant_id = ?`;
      expect(await env.DB.prepare(sql).bind(own.orgId).first('total')).toBe(0);
    }
    const after = await ask();
    expect(before.map(([status]) => status)).toEqual([401, 401, 401]);
    expect(after).toEqual(before);
    expect(await askLong()).toEqual(['COMMAND-Flk38', 'COMMAND-2M9fs']);
  });
});
