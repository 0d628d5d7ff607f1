// What else users are told: that a temporary password was issued, that a code was handed out, that the account is locked.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { expectNotices, makeMember, takeMessages } from '../support/notices.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  makeReceiver,
  type Receiver,
  readOutbox,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';
import { call, describeHuman, takeStep } from '../support/zitadel-users.ts';

cheapenHashes();

const WRONG = 'a wrong password for all';
const LIMIT = 10;

let receiver: Receiver;
let tenant: t.TestTenant;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(() => {
  receiver.received.length = 0;
});

function describePerson() {
  const n = t.nextSerial();
  return {
    userId: `person-${n}`,
    email: `told-${n}@mail.example`,
    phone: `+4177${1_000_000 + n}`,
  };
}

async function create(initial: object) {
  const person = describePerson();
  const path = `/tenants/${tenant.orgId}/users`;
  const made = await t.admin('POST', path, { ...person, ...initial });
  expect(made.status).toBe(201);
  return { person, answer: made.body as Readonly<Record<string, string>> };
}

/** Of users whose language nobody knows. */
function listTold() {
  return takeMessages(receiver).map(({ type, data }) => [type, data['actor'], data['address']]);
}

describe('a temporary password is told of, and is not in what tells it,', () => {
  it.each([
    ['that the operator gives', () => ({ temporaryPassword: t.newPassword() })],
    ['that is made here', () => ({ generateTemporaryPassword: true })],
  ])('%s', async (_, choose) => {
    const given = choose();
    const { person, answer } = await create(given);
    const secret = answer['temporaryPassword'] ?? Object.values(given).join();
    expect(secret.length).toBeGreaterThanOrEqual(15);
    expect(receiver.received.some(({ body }) => body.includes(secret))).toBe(false);
    expect(listTold()).toEqual([
      ['password.temporary', 'administrator', person.email],
      ['password.temporary', 'administrator', person.phone],
    ]);
    await runSchedule();
    expect(listTold()).toEqual([]);
  });

  it('that a user is added with by a program', async () => {
    const { email, phone, userId } = describePerson();
    const password = t.newPassword();
    const made = await t.zitadel(tenant.serviceToken, 'human', {
      ...describeHuman(),
      userId,
      profile: { givenName: 'Ann', familyName: 'Other', preferredLanguage: 'de-CH' },
      email: { email, isVerified: true },
      phone: { phone, isVerified: true },
      password: { password, changeRequired: true },
    });
    expect(made.status).toBe(200);
    expect(receiver.received.some(({ body }) => body.includes(password))).toBe(false);
    const person = { userId, email, phone };
    const { text } = expectNotices(receiver, person, 'password.temporary', 'administrator');
    expect(text).toContain('Es steht nie in einer Nachricht wie dieser.');
  });

  it('and a user without one, or without any password, is told nothing', async () => {
    await create({ password: t.newPassword() });
    await create({});
    expect(receiver.received).toEqual([]);
  });

  it('and a user who is refused because of a name that is taken is told nothing', async () => {
    const { person } = await create({});
    const again = { ...person, userId: `other-of-${person.userId}` };
    const path = `/tenants/${tenant.orgId}/users`;
    const refused = await t.admin('POST', path, { ...again, generateTemporaryPassword: true });
    expect(refused.status).toBe(409);
    await runSchedule();
    expect(receiver.received).toEqual([]);
    expect(await readOutbox(tenant, again.userId)).toEqual([]);
  });
});

describe('a code that is handed out is told of, and is not in what tells it,', () => {
  const REQUESTED = 'password.reset-requested';

  it('to a program', async () => {
    const person = await makeMember(receiver);
    const code = await t.resetCode(tenant, person.userId);
    expect(receiver.received.some(({ body }) => body.includes(code))).toBe(false);
    const { subject } = expectNotices(receiver, person, REQUESTED, 'administrator');
    expect(subject).toMatch(/^Ein neues Passwort wurde bei .* angefordert$/);
  });

  it('to an admin, about herself', async () => {
    const boss = await t.makeUser(tenant, { role: 'admin' });
    const token = await t.zapToken(tenant, boss);
    receiver.received.length = 0;
    const asked = await t.zitadel(token, `${boss.userId}/password_reset`, { returnCode: {} });
    expect(asked.status).toBe(200);
    expect(listTold()).toEqual([[REQUESTED, 'user', boss.email]]);
  });

  it('to the operator; but a second factor opens nothing by itself, and is not', async () => {
    const person = await makeMember(receiver);
    const path = `/tenants/${tenant.orgId}/users/${person.userId}/codes`;
    const ask = async (purpose: string) => (await t.admin('POST', path, { purpose })).body.code;
    const code = await ask('reset');
    expect(receiver.received.some(({ body }) => body.includes(code))).toBe(false);
    expectNotices(receiver, person, REQUESTED, 'administrator');
    expect(await ask('secure-otp')).toHaveLength(8);
    expect(receiver.received).toEqual([]);
  });

  it('while one that is sent tells itself, at one address', async () => {
    const person = await makeMember(receiver);
    const path = `${person.userId}/password_reset`;
    expect((await t.zitadel(tenant.serviceToken, path, { sendLink: {} })).status).toBe(200);
    expect(listTold()).toEqual([['password.reset', 'administrator', person.email]]);
  });
});

