// A notice is there when what it tells of is, and not otherwise; a lost answer of the database tells it once.
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { dumpDatabases, type Fault, makeFaultyEnv } from '../support/faulty.ts';
import { makeMember, takeMessages } from '../support/notices.ts';
import type { Answer, Env } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  makeReceiver,
  type Receiver,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';
import { takeStep } from '../support/zitadel-users.ts';

cheapenHashes();

const COMMIT = 1;

let receiver: Receiver;
let tenant: t.TestTenant;

beforeAll(async () => {
  watchFetch();
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(() => {
  receiver.received.length = 0;
});

interface Deed {
  readonly userId: string;
  readonly run: (on?: Env) => Promise<Answer>;
}

interface Kind {
  readonly name: string;
  readonly notice: string;
  readonly done: number;
  readonly prepare: () => Promise<Deed>;
}

const member = async (run: (userId: string, on?: Env) => Promise<Answer>): Promise<Deed> => {
  const { userId } = await makeMember(receiver);
  return { userId, run: (on) => run(userId, on) };
};

const KINDS: readonly Kind[] = [
  {
    name: 'a change of the password',
    notice: 'password.changed',
    done: 200,
    prepare: () => {
      const newPassword = { password: t.newPassword() };
      const { serviceToken } = tenant;
      return member((userId, on) => t.zitadelChange(serviceToken, userId, { newPassword }, on));
    },
  },
  {
    name: 'a code that is handed out',
    notice: 'password.reset-requested',
    done: 200,
    prepare: () =>
      member((userId, on) =>
        t.zitadel(tenant.serviceToken, `${userId}/password_reset`, { returnCode: {} }, on),
      ),
  },
  {
    name: 'a lock',
    notice: 'account.locked',
    done: 200,
    prepare: () => member((userId, on) => takeStep(tenant.serviceToken, userId, 'lock', on)),
  },
  {
    name: 'a user with a temporary password',
    notice: 'password.temporary',
    done: 201,
    prepare: async () => {
      const n = t.nextSerial();
      const userId = `made-${n}`;
      const names = { userId, email: `made-${n}@mail.example`, phone: `+4176${1_000_000 + n}` };
      const body = { ...names, generateTemporaryPassword: true };
      return { userId, run: (on) => t.admin('POST', `/tenants/${tenant.orgId}/users`, body, on) };
    },
  },
];

async function listKinds(userId: string): Promise<readonly string[]> {
  return (await readOutbox(tenant, userId)).map(({ kind }) => kind);
}

describe.each(KINDS)('$name', ({ notice, done, prepare }) => {
  it('is told of to nobody when any statement of its commit fails, and is not done', async () => {
    const probe = makeFaultyEnv(null);
    expect((await (await prepare()).run(probe.on)).status).toBe(done);
    const { userId, run } = await prepare();
    // It seals the audit, too.
    await runSchedule();
    const before = await dumpDatabases();
    const statements = probe.seen.sizes[COMMIT] ?? 0;
    expect(statements).toBeGreaterThanOrEqual(5);
    receiver.received.length = 0;
    for (let statement = 0; statement < statements; statement += 1) {
      const { on } = makeFaultyEnv({ kind: 'at-statement', batch: COMMIT, statement });
      expect((await run(on)).status).toBe(500);
    }
    await runSchedule();
    expect(takeMessages(receiver)).toEqual([]);
    expect(await dumpDatabases()).toBe(before);
    expect((await run()).status).toBe(done);
    expect(takeMessages(receiver).map(({ type }) => type)).toEqual([notice, notice]);
    expect(await listKinds(userId)).toEqual([notice, notice]);
  });

  it('is told of once when the answer of its commit was lost', async () => {
    const { userId, run } = await prepare();
    const { on } = makeFaultyEnv({ kind: 'after-commit', batch: COMMIT });
    // It asks whether it happened.
    expect((await run(on)).status).toBe(done);
    await runSchedule();
    await runSchedule();
    expect(takeMessages(receiver).map(({ type }) => type)).toEqual([notice, notice]);
    expect(await listKinds(userId)).toEqual([notice, notice]);
  });
});

describe('the tenth wrong password', () => {
  async function guessTheTenth(fault: Fault | null) {
    const { userId } = await makeMember(receiver);
    const guess = (on?: Env) => t.vbaSignIn(tenant, userId, 'a wrong password for all', on);
    await guess();
    await t
      .databaseOf(tenant)
      .prepare('UPDATE throttle SET reserved = cleared + 9 WHERE tenant_id = ? AND reserved > 0')
      .bind(tenant.orgId)
      .run();
    const { on, seen } = makeFaultyEnv(fault);
    const { status } = await guess(on);
    return { userId, status, statements: seen.sizes[COMMIT] ?? 0 };
  }

  it('is in the audit and told of, or neither, when a statement fails', async () => {
    const probe = await guessTheTenth(null);
    expect(probe).toMatchObject({ status: 401, statements: 4 });
    expect(takeMessages(receiver)).toHaveLength(2);
    for (let statement = 0; statement < probe.statements; statement += 1) {
      const fault: Fault = { kind: 'at-statement', batch: COMMIT, statement };
      const { userId, status } = await guessTheTenth(fault);
      expect(status).toBe(500);
      const events = await t.listEvents(tenant, userId);
      // Of the first guess.
      expect(events.filter(({ type }) => type === 'sign-in.refused')).toHaveLength(1);
      expect(events.filter(({ type }) => type === 'account.locked')).toHaveLength(0);
      await runSchedule();
      expect([takeMessages(receiver), await listKinds(userId)]).toEqual([[], []]);
    }
  });

  it('is told of once when the answer of the database was lost', async () => {
    const { userId, status } = await guessTheTenth({ kind: 'after-commit', batch: COMMIT });
    expect(status).toBe(500);
    await runSchedule();
    expect(takeMessages(receiver)).toHaveLength(2);
    expect(await listKinds(userId)).toEqual(['account.locked', 'account.locked']);
  });
});
