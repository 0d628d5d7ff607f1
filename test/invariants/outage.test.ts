// A receiver that is out for an hour: minute by minute nothing is lost, and nothing comes twice under a new id.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { watchLogs } from '../support/logs.ts';
import { makeMember } from '../support/notices.ts';
import * as t from '../support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeReceiver,
  passwordReset,
  type Receiver,
  type Reply,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

cheapenHashes();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;

let receiver: Receiver;
/** What the clock is ahead by. */
let ahead = 0;
let restore: () => void;

beforeAll(watchFetch);

beforeEach(async () => {
  ahead = 0;
  const now = Date.now.bind(Date);
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + ahead);
  // Every message that does not arrive here is meant not to, and logged.
  const logs = watchLogs();
  restore = () => {
    clock.mockRestore();
    logs.stop();
  };
  receiver = await makeReceiver({ settings: { codeLife: 4 * 3600 } });
});

afterEach(() => {
  restore();
});

/** What the platform does in the time. */
async function passTime(milliseconds: number): Promise<void> {
  for (const end = ahead + milliseconds; ahead < end; ) {
    ahead += MINUTE;
    await runSchedule();
  }
}

const FAULTS: [string, Reply][] = [
  ['answers 500', answerWith(500)],
  [
    'is lost',
    () => {
      throw new TypeError('connection refused');
    },
  ],
];

describe.each(FAULTS)('a receiver that %s for an hour', (_, fail) => {
  it('gets what came up in it when it is back: each message once, under the id that it had', async () => {
    const person = await makeMember(receiver);
    receiver.reply = fail;
    const { serviceToken } = receiver.tenant;
    const newPassword = { password: t.newPassword() };
    const changed = await t.zitadelChange(serviceToken, person.userId, { newPassword });
    expect(changed.status).toBe(200);
    await passTime(HOUR / 2);
    expect((await passwordReset(receiver, person.userId)).status).toBe(200);
    await passTime(HOUR / 2);

    const rows = await readOutbox(receiver.tenant, person.userId);
    const kinds = rows.map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['password.changed', 'password.changed', 'password.reset']);
    const ids = new Set(rows.map(({ id }) => id));
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(ids);
    for (const { id, attempts, delivered_at, failed_at } of rows) {
      const bodies = receiver.received.filter((one) => one.id === id).map(({ body }) => body);
      expect([new Set(bodies).size, bodies.length]).toEqual([1, attempts]);
      // The waits grow: so many minutes have fewer attempts.
      expect(attempts).toBeGreaterThanOrEqual(5);
      expect(attempts).toBeLessThanOrEqual(15);
      expect([delivered_at, failed_at]).toEqual([null, null]);
    }

    receiver.reply = ACCEPT;
    receiver.received.length = 0;
    await passTime(HOUR + MINUTE);
    expect(receiver.received.map(({ id }) => id).sort()).toEqual([...ids].sort());
    const code = receiver.received.find(({ message }) => message.type === 'password.reset')?.message
      .data['code'];
    const body = { newPassword: { password: t.newPassword() }, verificationCode: code };
    const { readerToken } = receiver.tenant;
    expect((await t.zitadelChange(readerToken, person.userId, body)).status).toBe(200);
  });
});

it('a notice that its receiver never takes is tried for a week, and then given up', async () => {
  const person = await makeMember(receiver);
  receiver.reply = answerWith(503);
  const newPassword = { password: t.newPassword() };
  await t.zitadelChange(receiver.tenant.serviceToken, person.userId, { newPassword });
  const readStates = async () => {
    const rows = await readOutbox(receiver.tenant, person.userId);
    return rows.map(({ failed_at }) => (failed_at === null ? 'waits' : 'given up'));
  };
  for (let run = 1; run < WEEK / HOUR; run += 1) {
    // No wait is longer.
    ahead += HOUR;
    await runSchedule();
  }
  expect(await readStates()).toEqual(['waits', 'waits']);
  ahead += HOUR;
  await runSchedule();
  expect(await readStates()).toEqual(['given up', 'given up']);
  const seen = new Map<string, number>();
  for (const { id } of receiver.received) seen.set(id, (seen.get(id) ?? 0) + 1);
  // At the first answer, and each hour.
  expect([...seen.values()]).toEqual([WEEK / HOUR, WEEK / HOUR]);
});
