// Each user's events are linked in their order, once, however many write and run at once, and whatever fails in between.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at, readAudit, runScheduleAt, verifyAudit } from '../support/audit-chain.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { holdRun, watchBatches } from '../support/held-run.ts';
import { type Logs, watchLogs } from '../support/logs.ts';
import { type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { runSchedule } from '../support/webhook.ts';

cheapenHashes();

const MINUTE = 60_000;

let tenant: t.TestTenant;
let user: t.TestUser;
let logs: Logs;

beforeEach(async () => {
  logs = watchLogs();
  // The schedule is of the whole database: each test has it for itself.
  await env.DB.batch(['event', 'checkpoint'].map((of) => env.DB.prepare(`DELETE FROM ${of}`)));
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
});

afterEach(() => {
  logs.stop();
  vi.restoreAllMocks();
});

const issue = () => t.resetCode(tenant, user.userId);

/** About the tenant, whose newest event nobody looks at: the schedule links it. */
const addKey = () =>
  t.admin('POST', `/tenants/${tenant.orgId}/keys`, { name: 'one more', scopes: ['signin'] });

function many<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

async function expectWhole(
  keys = env.CHAIN_KEYS,
): Promise<{ events: number; checkpoints: number }> {
  const { fault, verifier } = await verifyAudit(tenant, { keys });
  expect(fault).toBeNull();
  return verifier.counts;
}

async function countUnlinked(): Promise<number> {
  const sql = 'SELECT count(*) AS total FROM event WHERE link IS NULL';
  return (await env.DB.prepare(sql).first<number>('total')) ?? 0;
}

const LINK = 'UPDATE event SET link';
const SEAL = 'INSERT INTO checkpoint';

describe('events of one user', () => {
  it('that are written all at once are numbered without gaps, and linked', async () => {
    await many(50, issue);
    await runSchedule();
    const { events } = await expectWhole();
    expect(events).toBeGreaterThanOrEqual(52);
    const numbers = (await t.listEvents(tenant, user.userId)).map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)));
    expect(await countUnlinked()).toBe(0);
  });

  it('that are written one after the other are linked as they are written', async () => {
    for (let i = 0; i < 3; i += 1) await issue();
    const wrong = await t.vbaSignIn(tenant, user.userId, t.newPassword());
    expect(wrong.status).toBe(401);
    const unlinked = `SELECT count(*) AS total FROM event WHERE link IS NULL AND user_id = ?`;
    expect(await env.DB.prepare(unlinked).bind(user.userId).first('total')).toBe(0);
    await expectWhole();
  });

  it('of fifty sign-ins at once are all there', async () => {
    const answers = await many(50, () => t.vbaSignIn(tenant, user.userId, user.password));
    const signedIn = answers.filter(({ status }) => status === 200).length;
    expect(signedIn).toBeGreaterThan(0);
    await runSchedule();
    await expectWhole();
    const events = await t.listEvents(tenant, user.userId);
    expect(events.filter(({ type }) => type === 'sign-in.succeeded')).toHaveLength(signedIn);
  });

  it('are linked whole by runs that race each other and those who write', async () => {
    const runs = () => many(4, () => runSchedule());
    await Promise.all([many(30, issue), runs(), many(20, addKey), runs(), many(30, issue)]);
    await runSchedule();
    await expectWhole();
    expect(await countUnlinked()).toBe(0);
  });

  it('go on from the links of the run that was first, though another knew more and has another key', async () => {
    const keys = `c2=${btoa('2'.repeat(32))},${env.CHAIN_KEYS}`;
    const first = holdRun(env as unknown as Env, LINK);
    await first.reached;
    await addKey();
    const second = holdRun({ ...env, CHAIN_KEYS: keys } as Env, LINK);
    await second.reached;
    first.release();
    await first.ended;
    second.release();
    await second.ended;
    await expectWhole(keys);
    // What the second one knew alone is the next run's.
    expect(await countUnlinked()).toBe(1);
    await runSchedule();
    await expectWhole(keys);
    expect(await countUnlinked()).toBe(0);
  });

  it('stay linked when a key comes before, and are not known without the one that sealed them', async () => {
    await runSchedule();
    const next = `c2=${btoa('2'.repeat(32))}`;
    const rotated = { ...env, CHAIN_KEYS: `${next},${env.CHAIN_KEYS}` } as Env;
    await t.zitadel(
      tenant.serviceToken,
      `${user.userId}/password_reset`,
      { returnCode: {} },
      rotated,
    );
    await runSchedule(rotated);
    await expectWhole(`${next},${env.CHAIN_KEYS}`);
    for (const keys of [`${next},c3=${btoa('3'.repeat(32))}`, env.CHAIN_KEYS]) {
      expect((await verifyAudit(tenant, { keys })).fault).toMatchObject({ kind: 'key-unknown' });
    }
  });

  it('go on after the user was erased, under the same id again', async () => {
    const { userId } = user;
    const gone = await t.admin('GET', `/tenants/${tenant.orgId}/users/${userId}`);
    expect(gone.status).toBe(200);
    await runSchedule();
    const erased = await eraseUser(userId);
    expect(erased).toBe(200);
    await t.makeUser(tenant, { userId, withoutPassword: true });
    await runSchedule();
    await expectWhole();
    const types = (await t.listEvents(tenant, userId)).map(({ type }) => type);
    expect(types).toEqual(['user.created', 'user.deleted', 'user.created']);
    const audit = (await readAudit(tenant)).join('\n');
    for (const personal of [user.email, user.username]) expect(audit).not.toContain(personal);
  });

  async function eraseUser(userId: string): Promise<number> {
    const { send } = await import('../support/rekey.ts');
    const headers = { authorization: `Bearer ${tenant.serviceToken}` };
    return (await send(`/v2/users/${userId}`, { method: 'DELETE', headers })).status;
  }
});

