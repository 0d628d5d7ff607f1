// What the outbox costs when it is full, counted at the binding: a message reads no row of the others.
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type Cost, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeReceiver,
  passwordReset,
  type Receiver,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

const HOUR = 3_600_000;
const MANY = 400;
/** Of one statement: its few messages, with their codes and tenants. */
const FEW = 24;

let receiver: Receiver;

beforeAll(() => {
  watchFetch();
  // Messages that are given up are logged.
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(async () => {
  receiver = await makeReceiver();
});

/** Messages without a code that lives, made at a time, and due at one or over (null). */
async function fill(userId: string, madeAt: number, dueAt: number | null): Promise<void> {
  await t
    .databaseOf(receiver.tenant)
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${MANY})
       INSERT INTO outbox SELECT ?1, ?2, 'msg_' || i || '_' || ?3, 'password.reset', 'x', 'reset', 'none', ?3, ?3, 0, ?4, NULL, NULL FROM n`,
    )
    .bind(receiver.tenant.orgId, userId, madeAt, dueAt)
    .run();
}

/** Of a run, which seals the audit as well, what is about messages. */
function expectFewRows(cost: Cost): void {
  const statements = cost.statements.filter(
    ({ sql }) => !/\b(?:UPDATE event|checkpoint)\b/.test(sql),
  );
  expect(statements.length).toBeGreaterThan(0);
  for (const { sql, rowsRead } of statements) expect(rowsRead, sql).toBeLessThanOrEqual(FEW);
}

it('a message is made and sent among many, its user’s own included, in two trips and two', async () => {
  const [user, other] = [await t.makeUser(receiver.tenant), await t.makeUser(receiver.tenant)];
  const now = Date.now();
  await fill(user.userId, now - 2 * HOUR, null);
  await fill(other.userId, now, now - HOUR);
  const { value, cost } = await measure((on) => passwordReset(receiver, user.userId, {}, { on }));
  expect(value.headers.get('server-timing')).toBe('trips;desc="2", links;desc="0"');
  expect(receiver.received).toHaveLength(1);
  expect(cost).toMatchObject({ trips: 4, links: 0, databases: ['DB'] });
  expectFewRows(cost);
});

it('a run reads what it claims, and what is of no use does not keep it from the rest', async () => {
  const [user, other] = [await t.makeUser(receiver.tenant), await t.makeUser(receiver.tenant)];
  receiver.reply = answerWith(500);
  await passwordReset(receiver, user.userId);
  receiver.reply = ACCEPT;
  await fill(other.userId, 1000, 1000);
  await t
    .databaseOf(receiver.tenant)
    .prepare('UPDATE outbox SET next_attempt_at = 2000 WHERE tenant_id = ? AND user_id = ?')
    .bind(receiver.tenant.orgId, user.userId)
    .run();
  let runs = 0;
  while (receiver.received.length === 1 && runs < 10) {
    const { cost } = await measure(runSchedule);
    expectFewRows(cost);
    runs += 1;
  }
  expect(receiver.received).toHaveLength(2);
  const rows = await readOutbox(receiver.tenant, other.userId);
  expect(rows).toHaveLength(MANY);
  const over = rows.filter((row) => row.failed_at !== null && row.payload === null);
  expect(over).toHaveLength(MANY);
});
