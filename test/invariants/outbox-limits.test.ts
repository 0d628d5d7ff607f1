// What is not sent: a dead code, a message of another, one that was tried too often, and more than a few an hour.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_ATTEMPTS } from '../../src/core/outbox.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { makePepper, type PepperKey } from '../support/secrets.ts';
import * as t from '../support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeDue,
  makeReceiver,
  passwordReset,
  type Receiver,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

cheapenHashes();

let receiver: Receiver;
let user: t.TestUser;

beforeAll(() => {
  watchFetch();
  // Every message that does not arrive here is meant not to, and logged.
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(async () => {
  receiver = await makeReceiver();
  user = await t.makeUser(receiver.tenant);
});

function run(sql: string, ...values: (string | number | null)[]): Promise<unknown> {
  const database = t.databaseOf(receiver.tenant);
  return database
    .prepare(`${sql} WHERE tenant_id = ? AND user_id = ?`)
    .bind(...values, receiver.tenant.orgId, user.userId)
    .run();
}

/** Of the letters with a code: who makes one with `resetCode` has the user told so, too. */
const KIND = 'password.reset';

async function readRows() {
  return (await readOutbox(receiver.tenant, user.userId)).filter(({ kind }) => kind === KIND);
}

function listResets() {
  return receiver.received.filter(({ message }) => message.type === KIND);
}

/** A message that the receiver refused, and the code in it. */
async function leavePending(): Promise<string> {
  receiver.reply = answerWith(500);
  expect((await passwordReset(receiver, user.userId)).status).toBe(200);
  receiver.reply = ACCEPT;
  return receiver.received.at(-1)?.message.data['code'] ?? '';
}

function useCode(verificationCode: string) {
  return t.zitadelChange(receiver.tenant.readerToken, user.userId, {
    newPassword: { password: t.newPassword() },
    verificationCode,
  });
}

async function expectGivenUp(): Promise<void> {
  const count = receiver.received.length;
  await makeDue(receiver.tenant);
  await runSchedule();
  expect(receiver.received).toHaveLength(count);
  const [row] = await readRows();
  expect(row).toMatchObject({ payload: null, next_attempt_at: null, delivered_at: null });
  expect(row?.failed_at).toBeGreaterThan(0);
}

describe('a message is given up, its payload gone', () => {
  it('when its life is over', async () => {
    await leavePending();
    await run('UPDATE outbox SET expires_at = ?', Date.now() - 1);
    await expectGivenUp();
  });

  it('when its code has expired', async () => {
    await leavePending();
    await run('UPDATE code SET expires_at = ?', Date.now() - 1);
    await expectGivenUp();
  });

  it('when its code was used', async () => {
    expect((await useCode(await leavePending())).status).toBe(200);
    await expectGivenUp();
  });

  it('when the password was changed otherwise', async () => {
    await leavePending();
    const body = { newPassword: { password: t.newPassword() } };
    const changed = await t.zitadelChange(receiver.tenant.serviceToken, user.userId, body);
    expect(changed.status).toBe(200);
    await expectGivenUp();
  });

  it('when two newer codes outlived its own', async () => {
    await leavePending();
    for (let i = 0; i < 2; i += 1) await t.resetCode(receiver.tenant, user.userId);
    await expectGivenUp();
  });

  it('when its code died of wrong guesses', async () => {
    await leavePending();
    for (let i = 0; i < 5; i += 1) expect((await useCode('ABCDEFGH')).status).toBe(400);
    await expectGivenUp();
  });

  it('when it was tried too often', async () => {
    await leavePending();
    await run('UPDATE outbox SET attempts = ?', MAX_ATTEMPTS);
    await expectGivenUp();
  });

  it('and not a moment before', async () => {
    await leavePending();
    await run('UPDATE outbox SET attempts = ?', MAX_ATTEMPTS - 1);
    await t.resetCode(receiver.tenant, user.userId);
    for (let i = 0; i < 3; i += 1) await useCode('ABCDEFGH');
    await makeDue(receiver.tenant);
    await runSchedule();
    expect(listResets()).toHaveLength(2);
    expect(await readRows()).toMatchObject([{ attempts: MAX_ATTEMPTS, failed_at: null }]);
  });
});

describe('a sealed message', () => {
  it('is nobody else’s: copied to another user or id it is not sent', async () => {
    await leavePending();
    const [row] = await readRows();
    const victim = user;
    user = await t.makeUser(receiver.tenant);
    await leavePending();
    const [own] = await readRows();
    await run('UPDATE outbox SET payload = ?', row?.payload ?? null);
    await run('UPDATE outbox SET next_attempt_at = 1');
    const count = receiver.received.length;
    await runSchedule();
    expect(receiver.received.slice(count).map(({ id }) => id)).not.toContain(own?.id);
    expect(await readRows()).toMatchObject([{ attempts: 2, delivered_at: null }]);
    user = victim;
    await run('UPDATE outbox SET id = ?, next_attempt_at = 1', 'msg_of_another');
    await runSchedule();
    expect(receiver.received).toHaveLength(count);
  });

  it('of one tenant is none of another, which has the same user and id', async () => {
    await leavePending();
    const [row] = await readRows();
    const other = await makeReceiver();
    await t.makeUser(other.tenant, { userId: user.userId });
    other.reply = answerWith(500);
    await passwordReset(other, user.userId);
    other.reply = ACCEPT;
    await t
      .databaseOf(other.tenant)
      .prepare('UPDATE outbox SET id = ?, payload = ?, next_attempt_at = 1 WHERE tenant_id = ?')
      .bind(row?.id ?? '', row?.payload ?? '', other.tenant.orgId)
      .run();
    await runSchedule();
    expect(other.received).toHaveLength(1);
  });

  it('is sent under a new pepper, as long as the old one is kept', async () => {
    await leavePending();
    const write = ({ id, key }: PepperKey) => `${id}=${btoa(String.fromCharCode(...key))}`;
    const fresh = [makePepper('p9'), makePepper('p10')].map(write).join(',');
    await makeDue(receiver.tenant);
    await runSchedule({ ...env, PEPPER_KEYS: fresh } as never);
    expect(receiver.received).toHaveLength(1);
    await makeDue(receiver.tenant);
    await runSchedule({ ...env, PEPPER_KEYS: `${fresh},${env.PEPPER_KEYS}` } as never);
    expect(receiver.received).toHaveLength(2);
  });
});

describe('a flood', () => {
  it('sends five an hour, answers the same and makes nothing more, and leaves the newest codes', async () => {
    for (let i = 0; i < 5; i += 1) {
      expect((await passwordReset(receiver, user.userId)).status).toBe(200);
    }
    const events = await t.listEvents(receiver.tenant, user.userId);
    const first = await passwordReset(receiver, user.userId);
    expect(first.status).toBe(200);
    expect(Object.keys(first.body)).toEqual(['details']);
    expect(Object.keys(first.body.details)).toEqual(['sequence', 'changeDate', 'resourceOwner']);
    expect(first.headers.get('server-timing')).toBe('trips;desc="2", links;desc="0"');
    await passwordReset(receiver, user.userId, { sendLink: {} });
    await runSchedule();
    expect(receiver.received).toHaveLength(5);
    expect(await readRows()).toHaveLength(5);
    expect(await t.listEvents(receiver.tenant, user.userId)).toEqual(events);
    const code = receiver.received[3]?.message.data['code'] ?? '';
    expect((await useCode(code)).status).toBe(200);
  });

  it('of twenty at once makes five, and sends of them what is still of use', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => passwordReset(receiver, user.userId)),
    );
    expect(answers.map(({ status }) => status)).toEqual(new Array(20).fill(200));
    await runSchedule();
    const rows = await readRows();
    expect(rows).toHaveLength(5);
    const events = await t.listEvents(receiver.tenant, user.userId);
    expect(events.filter(({ type }) => type === 'code.issued')).toHaveLength(5);
    // The newest two live; of the others some were sent before they died.
    const sent = rows.filter((row) => row.delivered_at !== null).map(({ id }) => id);
    expect(receiver.received.map(({ id }) => id).sort()).toEqual(sent.sort());
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(rows.filter((row) => row.failed_at !== null)).toHaveLength(5 - sent.length);
  });

  it('does not keep anybody else from a letter, nor the user when the hour is over', async () => {
    for (let i = 0; i < 6; i += 1) await passwordReset(receiver, user.userId);
    expect(receiver.received).toHaveLength(5);
    await passwordReset(receiver, (await t.makeUser(receiver.tenant)).userId);
    expect(receiver.received).toHaveLength(6);
    expect(await t.resetCode(receiver.tenant, user.userId)).toHaveLength(8);
    await run('UPDATE outbox SET created_at = created_at - 3600001');
    await passwordReset(receiver, user.userId);
    expect(listResets()).toHaveLength(7);
  });

  it('changes nothing of the account', async () => {
    const before = await t.readUser(receiver.tenant, user.userId);
    for (let i = 0; i < 8; i += 1) await passwordReset(receiver, user.userId);
    const { sequence, ...rest } = await t.readUser(receiver.tenant, user.userId);
    expect({ ...rest, sequence: before.sequence }).toEqual(before);
    expect(Number(sequence) - Number(before.sequence)).toBe(5);
    expect((await t.vbaSignIn(receiver.tenant, user.userId, user.password)).status).toBe(200);
  });
});
