// A forgotten password: the code that is sent, to whom, and that the answer tells nobody who is there.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, readOutbox, watchFetch } from '../../support/webhook.ts';
import { call, expectError, expectMessage, expectTokens, refillBuckets, signIn } from './call.ts';

const PATH = '/forgot-password';
const CONFIRM = '/confirm-forgot-password';

let receiver: Receiver;
let tenant: t.TestTenant;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(refillBuckets);

function forget(userID: string, within = tenant): Promise<Answer> {
  return call(within, PATH, { body: { userID } });
}

function confirm(userID: string, confirmationCode: string, newPassword: string) {
  return call(tenant, CONFIRM, { body: { userID, confirmationCode, newPassword } });
}

/** The messages that came for the user, newest last. */
function messagesFor({ received }: Receiver, userId: string) {
  return received.map(({ message }) => message).filter(({ data }) => data['userId'] === userId);
}

async function sendCode(userId: string): Promise<string> {
  const before = messagesFor(receiver, userId).length;
  expectMessage(await forget(userId));
  const messages = messagesFor(receiver, userId);
  expect(messages).toHaveLength(before + 1);
  return messages.at(-1)?.data['code'] ?? '';
}

describe('a code', () => {
  it('of eight digits goes to the stored address, and is not in the answer', async () => {
    const user = await t.makeUser(tenant);
    const answer = await forget(user.userId);
    expectMessage(answer);
    const [message, ...others] = messagesFor(receiver, user.userId);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      type: 'password.reset',
      data: { userId: user.userId, channel: 'email', address: user.email, actor: 'unknown' },
    });
    const code = message?.data['code'] ?? '';
    expect(code).toMatch(/^\d{8}$/);
    expect(answer.text).not.toContain(code);
    expect(answer.text).not.toContain(user.email);
  });

  it('leads to another password, once, and under the prefix too', async () => {
    const user = await t.makeUser(tenant);
    const body = { userID: user.userId };
    expectMessage(await call(tenant, `/vbasoftware${PATH}`, { body }));
    const confirmationCode = messagesFor(receiver, user.userId)[0]?.data['code'] ?? '';
    const newPassword = t.newPassword();
    const changed = await call(tenant, `/vbasoftware${CONFIRM}`, {
      body: { ...body, confirmationCode, newPassword },
    });
    expectMessage(changed);
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
    expectError(await confirm(user.userId, confirmationCode, t.newPassword()), 401, CONFIRM);
  });

  it('changes nothing by itself: the password and the sessions stay', async () => {
    const user = await t.makeUser(tenant);
    const tokens = await signIn(tenant, user);
    await sendCode(user.userId);
    expectTokens(await t.vbaRefresh(tenant, tokens));
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
  });

  it('stands beside the one before it, and a third ends the first', async () => {
    const user = await t.makeUser(tenant);
    const codes = [
      await sendCode(user.userId),
      await sendCode(user.userId),
      await sendCode(user.userId),
    ];
    const [first = '', second = ''] = codes;
    expectError(await confirm(user.userId, first, t.newPassword()), 401, CONFIRM);
    expectMessage(await confirm(user.userId, second, t.newPassword()));
  });

  it('is in the audit without itself', async () => {
    const user = await t.makeUser(tenant);
    const answer = await forget(user.userId);
    const code = messagesFor(receiver, user.userId)[0]?.data['code'] ?? '';
    const events = await t.listEvents(tenant, user.userId);
    expect(events.at(-1)).toMatchObject({
      type: 'code.issued',
      dialect: 'vba',
      activityId: answer.body.debug.activityID,
    });
    expect(JSON.stringify(events)).not.toContain(code);
  });
});

describe('who is there', () => {
  /** All that a client sees, the request's own cost included, without the ids, the time and what is left to the key. */
  async function see(userID: string) {
    const { status, headers, body } = await forget(userID);
    const seen = [...headers].filter(([name]) => !/^(?:x-request-id|ratelimit)$/.test(name));
    return { status, headers: seen, data: body.data, error: body.error };
  }

  it('is told to nobody: status, headers, body and cost are the same', async () => {
    const known = await t.makeUser(tenant);
    const disabled = await t.makeUser(tenant);
    await t.disableUser(tenant, disabled.userId);
    const bare = await t.makeUser(tenant, { withoutPassword: true });
    const stranger = await t.makeUser(await t.makeTenant());
    const unreachable = `unreachable-${t.nextSerial()}`;
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/users`, {
      userId: unreachable,
      password: t.newPassword(),
    });
    expect(made.status).toBe(201);
    const answer = await see(known.userId);
    expect(answer.status).toBe(200);
    expect(answer.headers).toContainEqual(['server-timing', 'trips;desc="2", links;desc="0"']);
    const others = [disabled.userId, bare.userId, stranger.userId, unreachable, 'nobody-at-all'];
    for (const userId of others) expect(await see(userId), userId).toEqual(answer);
    expect(messagesFor(receiver, known.userId)).toHaveLength(1);
    expect(messagesFor(receiver, bare.userId)).toHaveLength(1);
    for (const userId of [disabled.userId, stranger.userId, unreachable]) {
      expect(messagesFor(receiver, userId)).toEqual([]);
    }
  });

  it('is not told by asking too often either: the sixth message is not sent', async () => {
    const user = await t.makeUser(tenant);
    const first = await see(user.userId);
    for (let i = 0; i < 5; i += 1) expect(await see(user.userId)).toEqual(first);
    expect(messagesFor(receiver, user.userId)).toHaveLength(5);
    expect(await readOutbox(tenant, user.userId)).toHaveLength(5);
  });

  it('is not looked for by another name than the id', async () => {
    const user = await t.makeUser(tenant);
    expectMessage(await forget(user.email));
    expectMessage(await forget(user.username));
    expect(messagesFor(receiver, user.userId)).toEqual([]);
  });
});

describe('a request that is refused', () => {
  it('says that the tenant sends no messages, whoever is there', async () => {
    const silent = await t.makeTenant();
    const user = await t.makeUser(silent);
    const known = expectError(await forget(user.userId, silent), 501, PATH);
    const unknown = expectError(await forget('nobody-at-all', silent), 501, PATH);
    expect(unknown).toBe(known);
    expect(known).toMatch(/sends no messages/);
  });

  it('sends nothing', async () => {
    const user = await t.makeUser(tenant);
    const foreign = await t.makeTenant();
    const body = { userID: user.userId };
    const wrong: [number, object][] = [
      [401, { 'x-api-key': foreign.apiKey }],
      [401, { 'x-api-key': tenant.serviceToken }],
      [401, { 'vbasoftware-client-code': foreign.clientCode }],
      [400, { 'vbasoftware-client-code': null }],
      [403, { 'user-agent': null }],
      [415, { 'content-type': 'text/plain' }],
    ];
    for (const [status, headers] of wrong) {
      expectError(await call(tenant, PATH, { body, headers: { ...headers } }), status, PATH);
    }
    expect(messagesFor(receiver, user.userId)).toEqual([]);
  });
});
