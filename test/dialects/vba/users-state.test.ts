// What an administrator does to a user: disable, enable, and take the password back; and the way out of each.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import {
  ADMIN_STEPS,
  call,
  callAs,
  expectError,
  expectMessage,
  expectTokens,
  refillBuckets,
  signIn,
  type Tokens,
  userPath,
} from './call.ts';

const SIGN_IN = '/user-authentication';
const CONFIRM = '/confirm-forgot-password';

let receiver: Receiver;
let tenant: t.TestTenant;
let admin: Tokens;
let user: t.TestUser;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
  admin = await signIn(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(async () => {
  await refillBuckets();
  user = await t.makeUser(tenant);
});

function step(name: (typeof ADMIN_STEPS)[number], userId = user.userId): Promise<Answer> {
  return callAs(tenant, admin, userPath(userId, name));
}

/** The newest code that came for the user. */
function readCode(): string {
  const codes = receiver.received.filter(({ message }) => message.data['userId'] === user.userId);
  return codes.at(-1)?.message.data['code'] ?? '';
}

function confirm(confirmationCode: string, newPassword: string): Promise<Answer> {
  const body = { userID: user.userId, confirmationCode, newPassword };
  return call(tenant, CONFIRM, { body });
}

describe.each(ADMIN_STEPS)('%s', (name) => {
  it('tells an administrator that there is no such user', async () => {
    const path = userPath('nobody-at-all', name);
    expectError(await step(name, 'nobody-at-all'), 404, path);
    const stranger = await t.makeUser(await t.makeTenant());
    expectError(await step(name, stranger.userId), 404, userPath(stranger.userId, name));
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ state: 'active' });
  });

  it('costs two trips and no hash', async () => {
    if (name === 'admin-enable') expectMessage(await step('admin-disable'));
    const answer = await step(name);
    expectMessage(answer);
    expect(answer.headers.get('server-timing')).toBe('trips;desc="2", links;desc="0"');
  });

  it('is done under the prefix, whatever body comes along', async () => {
    const path = `/vbasoftware${userPath(user.userId, name)}`;
    for (const type of ['application/json', 'text/plain', null]) {
      const options = { body: '{', headers: { 'content-type': type } };
      expectMessage(await callAs(tenant, admin, path, options));
    }
  });
});

describe('a disabled user', () => {
  it('is let in nowhere, and learns nothing', async () => {
    const tokens = await signIn(tenant, user);
    expectMessage(await step('admin-disable'));
    expectError(await t.vbaSignIn(tenant, user.userId, user.password), 401, SIGN_IN);
    expectError(await t.vbaRefresh(tenant, tokens), 401, '/user-refresh-tokens');
    expectError(await callAs(tenant, tokens, '/logout'), 401, '/logout');
    const zap = await t.zapLogin(tenant, user.email, user.password);
    expect(zap.status).toBe(401);
  });

  it('is enabled again, with the password of before and none of the sessions', async () => {
    const tokens = await signIn(tenant, user);
    expectMessage(await step('admin-disable'));
    expectMessage(await step('admin-enable'));
    expectError(await t.vbaRefresh(tenant, tokens), 401, '/user-refresh-tokens');
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
  });

  it('is disabled or enabled as often as one likes, with the same answer and one event', async () => {
    const disabled = expectMessage(await step('admin-disable'));
    expect(expectMessage(await step('admin-disable'))).toBe(disabled);
    const enabled = expectMessage(await step('admin-enable'));
    expect(expectMessage(await step('admin-enable'))).toBe(enabled);
    const types = (await t.listEvents(tenant, user.userId)).map(({ type }) => type);
    expect(types).toEqual(['user.created', 'user.deactivated', 'user.reactivated']);
  });
});

describe('a password that was taken back', () => {
  it('is told to who knows it, and to nobody else', async () => {
    expectMessage(await step('admin-reset-password'));
    const right = await t.vbaSignIn(tenant, user.userId, user.password);
    expectError(right, 401, SIGN_IN, 'PasswordResetRequired');
    expectError(await t.vbaSignIn(tenant, user.userId, 'a wrong password'), 401, SIGN_IN);
    const events = await t.listEvents(tenant, user.userId);
    const reset = events.find(({ type }) => type === 'password.reset-required');
    expect(reset).toMatchObject({ dialect: 'vba', actor: { kind: 'admin' } });
  });

  it('ends every session, and opens none any more', async () => {
    const tokens = await signIn(tenant, user);
    expectMessage(await step('admin-reset-password'));
    expectError(await t.vbaRefresh(tenant, tokens), 401, '/user-refresh-tokens');
    const path = userPath(user.userId, 'change-password');
    const body = { currentPassword: user.password, newPassword: t.newPassword() };
    expectError(await callAs(tenant, tokens, path, { body }), 401, path);
    const zap = await t.zapLogin(tenant, user.email, user.password);
    expect(zap.status).toBeGreaterThanOrEqual(400);
    // Not even with an administrator who knows it.
    const byAdmin = await callAs(tenant, admin, path, { body });
    expectError(byAdmin, 401, path, 'PasswordResetRequired');
  });

  it('is left by the code that came with it', async () => {
    expectMessage(await step('admin-reset-password'));
    const code = readCode();
    expect(code).toMatch(/^\d{8}$/);
    const newPassword = t.newPassword();
    expectMessage(await confirm(code, newPassword));
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
    expectError(await t.vbaSignIn(tenant, user.userId, user.password), 401, SIGN_IN);
  });

  it('is left by a code that the user asks for', async () => {
    expectMessage(await step('admin-reset-password'));
    expectMessage(await call(tenant, '/forgot-password', { body: { userID: user.userId } }));
    const newPassword = t.newPassword();
    expectMessage(await confirm(readCode(), newPassword));
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
  });

  it('is not left by a code or a challenge of before', async () => {
    expectMessage(await call(tenant, '/forgot-password', { body: { userID: user.userId } }));
    const before = readCode();
    expectMessage(await step('admin-reset-password'));
    expectError(await confirm(before, t.newPassword()), 401, CONFIRM);

    const temporary = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, temporary);
    expectMessage(await step('admin-reset-password', temporary.userId));
    const body = { userID: temporary.userId, newPassword: t.newPassword(), session };
    expectError(await t.vbaChange(tenant, body), 401, '/change-temporary-password');
  });

  it('is not given back by disabling and enabling', async () => {
    expectMessage(await step('admin-reset-password'));
    expectMessage(await step('admin-disable'));
    expectMessage(await step('admin-enable'));
    const right = await t.vbaSignIn(tenant, user.userId, user.password);
    expectError(right, 401, SIGN_IN, 'PasswordResetRequired');
  });

  it('is taken back where nothing can be sent too', async () => {
    const silent = await t.makeTenant();
    const boss = await signIn(silent, await t.makeUser(silent, { role: 'admin' }));
    const quiet = await t.makeUser(silent);
    expectMessage(await callAs(silent, boss, userPath(quiet.userId, 'admin-reset-password')));
    const right = await t.vbaSignIn(silent, quiet.userId, quiet.password);
    expectError(right, 401, SIGN_IN, 'PasswordResetRequired');
  });
});
