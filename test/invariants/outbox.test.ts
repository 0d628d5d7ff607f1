// Whatever the receiver does, no message is lost, each has one id, and no request waits for it.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import worker from '../../src/index.ts';
import { dumpDatabases } from '../support/faulty.ts';
import { type Logs, watchLogs } from '../support/logs.ts';
import { ORIGIN } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeDue,
  makeReceiver,
  passwordReset,
  type Receiver,
  type Reply,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

let receiver: Receiver;
let user: t.TestUser;
let logs: Logs;

beforeAll(watchFetch);

beforeEach(async () => {
  receiver = await makeReceiver();
  user = await t.makeUser(receiver.tenant);
  logs = watchLogs();
});

afterEach(() => {
  logs.stop();
});

async function ask(): Promise<void> {
  expect((await passwordReset(receiver, user.userId)).status).toBe(200);
}

async function readRow() {
  const [row, ...others] = await readOutbox(receiver.tenant, user.userId);
  if (row === undefined || others.length > 0) throw new Error('not one row');
  return row;
}

const OVER = { payload: null, next_attempt_at: null };

/** Never answers; the platform's patience ends at once, instead of after the ten seconds that were asked for. */
function hang(): Reply {
  vi.spyOn(AbortSignal, 'timeout').mockImplementationOnce((limit) => {
    expect(limit).toBe(10_000);
    const controller = new AbortController();
    queueMicrotask(() => controller.abort(new DOMException('late', 'TimeoutError')));
    return controller.signal;
  });
  return (_, signal) =>
    new Promise((_resolve, reject) => {
      const end = () => reject(signal.reason);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
}

const FAULTS: [string, () => Reply | Promise<Reply>, string][] = [
  ['answers 500', () => answerWith(500), 'refused'],
  ['answers 400', () => answerWith(400), 'refused'],
  ['answers 304', () => answerWith(304), 'refused'],
  [
    'is down',
    () => () => {
      throw new TypeError('connection refused');
    },
    'unanswered',
  ],
  ['hangs', hang, 'unanswered'],
];

describe('a receiver that', () => {
  it.each(FAULTS)('%s gets the same message again until it takes it', async (_, make, outcome) => {
    receiver.reply = await make();
    await ask();
    const first = await readRow();
    expect(first).toMatchObject({ attempts: 1, delivered_at: null, failed_at: null });
    expect(first.next_attempt_at).toBeGreaterThan(first.created_at);
    expect(first.next_attempt_at).toBeLessThanOrEqual(first.expires_at);
    await runSchedule();
    expect(receiver.received).toHaveLength(1);

    await makeDue(receiver.tenant);
    receiver.reply = answerWith(503);
    await runSchedule();
    expect(await readRow()).toMatchObject({ attempts: 2, delivered_at: null });
    await makeDue(receiver.tenant);
    receiver.reply = ACCEPT;
    await runSchedule();
    await runSchedule();
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([first.id]));
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    const done = await readRow();
    expect(done).toMatchObject({ ...OVER, attempts: 3, failed_at: null });
    expect(done.delivered_at).toBeGreaterThanOrEqual(first.created_at);
    expect(logs.troubles()).toMatchObject([
      { level: 'warn', messageId: first.id, attempt: 1, outcome },
      { level: 'warn', messageId: first.id, attempt: 2, outcome: 'refused' },
    ]);
  });

  it('redirects is not followed, though it is another receiver of ours', async () => {
    const other = await makeReceiver();
    receiver.reply = answerWith(307, { location: other.webhookUrl });
    await ask();
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
    expect(await readRow()).toMatchObject({ attempts: 1, delivered_at: null });
  });

  it('answers slowly is not waited for', async () => {
    let answer: (response: Response) => void = () => {};
    receiver.reply = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const context = createExecutionContext();
    const request = new Request(`${ORIGIN}/v2/users/${user.userId}/password_reset`, {
      method: 'POST',
      headers: { authorization: `Bearer ${receiver.tenant.serviceToken}` },
      body: '{}',
    });
    const response = await worker.fetch(request as never, env as never, context);
    expect(response.status).toBe(200);
    expect(response.headers.get('server-timing')).toBe('trips;desc="2", links;desc="0"');
    await vi.waitUntil(() => receiver.received.length === 1);
    expect(await readRow()).toMatchObject({ attempts: 1, delivered_at: null });
    // Whoever sends it has it alone.
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
    answer(new Response('taken', { status: 200 }));
    await waitOnExecutionContext(context);
    expect(await readRow()).toMatchObject({ ...OVER, attempts: 1 });
  });

  it('was never reached before the sender died gets it when the lease is over', async () => {
    receiver.reply = answerWith(500);
    await ask();
    const { databaseOf } = t;
    // As it is while it is being sent, by one that never comes back.
    await databaseOf(receiver.tenant)
      .prepare('UPDATE outbox SET attempts = 2, next_attempt_at = ? WHERE tenant_id = ?')
      .bind(Date.now() + 60_000, receiver.tenant.orgId)
      .run();
    receiver.reply = ACCEPT;
    await runSchedule();
    expect(receiver.received).toHaveLength(1);
    await makeDue(receiver.tenant);
    await runSchedule();
    expect(receiver.received).toHaveLength(2);
    expect(await readRow()).toMatchObject({ ...OVER, attempts: 3 });
  });
});

it('a sender whose lease is over changes nothing any more by its failure', async () => {
  const answers: ((response: Response) => void)[] = [];
  receiver.reply = () => new Promise((resolve) => answers.push(resolve));
  const late = ask();
  await vi.waitUntil(() => answers.length === 1);
  await makeDue(receiver.tenant);
  const next = runSchedule();
  await vi.waitUntil(() => answers.length === 2);
  const leased = await readRow();
  answers[0]?.(new Response(null, { status: 500 }));
  await late;
  expect(await readRow()).toEqual(leased);
  answers[1]?.(new Response(null, { status: 200 }));
  await next;
  expect(await readRow()).toMatchObject({ ...OVER, attempts: 2, failed_at: null });
});

describe('at once', () => {
  it('eight runs send one message once', async () => {
    receiver.reply = answerWith(500);
    await ask();
    await makeDue(receiver.tenant);
    receiver.reply = ACCEPT;
    await Promise.all(Array.from({ length: 8 }, () => runSchedule()));
    expect(receiver.received).toHaveLength(2);
    expect(await readRow()).toMatchObject({ ...OVER, attempts: 2 });
  });

  it('a request and eight runs send its message once', async () => {
    await Promise.all([ask(), ...Array.from({ length: 8 }, () => runSchedule())]);
    expect(receiver.received).toHaveLength(1);
    expect(await readRow()).toMatchObject({ ...OVER, attempts: 1 });
  });

  it('a request that comes to its message after a run did does not send it', async () => {
    let answer: (response: Response) => void = () => {};
    receiver.reply = () => {
      receiver.reply = ACCEPT;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    let batches = 0;
    let running = Promise.resolve();
    const slow = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        batches += 1;
        // The open and the commit were before; this is the claim.
        if (batches === 3) {
          running = runSchedule();
          await vi.waitUntil(() => receiver.received.length === 1);
        }
        return env.DB.batch(statements);
      },
    };
    const on = { ...env, DB: slow } as never;
    expect((await passwordReset(receiver, user.userId, {}, { on })).status).toBe(200);
    expect(batches).toBe(3);
    answer(new Response(null, { status: 200 }));
    await running;
    expect(receiver.received).toHaveLength(1);
    expect(await readRow()).toMatchObject({ ...OVER, attempts: 1 });
  });

  it('one run sends all that is due, of every tenant and database, each once', async () => {
    const eu = await makeReceiver({ place: 'eu' });
    const all = [receiver, eu];
    for (const one of all) {
      one.reply = answerWith(500);
      for (let i = 0; i < 7; i += 1) {
        const { userId } = await t.makeUser(one.tenant);
        await passwordReset(one, userId);
      }
      await makeDue(one.tenant);
      one.reply = ACCEPT;
      one.received.length = 0;
    }
    await runSchedule();
    for (const one of all) {
      expect(one.received).toHaveLength(7);
      expect(new Set(one.received.map(({ id }) => id)).size).toBe(7);
    }
  });
});

