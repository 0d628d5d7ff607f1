// The log's own rules, and what a scheduled run says in it.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameMethod, writeLog } from '../src/log.ts';
import { type Logs, watchLogs } from './support/logs.ts';
import * as t from './support/tenant.ts';
import {
  ACCEPT,
  answerWith,
  makeDue,
  makeReceiver,
  passwordReset,
  runSchedule,
  watchFetch,
} from './support/webhook.ts';

let logs: Logs;

beforeEach(() => {
  logs = watchLogs();
});

afterEach(() => {
  logs.stop();
});

describe('a line', () => {
  it('holds no field that is not listed, however it came in, and no field of a field', () => {
    const given = { outcome: 'refused', userId: 'user-1', toJSON: undefined, password: 'p' };
    writeLog({ level: 'warn', ...given });
    expect(logs.lines).toEqual(['{"level":"warn","outcome":"refused"}']);
  });

  it('is one line, whatever a value holds', () => {
    writeLog({ level: 'error', error: 'a\r\nb\u2028c"}' });
    expect(logs.lines).toHaveLength(1);
    expect(logs.lines[0]).not.toMatch(/[\r\n]/);
    expect(logs.troubles()).toEqual([{ level: 'error', error: 'a\r\nb\u2028c"}' }]);
  });

  it('holds no method that nobody knows', () => {
    for (const method of ['get', 'BREW', 'canary-4711', '', 'GET\r\n', '__proto__']) {
      expect(nameMethod(method)).toBe('other');
    }
    expect(nameMethod('PATCH')).toBe('PATCH');
  });
});

describe('a scheduled run', () => {
  it('tells in one line how many messages arrived and how many did not', async () => {
    watchFetch();
    const receiver = await makeReceiver();
    const { userId } = await t.makeUser(receiver.tenant);
    receiver.reply = answerWith(500);
    await passwordReset(receiver, userId);
    // The checkpoint of all this has a line of its own.
    await runSchedule();
    for (const [reply, sent, unsent] of [
      [answerWith(500), 0, 1],
      [ACCEPT, 1, 0],
      [ACCEPT, 0, 0],
    ] as const) {
      receiver.reply = reply;
      await makeDue(receiver.tenant);
      logs.stop();
      logs = watchLogs();
      await runSchedule();
      const activityId = expect.any(String);
      const line = { level: 'info', activityId, dialect: 'scheduled', sent, unsent };
      expect(logs.infos()).toEqual([line]);
      expect(logs.lines).toHaveLength(1 + unsent);
    }
  });

  it('that cannot reach a database tells of the error alone', async () => {
    const broken = {
      prepare: () => ({ bind: () => ({}) }),
      batch: async () => {
        throw new Error('gone');
      },
    };
    await runSchedule({ ...env, DB: broken } as never);
    expect(logs.infos()).toEqual([]);
    expect(logs.troubles()).toHaveLength(3);
  });
});
