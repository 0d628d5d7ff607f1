// Whoever can write to the database, but has no chain key, changes nothing of the audit that a verification does not name.
import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditFault, Witness } from '../../src/core/audit-verifier.ts';
import { at, runScheduleAt, verifyAudit } from '../support/audit-chain.ts';
import * as t from '../support/tenant.ts';
import { runSchedule } from '../support/webhook.ts';

const MINUTE = 60_000;
const START = Date.now();

let tenant: t.TestTenant;
let ann: t.TestUser;
let bob: t.TestUser;
let witness: Witness | null;
/** Of an event of another tenant, between those of the first checkpoint. */
let foreignId: number;

/** Of each table its rows, as they were before anyone touched them. */
let kept: { readonly event: Row[]; readonly checkpoint: Row[] };

type Row = Readonly<Record<string, string | number | null>>;

/** Four events of Ann and three of Bob sealed in two checkpoints, and one of each after them; each linked. */
beforeAll(async () => {
  const issue = (user: t.TestUser, minutes: number) =>
    at(START + minutes * MINUTE, () => t.resetCode(tenant, user.userId));
  await at(START - 40 * MINUTE, async () => {
    tenant = await t.makeTenant();
    const other = await t.makeTenant();
    const newest = t.databaseOf(other).prepare('SELECT max(id) AS id FROM event');
    foreignId = (await newest.first<number>('id')) ?? 0;
    ann = await t.makeUser(tenant, { withoutPassword: true });
    bob = await t.makeUser(tenant, { withoutPassword: true });
  });
  await issue(ann, -30);
  await runScheduleAt(START - 29 * MINUTE);
  await issue(bob, -20);
  await issue(ann, -19);
  await issue(bob, -18);
  await issue(ann, -17);
  await runScheduleAt(START - 15 * MINUTE);
  await issue(ann, -7);
  await issue(bob, -6);
  await runScheduleAt(START - 6 * MINUTE);
  const { fault, verifier } = await verifyAudit(tenant);
  expect(fault).toBeNull();
  expect(verifier.counts).toEqual({ events: 13, checkpoints: 2 });
  witness = verifier.readNewest();
  kept = { event: await readRows('event'), checkpoint: await readRows('checkpoint') };
});

async function readRows(table: 'event' | 'checkpoint'): Promise<Row[]> {
  const sql = `SELECT * FROM ${table} WHERE tenant_id = ? ORDER BY ${table === 'event' ? 'id' : 'number'}`;
  return (await t.databaseOf(tenant).prepare(sql).bind(tenant.orgId).all<Row>()).results;
}

/** Puts all back. */
async function restore(): Promise<void> {
  const database = t.databaseOf(tenant);
  const statements = [
    database.prepare('DELETE FROM event'),
    database.prepare('DELETE FROM checkpoint'),
  ];
  for (const table of ['event', 'checkpoint'] as const) {
    for (const row of kept[table]) {
      const names = Object.keys(row);
      const sql = `INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`;
      statements.push(database.prepare(sql).bind(...Object.values(row)));
    }
  }
  await database.batch(statements);
}

/** What a verification says after the SQL was run; then all is as it was. */
async function tamper(
  sql: readonly string[],
  then: () => Promise<AuditFault | null> = async () => (await verifyAudit(tenant)).fault,
): Promise<AuditFault | null> {
  const database = t.databaseOf(tenant);
  try {
    await database.batch(sql.map((one) => database.prepare(one)));
    return await then();
  } finally {
    await restore();
  }
}

const eventOf = (user: t.TestUser, sequence: number) =>
  `tenant_id = '${tenant.orgId}' AND user_id = '${user.userId}' AND sequence = ${sequence}`;
const runAndVerify = async () => {
  await runSchedule();
  return (await verifyAudit(tenant)).fault;
};

it('is found whole again when all is put back', async () => {
  expect(await tamper([`DELETE FROM event`])).not.toBeNull();
  expect((await verifyAudit(tenant, { witness })).fault).toBeNull();
});

/** SQL: a seal of the same key that is not the right one. */
const spoil = (of: string) => `substr(${of}, 1, length(${of}) - 9) || 'AAAA' || substr(${of}, -5)`;

