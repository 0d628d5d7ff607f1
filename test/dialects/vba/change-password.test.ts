// A change by the current password, after the sign-in: by the user, or by an administrator who knows it.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Env, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import {
  callAs,
  expectError,
  expectMessage,
  expectTokens,
  refillBuckets,
  signIn,
  type Tokens,
  userPath,
} from './call.ts';

const HASH = 6;

let receiver: Receiver;
let tenant: t.TestTenant;
let user: t.TestUser;
let tokens: Tokens;
let path: string;
let admin: Tokens;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
  admin = await signIn(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(async () => {
  await refillBuckets();
  user = await t.makeUser(tenant);
  tokens = await signIn(tenant, user);
  path = userPath(user.userId, 'change-password');
});

function change(over: object = {}, as = tokens, on?: Env): Promise<Answer> {
  const body = { currentPassword: user.password, newPassword: t.newPassword(), ...over };
  return callAs(tenant, as, path, { body, ...(on === undefined ? {} : { on }) });
}

describe('the right password', () => {
  it('is replaced for two hashes and two trips, and gives no tokens', async () => {
    const newPassword = t.newPassword();
    const answer = await change({ newPassword });
    expectMessage(answer);
    expect(answer.headers.get('server-timing')).toBe(`trips;desc="2", links;desc="${2 * HASH}"`);
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
    const before = await t.vbaSignIn(tenant, user.userId, user.password);
    expectError(before, 401, '/user-authentication');
  });

  it('ends every session of before, this one too, and tells the user', async () => {
    const elsewhere = await signIn(tenant, user);
    expectMessage(await change());
    for (const dead of [tokens, elsewhere]) {
      expectError(await t.vbaRefresh(tenant, dead), 401, '/user-refresh-tokens');
      expectError(await callAs(tenant, dead, '/logout'), 401, '/logout');
    }
    const { type, data } = receiver.received.at(-1)?.message ?? expect.fail('no notice came');
    expect([type, data['userId'], data['actor']]).toEqual([
      'password.changed',
      user.userId,
      'user',
    ]);
  });

  it('may be called previousPassword, in whatever case', async () => {
    for (const name of ['previousPassword', 'PREVIOUSPASSWORD', 'CurrentPassword']) {
      const next = { ...user, password: t.newPassword() };
      const body = { [name]: user.password, newpassword: next.password };
      expectMessage(await callAs(tenant, tokens, path, { body }));
      user = next;
      tokens = await signIn(tenant, user);
    }
  });

  it.each(['', '/vbasoftware'])('is replaced under the prefix "%s"', async (prefix) => {
    const body = { currentPassword: user.password, newPassword: t.newPassword() };
    expectMessage(await callAs(tenant, tokens, `${prefix}${path}`, { body }));
  });

  it('is confirmed again when the answer was lost, by the token that the change ended', async () => {
    const newPassword = t.newPassword();
    expectMessage(await change({ newPassword }));
    expectMessage(await change({ newPassword }));
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
    expectError(await change({ newPassword: t.newPassword() }), 401, path);
    expectError(await callAs(tenant, tokens, '/kick'), 401, '/kick');
  });

  it('is taken from an administrator for another user', async () => {
    const newPassword = t.newPassword();
    expectMessage(await change({ newPassword }, admin));
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
    expect((await t.listEvents(tenant, user.userId)).map(({ type }) => type)).toContain(
      'password.changed',
    );
  });

  it('changes the user whose escaped id the path holds, and no other', async () => {
    const odd = await t.makeUser(tenant, { userId: `a/b %41?#+\u00e9 ${t.nextSerial()}` });
    const plain = await t.makeUser(tenant, { userId: odd.userId.replace('%41', 'A') });
    const body = { currentPassword: odd.password, newPassword: t.newPassword() };
    const own = userPath(odd.userId, 'change-password');
    expectMessage(await callAs(tenant, await signIn(tenant, odd), own, { body }));
    expect((await t.readUser(tenant, odd.userId)).passwordVersion).toBe(2);
    expect((await t.readUser(tenant, plain.userId)).passwordVersion).toBe(1);
  });
});

describe('what is refused', () => {
  it('a wrong password, for one hash; the right one still works', async () => {
    const { value, cost } = await measure((on) =>
      change({ currentPassword: 'a wrong password of the harbour' }, tokens, on),
    );
    expectError(value, 401, path);
    expect(value.headers.get('www-authenticate')).toBe('Bearer realm="vba"');
    expect(cost).toMatchObject({ links: HASH, trips: 2 });
    expectMessage(await change());
  });

  it('a password that no password can be, for no hash', async () => {
    for (const currentPassword of ['p'.repeat(201), 'with a \u0000', 'with a \ud800']) {
      const { value, cost } = await measure((on) => change({ currentPassword }, tokens, on));
      expectError(value, 401, path);
      expect(cost.links).toBe(0);
    }
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });

  it('a new password that breaks the rules, each of which is named', async () => {
    const refused = async (newPassword: string) =>
      expectError(await change({ newPassword }), 400, path);
    expect(await refused('fourteen chars')).toContain('15');
    expect(await refused('a b'.repeat(67))).toContain('200');
    expect(await refused('violet harbour\u0000 at dawn')).toContain('newPassword');
    expect(await refused(`${user.username} ${user.userId}`)).toMatch(/name/i);
    expect(await refused(user.password)).toMatch(/differ/);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
    expectTokens(await t.vbaRefresh(tenant, tokens));
  });

  it('both names of the current password at once', async () => {
    expectError(await change({ previousPassword: user.password }), 400, path);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
  });

  it('another user, known or not, at no hash', async () => {
    const other = await t.makeUser(tenant);
    const answers: unknown[] = [];
    for (const userId of [other.userId, 'nobody-at-all']) {
      const to = userPath(userId, 'change-password');
      const body = { currentPassword: other.password, newPassword: t.newPassword() };
      const { value, cost } = await measure((on) => callAs(tenant, tokens, to, { body, on }));
      answers.push([expectError(value, 403, to), cost.links, cost.trips]);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect((await t.readUser(tenant, other.userId)).passwordVersion).toBe(1);
  });

  it('an unknown or disabled user, and an administrator is told', async () => {
    const disabled = await t.makeUser(tenant);
    await t.disableUser(tenant, disabled.userId);
    for (const userId of ['nobody-at-all', disabled.userId]) {
      const to = userPath(userId, 'change-password');
      const body = { currentPassword: disabled.password, newPassword: t.newPassword() };
      expectError(await callAs(tenant, admin, to, { body }), 404, to);
    }
  });

  it('the eleventh guess in a row, and the right one after it', async () => {
    for (let i = 0; i < 10; i += 1) {
      expectError(await change({ currentPassword: `a wrong password ${i}` }), 401, path);
    }
    const throttled = await change();
    expectError(throttled, 429, path);
    expect(Number(throttled.headers.get('retry-after'))).toBeGreaterThan(25);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
  });
});

it('of several at once one wins', async () => {
  const passwords = [t.newPassword(), t.newPassword(), t.newPassword()];
  const answers = await Promise.all(passwords.map((newPassword) => change({ newPassword })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  const won = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
  expectTokens(await t.vbaSignIn(tenant, user.userId, won));
});
