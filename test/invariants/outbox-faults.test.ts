// A message is there when its code is, and not otherwise; a lost answer of the database sends once, under one id.
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { dumpDatabases, type Fault, makeFaultyEnv } from '../support/faulty.ts';
import { send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  makeDue,
  makeReceiver,
  passwordReset,
  type Receiver,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

cheapenHashes();

/** The batches of a reset that is sent, in their order: the last two are after the answer. */
const COMMIT = 1;
const CLAIM = 2;
const SETTLE = 3;

let receiver: Receiver;
let user: t.TestUser;

beforeAll(() => {
  watchFetch();
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

beforeEach(async () => {
  receiver = await makeReceiver();
  user = await t.makeUser(receiver.tenant);
});

async function askWith(fault: Fault | null) {
  const { on, seen } = makeFaultyEnv(fault);
  const { status } = await passwordReset(receiver, user.userId, {}, { on });
  return { status, seen };
}

function readRows() {
  return readOutbox(receiver.tenant, user.userId);
}

function countCodes(): Promise<number | null> {
  return t
    .databaseOf(receiver.tenant)
    .prepare('SELECT count(*) AS total FROM code WHERE tenant_id = ? AND user_id = ?')
    .bind(receiver.tenant.orgId, user.userId)
    .first<number>('total');
}

async function useCode(): Promise<number> {
  const answer = await t.zitadelChange(receiver.tenant.readerToken, user.userId, {
    newPassword: { password: t.newPassword() },
    verificationCode: receiver.received.at(-1)?.message.data['code'],
  });
  return answer.status;
}

describe('a reset', () => {
  it('makes nothing and sends nothing when any statement of its commit fails', async () => {
    const probe = makeFaultyEnv(null);
    const other = await t.makeUser(receiver.tenant);
    await passwordReset(receiver, other.userId, {}, { on: probe.on });
    expect(probe.seen.sizes).toHaveLength(4);
    // It seals the audit, too.
    await runSchedule();
    receiver.received.length = 0;
    const before = await dumpDatabases();
    const statements = probe.seen.sizes[COMMIT] ?? 0;
    expect(statements).toBeGreaterThanOrEqual(5);
    for (let statement = 0; statement < statements; statement += 1) {
      const fault: Fault = { kind: 'at-statement', batch: COMMIT, statement };
      expect((await askWith(fault)).status).toBe(500);
    }
    await runSchedule();
    expect(receiver.received).toEqual([]);
    expect(await dumpDatabases()).toBe(before);
  });

  it('whose commit answered nobody is sent once all the same', async () => {
    expect((await askWith({ kind: 'after-commit', batch: COMMIT })).status).toBe(200);
    await runSchedule();
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
    expect(await readRows()).toMatchObject([{ attempts: 1, payload: null }]);
    expect(await useCode()).toBe(200);
  });

  it('is answered well, and sent by the next run, when it could not be claimed', async () => {
    const fault: Fault = { kind: 'at-statement', batch: CLAIM, statement: 0 };
    expect((await askWith(fault)).status).toBe(200);
    expect(receiver.received).toEqual([]);
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
    expect(await useCode()).toBe(200);
  });

  it('that was claimed, which nobody heard, is sent once when the lease is over', async () => {
    expect((await askWith({ kind: 'after-commit', batch: CLAIM })).status).toBe(200);
    await runSchedule();
    expect(receiver.received).toEqual([]);
    await makeDue(receiver.tenant);
    await runSchedule();
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
    expect(await readRows()).toMatchObject([{ attempts: 2, payload: null }]);
  });

  it('that was taken, which could not be written down, comes again under the same id', async () => {
    const fault: Fault = { kind: 'at-statement', batch: SETTLE, statement: 0 };
    expect((await askWith(fault)).status).toBe(200);
    expect(receiver.received).toHaveLength(1);
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
    await makeDue(receiver.tenant);
    await runSchedule();
    const [first, second, ...more] = receiver.received;
    expect([second?.id, second?.body, more]).toEqual([first?.id, first?.body, []]);
    expect(await readRows()).toMatchObject([{ attempts: 2, payload: null, failed_at: null }]);
  });

  it('that was taken and written down, which nobody heard, does not come again', async () => {
    expect((await askWith({ kind: 'after-commit', batch: SETTLE })).status).toBe(200);
    await makeDue(receiver.tenant);
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
  });

  it('meets a change of the password: what was outpaced sends nothing', async () => {
    const database = t.databaseOf(receiver.tenant);
    const on = { ...makeFaultyEnv(null).on };
    const real = on['DB'] as D1Database;
    let batches = 0;
    on['DB'] = {
      prepare: (sql: string) => real.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        batches += 1;
        // Between the open and the commit.
        if (batches === 2) {
          await database
            .prepare('UPDATE credential SET version = 2 WHERE tenant_id = ? AND user_id = ?')
            .bind(receiver.tenant.orgId, user.userId)
            .run();
        }
        return real.batch(statements);
      },
    };
    expect((await passwordReset(receiver, user.userId, {}, { on })).status).toBe(409);
    expect([await readRows(), await countCodes(), receiver.received]).toEqual([[], 0, []]);
  });

  it('is forgotten with its user, and nothing of it is sent', async () => {
    await askWith({ kind: 'at-statement', batch: CLAIM, statement: 0 });
    expect(await readRows()).toHaveLength(1);
    const { orgId, serviceToken } = receiver.tenant;
    const headers = { authorization: `Bearer ${serviceToken}` };
    const gone = await send(`/v2/users/${user.userId}`, { method: 'DELETE', headers });
    expect(gone.status).toBe(200);
    expect(await readRows()).toEqual([]);
    await t.admin('POST', `/tenants/${orgId}/users`, { userId: user.userId });
    await runSchedule();
    expect(receiver.received).toEqual([]);
  });
});
