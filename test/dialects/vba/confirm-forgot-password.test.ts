// A confirmation code with a new password: what it does, what it costs, and the one refusal for whatever is wrong.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, type Env, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import {
  call,
  callAs,
  expectError,
  expectMessage,
  expectTokens,
  refillBuckets,
  signIn,
  userPath,
} from './call.ts';

const PATH = '/confirm-forgot-password';
const HASH = 6;

let receiver: Receiver;
let tenant: t.TestTenant;
let user: t.TestUser;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
});

beforeEach(async () => {
  await refillBuckets();
  user = await t.makeUser(tenant);
});

afterEach(() => {
  vi.useRealTimers();
});

async function sendCode(userID = user.userId): Promise<string> {
  expectMessage(await call(tenant, '/forgot-password', { body: { userID } }));
  const { message } = receiver.received.at(-1) ?? expect.fail('no message came');
  expect(message.data['userId']).toBe(userID);
  return message.data['code'] ?? '';
}

interface Over {
  readonly userID?: string;
  readonly confirmationCode?: string;
  readonly newPassword?: string;
}

function confirm(over: Over, on?: Env): Promise<Answer> {
  const body = {
    userID: user.userId,
    confirmationCode: '00000000',
    newPassword: t.newPassword(),
    ...over,
  };
  return call(tenant, PATH, { body, ...(on === undefined ? {} : { on }) });
}

/** Never the right one. */
function otherThan(code: string): string {
  return code === '11111111' ? '22222222' : '11111111';
}

describe('a right code', () => {
  it('changes the password for one hash and two trips, and gives no tokens', async () => {
    const confirmationCode = await sendCode();
    const newPassword = t.newPassword();
    const answer = await confirm({ confirmationCode, newPassword });
    expectMessage(answer);
    expect(answer.headers.get('server-timing')).toBe(`trips;desc="2", links;desc="${HASH}"`);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      state: 'active',
      mustChangePassword: false,
      passwordVersion: 2,
    });
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
    expectError(await t.vbaSignIn(tenant, user.userId, user.password), 401, '/user-authentication');
  });

  it('ends every session of before, at every door', async () => {
    const tokens = await signIn(tenant, user);
    const { userId, email } = user;
    const newPassword = t.newPassword();
    expectMessage(await confirm({ confirmationCode: await sendCode(), newPassword }));
    expectError(await t.vbaRefresh(tenant, tokens), 401, '/user-refresh-tokens');
    expectError(await callAs(tenant, tokens, '/logout'), 401, '/logout');
    const body = { userId, email, oldPassword: newPassword, newPassword: t.newPassword() };
    expect((await t.zapChange(tenant, tokens.accessToken, body)).status).toBe(401);
  });

  it('is told to the user', async () => {
    expectMessage(await confirm({ confirmationCode: await sendCode() }));
    const { type, data } = receiver.received.at(-1)?.message ?? expect.fail('no notice came');
    expect([type, data['userId'], data['actor']]).toEqual([
      'password.changed',
      user.userId,
      'user',
    ]);
  });

  it('is confirmed again when the answer was lost, and changes nothing more', async () => {
    const right = { confirmationCode: await sendCode(), newPassword: t.newPassword() };
    expectMessage(await confirm(right));
    const { value, cost } = await measure((on) => confirm(right, on));
    expectMessage(value);
    expect(cost).toMatchObject({ links: HASH, trips: 2 });
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
    expectError(await confirm({ ...right, newPassword: t.newPassword() }), 401, PATH);
  });

  it('leads out of a password that expired, and of a wait after wrong guesses', async () => {
    const expired = await t.makeUser(tenant, { temporary: true });
    await t
      .databaseOf(tenant)
      .prepare('UPDATE credential SET temporary_expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, expired.userId)
      .run();
    const newPassword = t.newPassword();
    const confirmationCode = await sendCode(expired.userId);
    expectMessage(await confirm({ userID: expired.userId, confirmationCode, newPassword }));
    expectTokens(await t.vbaSignIn(tenant, expired.userId, newPassword));

    for (let i = 0; i < 10; i += 1) await t.vbaSignIn(tenant, user.userId, 'a wrong password');
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(429);
    expectMessage(await confirm({ confirmationCode: await sendCode(), newPassword }));
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
  });
});

