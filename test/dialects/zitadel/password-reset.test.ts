// PasswordReset by sendLink, and by default: what is sent to whom, what it says, who may ask, and what is refused.
import { beforeAll, describe, expect, it } from 'vitest';
import { LETTER_CODE } from '../../../src/core/code.ts';
import { type Answer, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  makePerson,
  makeReceiver,
  makeWebhookSecret,
  passwordReset,
  RESET_URL,
  type Received,
  type Receiver,
  readOutbox,
  watchFetch,
} from '../../support/webhook.ts';
import {
  bearer,
  type ErrorRow,
  expectDetails,
  expectError,
  MISSING_HEADER,
  NO_MEMBERSHIP,
  NOT_PERMITTED,
  post,
} from './wire.ts';

const NO_DELIVERY: ErrorRow = [400, 9, null, 'No delivery is configured'];
const NO_EMAIL: ErrorRow = [400, 9, null, 'User has no email address'];
const NO_PHONE: ErrorRow = [400, 9, null, 'User has no phone number'];
const NO_USER: ErrorRow = [404, 5, 'COMMAND-SAF4f', 'User could not be found'];
const SMS = { sendLink: { notificationType: 'NOTIFICATION_TYPE_SMS' } };

let receiver: Receiver;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
});

/** What came of one request, and of no other. */
async function sendTo(userId: string, body?: unknown, token?: string): Promise<Received> {
  const before = receiver.received.length;
  const answer = await passwordReset(receiver, userId, body, token === undefined ? {} : { token });
  expectDetails(answer, receiver.tenant);
  expect(receiver.received).toHaveLength(before + 1);
  return receiver.received[before] as Received;
}

async function expectNothingMade(
  { tenant, received }: Receiver,
  userId: string,
  ask: () => Promise<Answer>,
  row: ErrorRow,
): Promise<void> {
  const before = [await t.readUser(tenant, userId), await readOutbox(tenant, userId)];
  const count = received.length;
  expectError(await ask(), row);
  expect([await t.readUser(tenant, userId), await readOutbox(tenant, userId)]).toEqual(before);
  expect(received).toHaveLength(count);
}

