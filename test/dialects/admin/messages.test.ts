// What the operator sees of a tenant's messages: how many wait, arrived or were given up, and nothing of what is in them.

import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { MAX_ATTEMPTS } from '../../../src/core/outbox.ts';
import { send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeDue,
  makeReceiver,
  passwordReset,
  type Receiver,
  runSchedule,
  watchFetch,
} from '../../support/webhook.ts';
import { expectProblem } from './problem.ts';

let receiver: Receiver;

beforeAll(() => {
  watchFetch();
  // Every message that does not arrive here is meant not to, and logged.
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

beforeEach(async () => {
  receiver = await makeReceiver();
});

async function report(orgId = receiver.tenant.orgId) {
  const answer = await t.admin('GET', `/tenants/${orgId}/messages`);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body;
}

/** A message to a new user that the receiver takes or not; gives the user's id. */
async function ask(reply = answerWith(500), to = receiver): Promise<string> {
  const { userId } = await t.makeUser(to.tenant);
  to.reply = reply;
  expect((await passwordReset(to, userId)).status).toBe(200);
  return userId;
}

/** As if they had been tried so often. */
async function age(attempts: number): Promise<void> {
  await t
    .databaseOf(receiver.tenant)
    .prepare('UPDATE outbox SET attempts = ? WHERE tenant_id = ? AND next_attempt_at IS NOT NULL')
    .bind(attempts, receiver.tenant.orgId)
    .run();
  await makeDue(receiver.tenant);
}

const NONE = { waiting: 0, delivered: 0, failed: 0, deadLetters: [] };

it('are none at first', async () => {
  expect(await report()).toEqual(NONE);
});

it('wait while their receiver does not take them, and are delivered when it does', async () => {
  await ask(ACCEPT);
  await ask();
  await ask();
  expect(await report()).toEqual({ ...NONE, waiting: 2, delivered: 1 });
  receiver.reply = ACCEPT;
  await makeDue(receiver.tenant);
  await runSchedule();
  expect(await report()).toEqual({ ...NONE, delivered: 3 });
});

it('are given up after too many attempts: dead letters with their ids, without what was in them', async () => {
  const before = Date.now();
  const userId = await ask();
  const sent = receiver.received[0];
  await age(MAX_ATTEMPTS - 1);
  await runSchedule();
  expect(await report()).toMatchObject({ waiting: 1, failed: 0 });
  await makeDue(receiver.tenant);
  await runSchedule();
  const answer = await report();
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const letter = { id: sent?.id, userId, kind: 'password.reset', attempts: MAX_ATTEMPTS };
  const times = { createdAt: time, failedAt: time };
  expect(answer).toEqual({ ...NONE, failed: 1, deadLetters: [{ ...letter, ...times }] });
  const [{ createdAt, failedAt }] = answer.deadLetters;
  expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(failedAt)).toBeGreaterThanOrEqual(Date.parse(createdAt));
  const { code = '', address = '' } = sent?.message.data ?? {};
  for (const secret of [code, address, 'login.example']) {
    expect(JSON.stringify(answer)).not.toContain(secret);
  }
  // It is dead for good.
  receiver.reply = ACCEPT;
  await makeDue(receiver.tenant);
  await runSchedule();
  expect([receiver.received.length, await report()]).toEqual([2, answer]);
});

it('wait while the tenant sends nothing any more, and go when it does again', async () => {
  await ask();
  const { webhookUrl, webhookSecret, tenant } = receiver;
  const set = (delivery: object | null) =>
    t.admin('PATCH', `/tenants/${tenant.orgId}`, { settings: { delivery } });
  await set(null);
  await makeDue(tenant);
  await runSchedule();
  expect(await report()).toEqual({ ...NONE, waiting: 1 });
  await set({ webhookUrl, webhookSecret });
  receiver.reply = ACCEPT;
  await makeDue(tenant);
  await runSchedule();
  expect(await report()).toEqual({ ...NONE, delivered: 1 });
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
});

it('are each tenant’s own, in both databases', async () => {
  const others = [await makeReceiver(), await makeReceiver({ place: 'eu' })];
  await ask();
  for (const other of others) expect(await report(other.tenant.orgId)).toEqual(NONE);
  for (const other of others) await ask(ACCEPT, other);
  await age(MAX_ATTEMPTS);
  await runSchedule();
  for (const other of others) {
    expect(await report(other.tenant.orgId)).toEqual({ ...NONE, delivered: 1 });
  }
  expect(await report()).toMatchObject({ waiting: 0, delivered: 0, failed: 1 });
});

it('are counted all, and of the dead the newest fifty are named', async () => {
  const { userId } = await t.makeUser(receiver.tenant);
  await t
    .databaseOf(receiver.tenant)
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
       INSERT INTO outbox SELECT ?1, ?2, 'msg_' || i, 'password.changed', NULL, NULL, NULL, i, i, 60, NULL, NULL, 1000 + i FROM n`,
    )
    .bind(receiver.tenant.orgId, userId)
    .run();
  const { failed, deadLetters } = await report();
  expect([failed, deadLetters.length]).toEqual([60, 50]);
  const ids = deadLetters.map(({ id }: { readonly id: string }) => id);
  expect(ids).toEqual(Array.from({ length: 50 }, (_, index) => `msg_${60 - index}`));
});

it('are nobody’s but the operator’s, and of a tenant that is there', async () => {
  const path = `/admin/tenants/${receiver.tenant.orgId}/messages`;
  const { serviceToken } = receiver.tenant;
  expectProblem(await send(path), 401);
  expectProblem(await send(path, { headers: { authorization: `Bearer ${serviceToken}` } }), 401);
  for (const orgId of ['no-such-tenant', 'db_nosuchtenant', 'db-eu_nosuchtenant']) {
    expectProblem(await t.admin('GET', `/tenants/${orgId}/messages`), 404, /tenant/);
  }
  const posted = await t.admin('POST', `/tenants/${receiver.tenant.orgId}/messages`, {});
  expectProblem(posted, 405);
});