describe('a new password that is refused', () => {
  it('does not spend the code, and every broken rule is named', async () => {
    const confirmationCode = await sendCode();
    const refused = async (newPassword: string) => {
      const { value, cost } = await measure((on) => confirm({ confirmationCode, newPassword }, on));
      expect(cost.links).toBe(0);
      return expectError(value, 400, PATH);
    };
    expect(await refused('fourteen chars')).toContain('15');
    expect(await refused('a b'.repeat(67))).toContain('200');
    expect(await refused('violet harbour\u0000 at dawn')).toContain('newPassword');
    expect(await refused(`${user.username} ${user.userId}`)).toMatch(/name/i);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
    expectMessage(await confirm({ confirmationCode }));
  });

  it('tells nobody without the code which rules there are, or who is there', async () => {
    const confirmationCode = otherThan(await sendCode());
    const newPassword = 'fourteen chars';
    expectError(await confirm({ confirmationCode, newPassword }), 401, PATH);
    expectError(await confirm({ userID: 'nobody', newPassword }), 401, PATH);
  });
});

describe('a code that is wrong', () => {
  /** All that a client sees or counts, without the ids, the time and what is left to the key. */
  async function see(over: Over) {
    const { value, cost } = await measure((on) => confirm(over, on));
    const own = /^(?:x-request-id|ratelimit)$/;
    const headers = [...value.headers].filter(([name]) => !own.test(name));
    const { trips, links } = cost;
    return { status: value.status, headers, error: value.body.error, trips, links };
  }

  it('looks the same whatever is not right about it or its user', async () => {
    const wrongCode = otherThan(await sendCode());
    const disabled = await t.makeUser(tenant);
    const codeOfDisabled = await sendCode(disabled.userId);
    await t.disableUser(tenant, disabled.userId);
    const bare = await t.makeUser(tenant, { withoutPassword: true });
    const stranger = await t.makeUser(await t.makeTenant());
    const codeOfAnother = await sendCode((await t.makeUser(tenant)).userId);

    const reference = await see({ confirmationCode: wrongCode });
    expect(reference).toMatchObject({ status: 401, trips: 2, links: 0 });
    const wrongs: Over[] = [
      { userID: 'nobody-at-all' },
      { userID: 'nobody-at-all', confirmationCode: wrongCode },
      { userID: disabled.userId, confirmationCode: codeOfDisabled },
      { userID: bare.userId },
      { userID: stranger.userId },
      { confirmationCode: codeOfAnother },
      { confirmationCode: 'letters' },
      { confirmationCode: '0'.repeat(2000) },
    ];
    for (const over of wrongs) expect(await see(over), JSON.stringify(over)).toEqual(reference);
  });

  it('is refused alike by a key that may read users', async () => {
    const scopes = ['signin', 'user.read', 'user.write'];
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/keys`, { name: 'all', scopes });
    const reader = { ...tenant, apiKey: made.body.key };
    for (const userID of [user.userId, 'nobody-at-all']) {
      const body = { userID, confirmationCode: '00000000', newPassword: t.newPassword() };
      expectError(await call(reader, PATH, { body }), 401, PATH);
    }
  });

  it('dies after five wrong tries, and a new one is needed', async () => {
    const confirmationCode = await sendCode();
    for (let i = 0; i < 5; i += 1) {
      expectError(await confirm({ confirmationCode: otherThan(confirmationCode) }), 401, PATH);
    }
    expectError(await confirm({ confirmationCode }), 401, PATH);
    expectMessage(await confirm({ confirmationCode: await sendCode() }));
  });

  it('dies with its time', async () => {
    const confirmationCode = await sendCode();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_001 });
    expectError(await confirm({ confirmationCode }), 401, PATH);
  });

  it('dies with a change by another proof', async () => {
    const confirmationCode = await sendCode();
    const body = { currentPassword: user.password, newPassword: t.newPassword() };
    const path = userPath(user.userId, 'change-password');
    expectMessage(await callAs(tenant, await signIn(tenant, user), path, { body }));
    expectError(await confirm({ confirmationCode }), 401, PATH);
  });

  it('is also one of another purpose', async () => {
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/users/${user.userId}/codes`, {
      purpose: 'secure-otp',
    });
    expect(made.status).toBe(201);
    expectError(await confirm({ confirmationCode: made.body.code }), 401, PATH);
  });
});

it('one code changes once, whoever comes first', async () => {
  const confirmationCode = await sendCode();
  const passwords = [t.newPassword(), t.newPassword(), t.newPassword()];
  const answers = await Promise.all(
    passwords.map((newPassword) => confirm({ confirmationCode, newPassword })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  const won = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
  expectTokens(await t.vbaSignIn(tenant, user.userId, won));
  expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
});