describe('a reset that is sent', () => {
  it('says who, where to, which code, which link, in which language and how long', async () => {
    const person = await makePerson(receiver.tenant);
    const { message } = await sendTo(person.userId);
    const { code, expiresAt, subject, text, html } = message.data;
    expect(code).toMatch(new RegExp(`^[${LETTER_CODE.alphabet}]{${LETTER_CODE.length}}$`));
    expect(message).toEqual({
      type: 'password.reset',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: {
        userId: person.userId,
        orgId: receiver.tenant.orgId,
        channel: 'email',
        address: person.email,
        code,
        url: `https://login.example/reset?user=${person.userId}&org=${receiver.tenant.orgId}#${code}`,
        language: 'de-CH',
        actor: 'administrator',
        expiresAt,
        subject,
        text,
        html,
      },
    });
    expect(subject).toMatch(/^Ihr Code/);
    for (const part of [text, html]) expect(part).toContain(code);
    expect(Date.parse(expiresAt ?? '') - Date.parse(message.timestamp)).toBe(600_000);
  });

  it('by text message lives ten minutes at most, whatever letters have', async () => {
    const own = await makeReceiver({ settings: { codeLife: 86_400 } });
    const { userId } = await makePerson(own.tenant);
    for (const [body, life] of [
      [{}, 86_400],
      [SMS, 600],
    ] as const) {
      expectDetails(await passwordReset(own, userId, body), own.tenant);
      const { timestamp, data } = own.received.at(-1)?.message ?? {};
      const lives = Date.parse(data?.['expiresAt'] ?? '') - Date.parse(timestamp ?? '');
      expect(lives).toBe(life * 1000);
    }
  });

  it.each([
    ['no medium', {}, 'email'],
    ['sendLink', { sendLink: {} }, 'email'],
    ['send_link', { send_link: {} }, 'email'],
    ['returnCode null', { returnCode: null }, 'email'],
    ['of type Email', { sendLink: { notificationType: 'NOTIFICATION_TYPE_Email' } }, 'email'],
    ['of no type', { sendLink: { notificationType: 'NOTIFICATION_TYPE_Unspecified' } }, 'email'],
    ['of type SMS', SMS, 'sms'],
    ['of type 2', { sendLink: { notification_type: 2 } }, 'sms'],
  ] as const)('goes to the stored address: %s', async (_, body, channel) => {
    const person = await makePerson(receiver.tenant);
    const { message } = await sendTo(person.userId, body);
    const address = channel === 'email' ? person.email : person.phone;
    expect(message.data).toMatchObject({ channel, address });
    expect((await t.listEvents(receiver.tenant, person.userId)).at(-1)).toMatchObject({
      type: 'code.issued',
      facts: { purpose: 'reset', delivery: channel },
    });
  });

  it('has a code that changes the password, once', async () => {
    const { tenant } = receiver;
    const { userId } = await makePerson(tenant);
    const { message } = await sendTo(userId);
    const change = (password: string) =>
      t.zitadelChange(tenant.readerToken, userId, {
        newPassword: { password },
        verificationCode: message.data['code'],
      });
    const password = t.newPassword();
    expectDetails(await change(password), tenant);
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(200);
    expect((await change(t.newPassword())).status).toBe(400);
  });

  it('kills no code of the letter before it', async () => {
    const { userId } = await makePerson(receiver.tenant);
    const [first, second] = [await sendTo(userId), await sendTo(userId)];
    expect(first.message.data['code']).not.toBe(second.message.data['code']);
    const answer = await t.zitadelChange(receiver.tenant.readerToken, userId, {
      newPassword: { password: t.newPassword() },
      verificationCode: first.message.data['code'],
    });
    expectDetails(answer, receiver.tenant);
  });

  it('has no language when the user has none, and its ids encoded in the link', async () => {
    const user = await t.makeUser(receiver.tenant, { userId: `j&ü r/g#?%${t.nextSerial()}` });
    const { message } = await sendTo(user.userId);
    expect(message.data['language']).toBeNull();
    const url = new URL(message.data['url'] ?? '');
    expect(url.searchParams.get('user')).toBe(user.userId);
    expect(url.searchParams.get('org')).toBe(receiver.tenant.orgId);
    expect(url.pathname).toBe('/reset');
  });

  it('is told nobody else: not the caller, not a log of events', async () => {
    const { userId } = await makePerson(receiver.tenant);
    const before = receiver.received.length;
    const answer = await passwordReset(receiver, userId, { sendLink: {} });
    const code = receiver.received[before]?.message.data['code'] ?? '';
    const events = JSON.stringify(await t.listEvents(receiver.tenant, userId));
    const told = [answer.text, JSON.stringify([...answer.headers]), events].join();
    expect([code.length, told.includes(code)]).toEqual([LETTER_CODE.length, false]);
  });

  it('is a notice without the code when that is returned', async () => {
    const { userId, email, phone } = await makePerson(receiver.tenant);
    const before = receiver.received.length;
    const code = await t.resetCode(receiver.tenant, userId);
    const told = receiver.received.slice(before);
    expect(told.map(({ message }) => message.type)).toEqual(
      new Array(2).fill('password.reset-requested'),
    );
    expect(told.map(({ message }) => message.data['address']).sort()).toEqual([phone, email]);
    expect(told.map(({ body }) => body).join()).not.toContain(code);
    expect((await t.listEvents(receiver.tenant, userId)).at(-1)?.facts).toEqual({
      purpose: 'reset',
      delivery: 'returned',
    });
  });

  it('comes from a tenant of the other database as well', async () => {
    const eu = await makeReceiver({ place: 'eu' });
    const user = await t.makeUser(eu.tenant);
    expectDetails(await passwordReset(eu, user.userId), eu.tenant);
    expect(eu.received[0]?.message.data).toMatchObject({ orgId: eu.tenant.orgId });
  });

  it('may be asked for over Connect', async () => {
    const { userId } = await makePerson(receiver.tenant);
    const before = receiver.received.length;
    const answer = await send('/zitadel.user.v2.UserService/PasswordReset', {
      method: 'POST',
      headers: { ...bearer(receiver.tenant.serviceToken), 'connect-protocol-version': '1' },
      body: JSON.stringify({ userId, sendLink: {} }),
    });
    expectDetails(answer, receiver.tenant);
    expect(receiver.received).toHaveLength(before + 1);
  });
});

