// Section 5.3, guessing at reset codes, and floods of requests for them: how many there are, and what they change.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, refillBuckets } from '../dialects/vba/call.ts';
import { call as zapCall } from '../dialects/zap/call.ts';
import * as people from '../dialects/zap/people.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../support/webhook.ts';
import { call as zitadelCall } from '../support/zitadel-users.ts';
import { storm } from './instances.ts';

cheapenHashes();

const TRIES = 5;

let receiver: Receiver;
let tenant: t.TestTenant;

beforeAll(async () => {
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(async () => {
  watchFetch();
  await refillBuckets();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('A35: a flood of requests for a reset', () => {
  it('of 200 at three doors of two instances sends five messages, says always the same and changes nothing', async () => {
    const person = await people.makePerson(tenant);
    const before = await t.readUser(tenant, person.userId);
    const { userId, email: identity } = person;
    const answers = await storm(200, (on, index) => {
      if (index % 10 === 0)
        return call(tenant, '/forgot-password', { body: { userID: userId }, on });
      if (index % 10 === 1) {
        const path = `users/${userId}/password_reset`;
        return zitadelCall(tenant.serviceToken, 'POST', path, { sendLink: {} }, on);
      }
      return zapCall(tenant, '/v1/otp/forgotPassword', { body: { identity }, on });
    });
    for (const { status } of answers) expect([200, 429, 503]).toContain(status);
    const byZap = answers.filter(({ status }, index) => status === 200 && index % 10 > 1);
    expect(new Set(byZap.map(({ text }) => text)).size).toBe(1);
    const issued = (await t.listEvents(tenant, userId)).filter(
      ({ type }) => type === 'code.issued',
    );
    expect(issued).toHaveLength(5);
    expect(people.listCodes(receiver, userId, 'reset').length).toBeLessThanOrEqual(5);
    const { sequence, ...after } = await t.readUser(tenant, userId);
    expect({ ...after, sequence: before.sequence }).toEqual(before);
    expect(Number(sequence) - Number(before.sequence)).toBe(5);
    expect((await t.zapLogin(tenant, identity, person.password)).status).toBe(200);
  });
});

describe('A36: guesses at a reset code', () => {
  it('kill it at the fifth, though 120 come at once at four doors of two instances', async () => {
    const person = await people.makePerson(tenant);
    const code = await people.sentReset(receiver, person);
    const wrong = people.otherDigits(code);
    const { userId, email, username } = person;
    const newPassword = t.newPassword();
    const use = (verificationCode: string, on?: Env) =>
      t.zitadelChange(
        tenant.readerToken,
        userId,
        { newPassword: { password: newPassword }, verificationCode },
        on,
      );
    const confirm = (confirmationCode: string, on?: Env) => {
      const body = { userID: userId, confirmationCode, newPassword };
      return call(tenant, '/confirm-forgot-password', {
        body,
        ...(on === undefined ? {} : { on }),
      });
    };
    const { cost } = await measure(async () => {
      const answers = await storm(120, (on, index) => {
        const doors = [
          () => people.reset(tenant, email, wrong, newPassword, on),
          () => zapCall(tenant, '/v1/otp/verify', { body: { identity: username, otp: wrong }, on }),
          () => use(wrong, on),
          () => confirm(wrong, on),
        ] as const;
        return (doors[Math.floor(index / 2) % 4] ?? doors[0])();
      });
      for (const { status } of answers) expect([400, 401, 429, 503]).toContain(status);
    });
    expect(cost.links).toBe(0);
    for (const answer of [
      await people.reset(tenant, email, code, newPassword),
      await people.verify(tenant, username, code),
      await use(code),
      await confirm(code),
    ]) {
      expect([400, 401]).toContain(answer.status);
    }
    const { tries } = (await readCodes(userId))[0] ?? {};
    expect(tries).toBe(TRIES);
    expect((await t.readUser(tenant, userId)).passwordVersion).toBe(1);
    // The way out: another code, which the guesses at the first do not touch.
    const next = await people.sentReset(receiver, person);
    expect((await use(next)).status).toBe(200);
  });

  it('are 25 in an hour at most, however often a new code is asked for', async () => {
    const person = await people.makePerson(tenant);
    for (let round = 0; round < 8; round += 1) {
      await people.askReset(tenant, person.email);
      for (let i = 0; i < TRIES; i += 1) {
        expect((await people.verify(tenant, person.email, '00000000')).status).toBe(400);
      }
    }
    // A code that was guessed right by now would have been among these.
    expect(people.listCodes(receiver, person.userId, 'reset')).toHaveLength(5);
    const live = (await readCodes(person.userId)).filter(({ tries }) => tries < TRIES);
    expect(live).toEqual([]);
  });

  it('with the code of another user count against who is named, and leave that code to its own', async () => {
    const mine = await t.makeUser(tenant);
    const victim = await t.makeUser(tenant);
    const code = await t.resetCode(tenant, mine.userId);
    await t.resetCode(tenant, victim.userId);
    const newPassword = { password: t.newPassword() };
    const body = { newPassword, verificationCode: code };
    expect((await t.zitadelChange(tenant.readerToken, victim.userId, body)).status).toBe(400);
    expect((await readCodes(victim.userId))[0]?.tries).toBe(1);
    expect((await t.readUser(tenant, victim.userId)).failedAttempts).toBe(1);
    expect((await readCodes(mine.userId))[0]?.tries).toBe(0);
    expect((await t.zitadelChange(tenant.readerToken, mine.userId, body)).status).toBe(200);
  });
});

async function readCodes(userId: string): Promise<{ readonly tries: number }[]> {
  const { results } = await t
    .databaseOf(tenant)
    .prepare('SELECT tries FROM code WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, userId)
    .all<{ tries: number }>();
  return results;
}