describe('a run that fails', () => {
  const fail = async () => {
    throw new Error('Network connection lost.');
  };

  it.each([
    ['before the links', LINK, { before: fail }],
    ['after the links', LINK, { after: fail }],
    ['before the checkpoints', SEAL, { before: fail }],
    ['after the checkpoints', SEAL, { after: fail }],
    ['reading what has no link', 'INDEXED BY event_unlinked', { before: fail }],
    ['reading what is not sealed', 'SELECT DISTINCT tenant_id', { before: fail }],
  ])('%s leaves nothing that the next one does not mend', async (_, holds, around) => {
    await issue();
    await runSchedule(watchBatches(holds, around));
    expect(logs.troubles()).toMatchObject([{ level: 'error', error: 'Error' }]);
    await expectWhole();
    await issue();
    await runScheduleAt(Date.now() + 11 * MINUTE);
    expect(await countUnlinked()).toBe(0);
    const { checkpoints } = await expectWhole();
    expect(checkpoints).toBeGreaterThan(0);
  });
});

describe('a checkpoint', () => {
  it('is written ten minutes after the one before, when there is something new, and told in the log', async () => {
    const start = Date.now();
    const run = (minutes: number) => runScheduleAt(start + minutes * MINUTE);
    const count = async () => (await expectWhole()).checkpoints;
    await run(0);
    expect(await count()).toBe(1);
    await issue();
    await run(9);
    expect(await count()).toBe(1);
    await run(10);
    expect(await count()).toBe(2);
    await run(30);
    expect(await count()).toBe(2);
    const told = logs.infos().filter((line) => JSON.stringify(line).includes('"root"'));
    const newest = (await verifyAudit(tenant)).verifier.readNewest();
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual({
      ...{ level: 'info', activityId: expect.any(String), dialect: 'scheduled' },
      ...{ tenantId: tenant.orgId, checkpoint: 2, root: newest?.root },
    });
  });

  it('is written once by runs that race each other', async () => {
    const runs = [1, 2, 3].map(() => holdRun(env as unknown as Env, SEAL));
    await Promise.all(runs.map(({ reached }) => reached));
    for (const { release } of runs) release();
    await Promise.all(runs.map(({ ended }) => ended));
    expect((await expectWhole()).checkpoints).toBe(1);
  });

  it('does not cover what has no link yet', async () => {
    let isWritten = false;
    const after = async () => {
      if (!isWritten) {
        isWritten = true;
        await addKey();
      }
    };
    await runSchedule(watchBatches('INDEXED BY event_unlinked', { after }));
    expect(await countUnlinked()).toBe(1);
    expect((await expectWhole()).checkpoints).toBe(1);
    await runScheduleAt(Date.now() + 10 * MINUTE);
    expect((await expectWhole()).checkpoints).toBe(2);
  });

  it('is of one tenant alone, each with its own numbers', async () => {
    const other = await t.makeTenant();
    await runSchedule();
    await issue();
    await runScheduleAt(Date.now() + 10 * MINUTE);
    expect((await expectWhole()).checkpoints).toBe(2);
    const { fault, verifier } = await verifyAudit(other);
    expect([fault, verifier.counts.checkpoints]).toEqual([null, 1]);
    expect((await readAudit(other)).join()).not.toContain(user.userId);
  });
});

describe('much at once', () => {
  const PORTION = 500;
  /** Rows that a statement may read: its portion, the predecessor of each, and the indexes of both. */
  const MOST_READ = 6 * PORTION;

  it('is done in portions, without an end to what they link', async () => {
    const events = 1200;
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ?3)
       INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac)
       SELECT ?1, ?2, i, ?4, 'code.issued', '{}', 'admin', 'a', '{}', 'm' FROM n`,
    )
      .bind(tenant.orgId, user.userId, events, Date.now())
      .run();
    const { cost } = await measure(runSchedule);
    for (const { sql, rowsRead } of cost.statements) {
      expect(rowsRead, sql).toBeLessThanOrEqual(MOST_READ);
    }
    const run = (text: string) => cost.statements.filter(({ sql }) => sql.includes(text));
    expect([run(LINK).length, run(SEAL).length]).toEqual([3, 3]);
    expect(await countUnlinked()).toBe(0);
    const { cost: idle } = await at(Date.now() + 20 * MINUTE, () => measure(runSchedule));
    const audit = idle.statements.filter(({ sql }) => /\b(?:event|checkpoint)\b/.test(sql));
    expect(audit.length).toBeGreaterThan(0);
    for (const { sql, rowsRead } of audit) expect(rowsRead, sql).toBeLessThanOrEqual(8);
  });
});

it('what cannot be linked does not keep the others from it, and is named', async () => {
  await env.DB.prepare('DELETE FROM event WHERE user_id = ?').bind(user.userId).run();
  await issueLater();
  await runSchedule();
  expect(await countUnlinked()).toBe(0);
  const { fault } = await verifyAudit(tenant);
  expect(fault).toEqual({ kind: 'missing', userId: user.userId, at: 1 });
});

/** As if the first event of the user had gone while the second was written. */
async function issueLater(): Promise<void> {
  await issue();
  await env.DB.prepare('UPDATE event SET sequence = 2 WHERE user_id = ?').bind(user.userId).run();
}
