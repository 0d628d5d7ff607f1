// A forgotten password: the reset by code, from every state that has a way out, and what follows from it.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import { call, expectData, expectFailure, listChanges, see } from './call.ts';
import * as people from './people.ts';

const DONE = "Password reset link sent to user's email address";
const HASH = 6;
const GUESS = 'no password of anyone here';

let receiver: Receiver;
let tenant: t.TestTenant;
let person: people.Person;

beforeAll(async () => {
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(async () => {
  watchFetch();
  person = await people.makePerson(tenant);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function run(sql: string): Promise<unknown> {
  return t.databaseOf(tenant).prepare(sql).bind(tenant.orgId, person.userId).run();
}

describe('a reset', () => {
  it('changes the password at once for every door, and ends every session', async () => {
    const sessions = [await people.logIn(tenant, person), await people.logIn(tenant, person)];
    const code = await people.sentReset(receiver, person);
    const newPassword = t.newPassword();
    expect(expectData(await people.reset(tenant, person.email, code, newPassword))).toBe(DONE);
    for (const session of sessions) expect(await people.isAlive(tenant, session)).toBe(false);
    expectFailure(await t.zapLogin(tenant, person.email, person.password), 401);
    expectData(await t.zapLogin(tenant, person.email, newPassword));
    expect((await t.vbaSignIn(tenant, person.userId, newPassword)).status).toBe(200);
  });

  it('tells the user, at both addresses, and not what the password is', async () => {
    const code = await people.sentReset(receiver, person);
    const newPassword = t.newPassword();
    expectData(await people.reset(tenant, person.email, code, newPassword));
    const notices = receiver.received.filter(
      ({ message: { type, data } }) =>
        type === 'password.changed' && data['userId'] === person.userId,
    );
    expect(notices.map(({ message }) => message.data['channel']).sort()).toEqual(['email', 'sms']);
    for (const { body } of notices) {
      expect(body).not.toContain(newPassword);
      expect(body).not.toContain(code);
    }
  });

  it('is in the audit once, as the work of the user', async () => {
    const code = await people.sentReset(receiver, person);
    expectData(await people.reset(tenant, person.email, code));
    expect(await listChanges(tenant, person.userId)).toMatchObject([
      {
        dialect: 'zap',
        actor: { kind: 'user', userId: person.userId },
        facts: { proof: 'code', version: 2 },
      },
    ]);
  });

  it('is answered again to who did not hear it, and to nobody with another password', async () => {
    const code = await people.sentReset(receiver, person);
    const newPassword = t.newPassword();
    for (let i = 0; i < 3; i += 1) {
      expectData(await people.reset(tenant, person.email, code, newPassword));
    }
    expectFailure(await people.reset(tenant, person.email, code, t.newPassword()), 400);
    expect((await t.readUser(tenant, person.userId)).passwordVersion).toBe(2);
    expect(await listChanges(tenant, person.userId)).toHaveLength(1);
  });

  it('happens once when many want it at once, and the winner is the one who was told', async () => {
    const code = await people.sentReset(receiver, person);
    const wanted = Array.from({ length: 4 }, () => t.newPassword());
    const answers = await Promise.all(
      wanted.map((newPassword) => people.reset(tenant, person.email, code, newPassword)),
    );
    const won = wanted.filter((_, index) => answers[index]?.status === 200);
    expect(won).toHaveLength(1);
    expect((await t.readUser(tenant, person.userId)).passwordVersion).toBe(2);
    expectData(await t.zapLogin(tenant, person.email, won[0] ?? ''));
    const wrong = await people.reset(tenant, person.email, people.otherDigits(code));
    for (const lost of answers.filter(({ status }) => status !== 200)) {
      expect(see(lost)).toEqual(see(wrong));
    }
  });

  it('costs one hash, and a wrong code none, in two trips', async () => {
    const code = await people.sentReset(receiver, person);
    for (const [otp, status, links] of [
      [people.otherDigits(code), 400, 0],
      [code, 200, HASH],
    ] as const) {
      const body = { identity: person.email, otp, newPassword: t.newPassword() };
      const { value, cost } = await measure((on) =>
        call(tenant, '/v1/forgotPassword', { body, on }),
      );
      expect(value.status).toBe(status);
      expect(cost.links).toBe(links);
      expect(value.headers.get('server-timing')).toBe(`trips;desc="2", links;desc="${links}"`);
    }
  });
});

describe('a new password that is refused', () => {
  it.each([
    ['too short', 'short'],
    ['too long', 'p'.repeat(201)],
    ['with a control character', 'a password with a\tcontrol'],
  ])('spends no code and counts as no guess: %s', async (_, newPassword) => {
    const code = await people.sentReset(receiver, person);
    const answer = await people.reset(tenant, person.email, code, newPassword);
    expect(expectFailure(answer, 400)).toMatch(/password/i);
    expect(await t.readUser(tenant, person.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 0,
    });
    expectData(await people.reset(tenant, person.email, code));
  });

  it('tells nothing of its user, with a wrong code', async () => {
    await people.sentReset(receiver, person);
    for (const newPassword of ['short', 'a password with a\tcontrol']) {
      const known = await people.reset(tenant, person.email, '00000000', newPassword);
      const unknown = await people.reset(tenant, 'nobody@mail.example', '00000000', newPassword);
      expect(see(unknown)).toEqual(see(known));
    }
  });
});

describe('a way out', () => {
  async function expectWayOut(): Promise<void> {
    const code = await people.sentReset(receiver, person);
    const newPassword = t.newPassword();
    expectData(await people.reset(tenant, person.email, code, newPassword));
    expectData(await t.zapLogin(tenant, person.email, newPassword));
    expect((await t.readUser(tenant, person.userId)).state).toBe('active');
  }

  it('of a temporary password', async () => {
    await run('UPDATE credential SET must_change = 1 WHERE tenant_id = ? AND user_id = ?');
    expectFailure(await t.zapLogin(tenant, person.email, person.password), 403);
    await expectWayOut();
  });

  it('of an expired temporary password', async () => {
    await run(`UPDATE credential SET must_change = 1, temporary_expires_at = 1
      WHERE tenant_id = ? AND user_id = ?`);
    expectFailure(await t.zapLogin(tenant, person.email, person.password), 403);
    await expectWayOut();
  });

  it('of no password at all', async () => {
    await run('UPDATE credential SET hash = NULL WHERE tenant_id = ? AND user_id = ?');
    expectFailure(await t.zapLogin(tenant, person.email, person.password), 401);
    await expectWayOut();
  });

  it('of too many wrong passwords', async () => {
    for (let i = 0; i < 10; i += 1) await t.zapLogin(tenant, person.email, GUESS);
    expectFailure(await t.zapLogin(tenant, person.email, person.password), 429);
    await expectWayOut();
  });

  it('of a password that was taken back, which is told to who knows it and nobody else', async () => {
    const session = await people.logIn(tenant, person);
    await run('UPDATE credential SET reset_required = 1 WHERE tenant_id = ? AND user_id = ?');
    const right = await t.zapLogin(tenant, person.email, person.password);
    expect(expectFailure(right, 403)).toMatch(/reset/);
    const wrong = await t.zapLogin(tenant, person.email, GUESS);
    expect(see(wrong)).toEqual(see(await t.zapLogin(tenant, 'nobody@mail.example', GUESS)));
    const { userId, email, password } = person;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    expectFailure(await t.zapChange(tenant, session.token, body), 400);
    expect((await t.readUser(tenant, userId)).passwordVersion).toBe(1);
    await expectWayOut();
  });

  it('is none for a deactivated user, whose code was sent before', async () => {
    const code = await people.sentReset(receiver, person);
    await t.disableUser(tenant, person.userId);
    expectFailure(await people.reset(tenant, person.email, code), 400);
    expectFailure(await people.verify(tenant, person.email, code), 400);
    expect((await t.readUser(tenant, person.userId)).passwordVersion).toBe(1);
  });
});