describe('a lock is told', () => {
  const guess = (userId: string) => t.vbaSignIn(tenant, userId, WRONG);

  /** As if so many wrong passwords had been sent. */
  async function guessBefore(userId: string, times: number): Promise<void> {
    expect((await guess(userId)).status).toBe(401);
    await t
      .databaseOf(tenant)
      .prepare(
        'UPDATE throttle SET reserved = cleared + ?, blocked_until = 0 WHERE tenant_id = ? AND reserved > cleared',
      )
      .bind(times, tenant.orgId)
      .run();
  }

  it('at the tenth wrong password, not before, and not again at the next ones', async () => {
    const person = await makeMember(receiver);
    await guessBefore(person.userId, LIMIT - 2);
    expect((await guess(person.userId)).status).toBe(401);
    expect(takeMessages(receiver)).toEqual([]);
    expect((await guess(person.userId)).status).toBe(401);
    const { text } = expectNotices(receiver, person, 'account.locked', 'unknown');
    expect(text).toContain('von unserem Schutz vor zu vielen falschen Passwörtern gesperrt');
    expect((await guess(person.userId)).status).toBe(429);
    await env.DB.prepare('UPDATE throttle SET blocked_until = 0').run();
    expect((await guess(person.userId)).status).toBe(401);
    await runSchedule();
    expect(takeMessages(receiver)).toEqual([]);
    const { password } = person;
    await env.DB.prepare('UPDATE throttle SET blocked_until = 0').run();
    expect((await t.vbaSignIn(tenant, person.userId, password)).status).toBe(200);
  });

  it('once, when fourteen guesses come at once, whatever came in between', async () => {
    const person = await makeMember(receiver);
    await guessBefore(person.userId, LIMIT - 4);
    const answers = await Promise.all(Array.from({ length: 14 }, () => guess(person.userId)));
    const refused = answers.filter(({ status }) => status === 401);
    expect([refused.length, answers.length - refused.length]).toEqual([4, 10]);
    expectNotices(receiver, person, 'account.locked', 'unknown');
  });

  it.each<[string, (userId: string) => Promise<Answer>]>([
    [
      'ZITADEL',
      (userId) =>
        t.zitadelChange(tenant.readerToken, userId, {
          newPassword: { password: t.newPassword() },
          currentPassword: WRONG,
        }),
    ],
    [
      'a session',
      (userId) => {
        const checks = { user: { userId }, password: { password: WRONG } };
        return call(tenant.serviceToken, 'POST', 'sessions', { checks });
      },
    ],
  ])('by every door with a password: %s', async (_, guessThere) => {
    const person = await makeMember(receiver);
    await guessBefore(person.userId, LIMIT - 1);
    expect((await guessThere(person.userId)).status).toBe(400);
    expectNotices(receiver, person, 'account.locked', 'unknown');
  });

  it('when it was an administrator, once', async () => {
    const person = await makeMember(receiver);
    expect((await takeStep(tenant.serviceToken, person.userId, 'lock')).status).toBe(200);
    const { text } = expectNotices(receiver, person, 'account.locked', 'administrator');
    expect(text).toContain('von der Administration gesperrt');
    expect((await takeStep(tenant.serviceToken, person.userId, 'lock')).status).toBe(400);
    expect((await takeStep(tenant.serviceToken, person.userId, 'unlock')).status).toBe(200);
    expect(takeMessages(receiver)).toEqual([]);
  });

  it('to nobody who is not there, and to nobody whose account is shut', async () => {
    const person = await makeMember(receiver);
    await takeStep(tenant.serviceToken, person.userId, 'deactivate');
    for (const userId of [person.userId, 'nobody-at-all']) {
      await guessBefore(userId, LIMIT - 1);
      expect((await guess(userId)).status).toBe(401);
      expect((await guess(userId)).status).toBe(429);
    }
    expect(takeMessages(receiver)).toEqual([]);
    expect(await readOutbox(tenant, person.userId)).toEqual([]);
  });
});