describe('every column of every sealed event', () => {
  /** What it says: the event itself is named. */
  const SAID = {
    at: 'at + 1',
    type: `'sign-out'`,
    actor: `'{"kind":"anonymous"}'`,
    dialect: `'vba'`,
    activity_id: `activity_id || '0'`,
    facts: `json_set(facts, '$.more', 1)`,
    mac: spoil('mac'),
  } as const;

  it.each(Object.entries(SAID))('names the event whose %s was changed', async (column, value) => {
    for (const { id, user_id: userId, sequence } of kept.event) {
      const fault = await tamper([`UPDATE event SET ${column} = ${value} WHERE id = ${id}`]);
      expect(fault).toEqual({ kind: 'altered', userId, at: sequence });
    }
  });

  it('names the event whose link was changed, or taken away', async () => {
    for (const { id, user_id: userId, sequence } of kept.event) {
      const forged = await tamper([`UPDATE event SET link = ${spoil('link')} WHERE id = ${id}`]);
      expect(forged).toEqual({ kind: 'reordered', userId, at: sequence });
    }
    for (const { id, user_id: userId, sequence } of kept.event.slice(0, -2)) {
      const gone = await tamper([`UPDATE event SET link = NULL WHERE id = ${id}`]);
      expect(gone).toEqual({ kind: 'unlinked', userId, at: sequence });
    }
  });

  it('names the user of an event that was given to another, to another tenant, or another place', async () => {
    for (const { id, user_id: userId, sequence } of kept.event.slice(0, -2)) {
      for (const change of [`tenant_id = 'elsewhere'`, 'sequence = sequence + 100', 'id = -id']) {
        const fault = await tamper([`UPDATE event SET ${change} WHERE id = ${id}`]);
        expect(fault, change).toMatchObject({ userId });
      }
      const given = await tamper([`UPDATE event SET user_id = 'somebody' WHERE id = ${id}`]);
      expect(given).toEqual({ kind: 'altered', userId: 'somebody', at: sequence });
    }
  });

  it('names the event whose text is none that we write, though it means the same', async () => {
    for (const change of [`facts = ' ' || facts`, `facts = '{'`, 'at = 9000000000000000']) {
      const fault = await tamper([`UPDATE event SET ${change} WHERE ${eventOf(ann, 2)}`]);
      expect(fault).toEqual({ kind: 'altered', userId: ann.userId, at: 2 });
    }
  });
});

describe('every column of every checkpoint', () => {
  it.each([
    ['tenant_id', `'elsewhere'`, 'checkpoint-missing'],
    ['number', 'number + 100', 'checkpoint-missing'],
    ['at', 'at + 1', 'checkpoint-altered'],
    ['heads', `replace(heads, ',2,', ',3,')`, 'checkpoint-altered'],
    ['root', spoil('root'), 'checkpoint-altered'],
    ['root', `'c0' || substr(root, 3)`, 'key-unknown'],
  ])('%s set to %s', async (column, value, kind) => {
    const fault = await tamper([`UPDATE checkpoint SET ${column} = ${value} WHERE number = 1`]);
    expect(fault).toEqual({ kind, userId: null, at: 1 });
  });

  it('what they cover', async () => {
    for (const change of ['through + 1', 'through - 1', '0']) {
      for (const number of [1, 2]) {
        const sql = `UPDATE checkpoint SET through = ${change} WHERE number = ${number}`;
        expect(await tamper([sql])).not.toBeNull();
      }
    }
  });

  it('that the older one is gone', async () => {
    const fault = await tamper(['DELETE FROM checkpoint WHERE number = 1']);
    expect(fault).toEqual({ kind: 'checkpoint-missing', userId: null, at: 1 });
  });

  it('that the newest one is gone, by what is not sealed since, and by the one kept outside', async () => {
    const gone = ['DELETE FROM checkpoint WHERE number = 2'];
    const late = async () => (await verifyAudit(tenant, { now: START + 60 * MINUTE })).fault;
    expect(await tamper(gone, late)).toMatchObject({ kind: 'unsealed' });
    const witnessed = async () => (await verifyAudit(tenant, { witness })).fault;
    expect(await tamper(gone, witnessed)).toEqual({
      ...{ kind: 'checkpoint-missing', userId: null, at: 2 },
    });
  });
});