it('a database that fails does not keep the messages of the other', async () => {
  const eu = await makeReceiver({ place: 'eu' });
  const { userId } = await t.makeUser(eu.tenant);
  eu.reply = answerWith(500);
  await passwordReset(eu, userId);
  await makeDue(eu.tenant);
  eu.reply = ACCEPT;
  const broken = {
    prepare: () => ({ bind: () => ({}) }),
    batch: async () => {
      throw new Error('the database is gone, with all its secrets');
    },
  };
  await runSchedule({ ...env, DB: broken } as never);
  expect(eu.received).toHaveLength(2);
  expect(logs.troubles()).toMatchObject([
    { level: 'warn', outcome: 'refused' },
    // Neither could the clean-up be done, nor the audit be sealed.
    { level: 'error', error: 'Error' },
    { level: 'error', error: 'Error' },
    { level: 'error', error: 'Error' },
  ]);
  expect(logs.lines.join()).not.toContain('secrets');
});

it('a run without its secrets sends nothing, and says which is missing', async () => {
  receiver.reply = answerWith(500);
  await ask();
  await makeDue(receiver.tenant);
  await runSchedule({ ...env, MAC_KEYS: '' } as never);
  expect(receiver.received).toHaveLength(1);
  expect(logs.lines.at(-1)).toContain('MAC_KEYS');
});

it('what is sent is in no row and no log, before and after', async () => {
  receiver.reply = answerWith(500);
  await ask();
  const pending = await dumpDatabases();
  await makeDue(receiver.tenant);
  receiver.reply = ACCEPT;
  await runSchedule();
  const seen = [pending, await dumpDatabases(), ...logs.lines].join('\n');
  const { code, url } = receiver.received[0]?.message.data ?? {};
  expect(pending).toContain(receiver.received[0]?.id);
  const secret = receiver.webhookSecret.slice('whsec_'.length);
  for (const text of [code, url, encodeURIComponent(code ?? ''), secret, receiver.webhookSecret]) {
    expect(text?.length).toBeGreaterThanOrEqual(8);
    expect(seen.includes(text ?? '')).toBe(false);
  }
  expect(logs.lines.join()).not.toContain(user.email);
});
