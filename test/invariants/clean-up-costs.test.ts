// However much is over, a statement of the clean-up reads and deletes a portion, and a run makes so many trips.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { type Cost, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { runSchedule } from '../support/webhook.ts';

const PORTION = 200;
/** Rows that one statement may read: its portion, with what hangs on each, and the indexes of both. */
const MOST_READ = 8 * PORTION;
/** Of one run and database: portions. */
const MOST_TRIPS = 20;
const END = 1000;

let tenant: t.TestTenant;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
});

beforeEach(async () => {
  for (const table of ['refresh_token', 'family', 'challenge']) {
    await env.DB.prepare(`DELETE FROM ${table} WHERE tenant_id = ?`).bind(tenant.orgId).run();
  }
});

/** `sql`: of ?1 tenant, ?2 user, ?3 the end, and the number i. */
async function fill(many: number, sql: string): Promise<void> {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many})`;
  const [into = '', select = ''] = sql.split(/(?=SELECT)/);
  await env.DB.prepare(`${into} ${numbers} ${select} FROM n WHERE ?1 = ?1 AND ?2 = ?2 AND ?3 = ?3`)
    .bind(tenant.orgId, user.userId, END)
    .run();
}

const ENDED = {
  challenge: `INSERT INTO challenge SELECT 'c' || i, ?1, ?2, 1, ?3, 0, NULL`,
  code: `INSERT INTO code SELECT ?1, ?2, 'reset', 'c' || i, 1, ?3, 0, NULL`,
  family: `INSERT INTO family SELECT ?1, 'f' || i, ?2, 1, 1, ?3, NULL`,
  login_session: `INSERT INTO login_session SELECT ?1, 's' || i, ?2, 'x', 'x', 1, 1, 1, ?3, 1, NULL, NULL, '{}'`,
  outbox: `INSERT INTO outbox SELECT ?1, ?2, 'm' || i, 'password.changed', NULL, NULL, NULL, 1, ?3, 1, NULL, iif(i % 2, ?3, NULL), iif(i % 2, NULL, ?3)`,
  throttle: `INSERT INTO throttle SELECT ?1, 's' || i, 1, 0, 0, ?3`,
  flood: `INSERT INTO flood SELECT ?1, 's' || i, ?3, NULL`,
  lane: `INSERT INTO lane SELECT ?1, ?2, 's' || i, 0, ?3`,
} as const;

async function count(table: string): Promise<number> {
  const sql = `SELECT count(*) AS total FROM ${table} WHERE tenant_id = ?`;
  return (await env.DB.prepare(sql).bind(tenant.orgId).first<number>('total')) ?? 0;
}

/** The clean-up's part of a run. */
async function cleanUp(): Promise<Cost['statements']> {
  const { cost } = await measure(runSchedule);
  return cost.statements.filter(({ sql }) => sql.startsWith('DELETE'));
}

function expectPortions(statements: Cost['statements']): void {
  expect(statements.length).toBeGreaterThan(0);
  for (const { sql, rowsRead } of statements) expect(rowsRead, sql).toBeLessThanOrEqual(MOST_READ);
}

it('a thousand of each kind go in one run, in portions', async () => {
  for (const sql of Object.values(ENDED)) await fill(1000, sql);
  await fill(
    1000,
    `INSERT INTO refresh_token (token_hash, tenant_id, user_id, family_id, created_at, used_at, mac_key) SELECT 't' || i, ?1, ?2, 'f' || i, 1, NULL, 'm'`,
  );
  const statements = await cleanUp();
  expectPortions(statements);
  for (const table of [...Object.keys(ENDED), 'refresh_token']) expect(await count(table)).toBe(0);
  // Five full ones, and one that finds that there is no more; the other database has none.
  const challenges = statements.filter(({ sql }) => sql.startsWith('DELETE FROM challenge'));
  expect(challenges).toHaveLength(6 + 1);
});

it('a run ends after so many portions, and the next one goes on', async () => {
  const many = (MOST_TRIPS + 1) * PORTION;
  await fill(many, ENDED.challenge);
  const { cost } = await measure(runSchedule);
  // One more for the other database, one each for the messages that are due, and two each for the audit.
  expect(cost.trips).toBe(MOST_TRIPS + 1 + 2 + 4);
  expect(await count('challenge')).toBe(PORTION);
  await runSchedule();
  expect(await count('challenge')).toBe(0);
});

it('a family with more tokens than a portion goes after all of them', async () => {
  await fill(1, ENDED.family);
  await fill(
    2.5 * PORTION,
    `INSERT INTO refresh_token (token_hash, tenant_id, user_id, family_id, created_at, used_at, mac_key) SELECT 't' || i, ?1, ?2, 'f1', 1, i, 'm'`,
  );
  expectPortions(await cleanUp());
  expect([await count('refresh_token'), await count('family')]).toEqual([0, 0]);
});

it('families whose tokens are still there are not looked at over and over', async () => {
  await fill(3000, ENDED.family);
  await fill(
    6000,
    `INSERT INTO refresh_token (token_hash, tenant_id, user_id, family_id, created_at, used_at, mac_key) SELECT 't' || i, ?1, ?2, 'f' || ((i + 1) / 2), 1, 1, 'm'`,
  );
  // Four thousand tokens in the first run, with the families that had them.
  for (let run = 0; run < 2; run += 1) expectPortions(await cleanUp());
  expect([await count('refresh_token'), await count('family')]).toEqual([0, 0]);
});

it('what is live costs nothing', async () => {
  const later = Date.now() + 3_600_000;
  for (const sql of [ENDED.challenge, ENDED.family, ENDED.login_session]) {
    await fill(1000, sql.replaceAll('?3', String(later)));
  }
  await fill(
    1000,
    `INSERT INTO refresh_token (token_hash, tenant_id, user_id, family_id, created_at, used_at, mac_key) SELECT 't' || i, ?1, ?2, 'f' || i, 1, NULL, 'm'`,
  );
  for (const { sql, rowsRead } of await cleanUp()) expect(rowsRead, sql).toBeLessThanOrEqual(4);
  expect([await count('challenge'), await count('refresh_token')]).toEqual([1000, 1000]);
});