describe('events that are gone', () => {
  it('at the beginning and in the middle', async () => {
    for (const sequence of [1, 2, 3]) {
      const fault = await tamper([`DELETE FROM event WHERE ${eventOf(ann, sequence)}`]);
      expect(fault).toMatchObject({ userId: ann.userId, at: sequence });
    }
  });

  it('in the middle, with all that follow moved up', async () => {
    const fault = await tamper([
      `DELETE FROM event WHERE ${eventOf(ann, 3)}`,
      ...[4, 5].map((n) => `UPDATE event SET sequence = ${n - 1} WHERE ${eventOf(ann, n)}`),
    ]);
    expect(fault).toEqual({ kind: 'reordered', userId: ann.userId, at: 3 });
  });

  it('at the end, as far as a checkpoint knows them', async () => {
    const cut = (from: number) => [
      `DELETE FROM event WHERE user_id = '${ann.userId}' AND sequence >= ${from}`,
    ];
    for (const from of [3, 4]) {
      expect(await tamper(cut(from))).toMatchObject({ kind: 'tail-cut', userId: ann.userId });
    }
  });

  it('all of a user', async () => {
    const fault = await tamper([`DELETE FROM event WHERE user_id = '${bob.userId}'`]);
    expect(fault).toMatchObject({ kind: 'tail-cut', userId: bob.userId });
  });

  it('at the end with the newest checkpoint, by the one kept outside, also once it was made anew', async () => {
    const cut = [
      `DELETE FROM event WHERE user_id = '${ann.userId}' AND sequence >= 3`,
      'DELETE FROM checkpoint WHERE number = 2',
    ];
    const verify = async () => (await verifyAudit(tenant, { witness })).fault;
    const missing = { kind: 'checkpoint-missing', userId: null, at: 2 };
    expect(await tamper(cut, verify)).toEqual(missing);
    const anew = async () => {
      await runScheduleAt(START);
      // By itself nothing of it is seen any more: that is what the one outside is for.
      expect((await verifyAudit(tenant)).fault).toBeNull();
      return verify();
    };
    expect(await tamper(cut, anew)).toEqual({ ...missing, kind: 'witness-differs' });
  });
});

describe('events that are elsewhere', () => {
  it('two that were swapped', async () => {
    const swap = (a: number, b: number) => [
      `UPDATE event SET sequence = 1000 WHERE ${eventOf(ann, a)}`,
      `UPDATE event SET sequence = ${a} WHERE ${eventOf(ann, b)}`,
      `UPDATE event SET sequence = ${b} WHERE ${eventOf(ann, 1000)}`,
    ];
    expect(await tamper(swap(2, 3))).toMatchObject({ userId: ann.userId, at: 2 });
    // Their ids, too: each stands where the other stood, whole.
    const columns = ['at', 'type', 'actor', 'dialect', 'activity_id', 'facts', 'mac'];
    const take = (to: number, from: number) => {
      const row = kept.event.find((e) => e['user_id'] === ann.userId && e['sequence'] === from);
      const values = columns.map((name) => `${name} = '${row?.[name]}'`);
      return `UPDATE event SET ${values.join()} WHERE ${eventOf(ann, to)}`;
    };
    expect(await tamper([take(2, 3), take(3, 2)])).toEqual({
      ...{ kind: 'reordered', userId: ann.userId, at: 2 },
    });
  });

  const copy = (user: t.TestUser, sequence: number, to: t.TestUser, as: number, link: string) =>
    `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac, link)
     SELECT tenant_id, '${to.userId}', ${as}, at, type, actor, dialect, activity_id, facts, mac, ${link}
     FROM event WHERE ${eventOf(user, sequence)}`;

  it('of another user', async () => {
    for (const link of ['link', 'NULL']) {
      expect(await tamper([copy(ann, 5, bob, 5, link)], runAndVerify)).toEqual({
        ...{ kind: 'altered', userId: bob.userId, at: 5 },
      });
    }
  });

  it('an old one and a new one once more, though the schedule links them', async () => {
    for (const sequence of [2, 5]) {
      for (const link of ['link', 'NULL']) {
        expect(await tamper([copy(ann, sequence, ann, 6, link)], runAndVerify)).toEqual({
          ...{ kind: 'replayed', userId: ann.userId, at: 6 },
        });
      }
    }
  });

  it('one that nobody sealed', async () => {
    const sql = [
      copy(ann, 5, ann, 6, 'NULL'),
      `UPDATE event SET facts = '{"x":1}' WHERE ${eventOf(ann, 6)}`,
    ];
    expect(await tamper(sql, runAndVerify)).toEqual({
      ...{ kind: 'altered', userId: ann.userId, at: 6 },
    });
  });
});

it('an event in the range of a checkpoint that does not know it', async () => {
  const stranger = await t.makeUser(tenant, { withoutPassword: true });
  const sql = [
    `DELETE FROM event WHERE id = ${foreignId}`,
    `UPDATE event SET id = ${foreignId} WHERE ${eventOf(stranger, 1)}`,
  ];
  const fault = { kind: 'checkpoint-differs', userId: stranger.userId, at: 1 };
  expect(await tamper(sql, runAndVerify)).toEqual(fault);
});