describe('who may have a reset sent', () => {
  it('is the user, for itself', async () => {
    const user = await t.makeUser(receiver.tenant);
    const token = await t.zapToken(receiver.tenant, user);
    const { message } = await sendTo(user.userId, { sendLink: {} }, token);
    expect(message.data['address']).toBe(user.email);
    expect((await t.listEvents(receiver.tenant, user.userId)).at(-1)?.actor).toEqual({
      kind: 'user',
      userId: user.userId,
    });
  });

  it('is an admin', async () => {
    const token = await t.zapToken(
      receiver.tenant,
      await t.makeUser(receiver.tenant, { role: 'admin' }),
    );
    await sendTo((await t.makeUser(receiver.tenant)).userId, {}, token);
  });

  it.each<[string, () => Promise<string>, ErrorRow]>([
    [
      'another user',
      async () => t.zapToken(receiver.tenant, await t.makeUser(receiver.tenant)),
      NO_MEMBERSHIP,
    ],
    ['a key that may read', async () => receiver.tenant.readerToken, NOT_PERMITTED],
    ['a key that may sign in', async () => receiver.tenant.apiKey, NOT_PERMITTED],
    ['a key of another tenant', async () => (await makeReceiver()).tenant.serviceToken, NO_USER],
  ])('is not %s', async (_, makeToken, row) => {
    const { userId } = await t.makeUser(receiver.tenant);
    const token = await makeToken();
    const ask = () => passwordReset(receiver, userId, {}, { token });
    await expectNothingMade(receiver, userId, ask, row);
  });

  it('is asked before anything else', async () => {
    expectError(await post('anybody/password_reset', '{}'), MISSING_HEADER);
  });
});

describe('a reset that cannot be sent is refused, and nothing is made', () => {
  it('to a user who is not there, or is deactivated', async () => {
    expectError(await passwordReset(receiver, 'nobody'), NO_USER);
    const { userId } = await t.makeUser(receiver.tenant);
    await t.disableUser(receiver.tenant, userId);
    await expectNothingMade(receiver, userId, () => passwordReset(receiver, userId), NO_USER);
  });

  const delivery = { webhookUrl: 'https://hooks.example/none', webhookSecret: makeWebhookSecret() };
  it.each<[string, object]>([
    ['neither a webhook nor an address for links', {}],
    ['no webhook', { resetUrl: RESET_URL }],
    ['no address for links', { delivery }],
  ])('by a tenant that has %s', async (_, settings) => {
    const tenant = await t.makeTenant({ settings });
    const none = { ...receiver, tenant };
    const { userId } = await t.makeUser(tenant);
    for (const body of [{}, { sendLink: {} }, SMS]) {
      await expectNothingMade(none, userId, () => passwordReset(none, userId, body), NO_DELIVERY);
    }
    expect(await t.resetCode(tenant, userId)).toHaveLength(LETTER_CODE.length);
  });

  it('to an address that the user does not have', async () => {
    const { tenant } = receiver;
    const { userId } = await t.makeUser(tenant);
    await expectNothingMade(receiver, userId, () => passwordReset(receiver, userId, SMS), NO_PHONE);
    const nameless = `user-${t.nextSerial()}`;
    await t.admin('POST', `/tenants/${tenant.orgId}/users`, { userId: nameless });
    await expectNothingMade(receiver, nameless, () => passwordReset(receiver, nameless), NO_EMAIL);
  });

  it('in the words of who asks', async () => {
    const tenant = await t.makeTenant();
    const { userId } = await t.makeUser(tenant);
    const german = bearer(tenant.serviceToken, { 'accept-language': 'de' });
    const answer = await post(`${userId}/password_reset`, '{}', german);
    expectError(answer, [400, 9, null, 'Es ist kein Versand eingerichtet']);
  });
});
