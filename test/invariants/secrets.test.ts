// No password, code, key or token is stored or logged in a form that anyone could use.
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { dumpDatabases } from '../support/faulty.ts';
import * as t from '../support/tenant.ts';
import {
  addHuman,
  call,
  changeUser,
  describeHuman,
  openSession,
  setSession,
} from '../support/zitadel-users.ts';

const logged: string[] = [];

beforeAll(() => {
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
      logged.push(parts.map(String).join(' '));
    });
  }
});

afterAll(() => {
  vi.restoreAllMocks();
});

it('keeps every secret of a whole life to the one who was given it', async () => {
  const tenant = await t.makeTenant();
  const secrets = [tenant.apiKey, tenant.serviceToken, tenant.readerToken];
  const user = await t.makeUser(tenant, { temporary: true });
  const session = await t.openChallenge(tenant, user);
  const first = t.newPassword();
  const changed = await t.vbaChange(tenant, { userID: user.userId, newPassword: first, session });
  const tokens = changed.body.data.authenticationResult;
  const refreshed = await t.vbaRefresh(tenant, tokens);
  const code = await t.resetCode(tenant, user.userId);
  const second = t.newPassword();
  const reset = await t.zitadelChange(tenant.readerToken, user.userId, {
    newPassword: { password: second },
    verificationCode: code,
  });
  expect(reset.status).toBe(200);
  const wrong = t.newPassword();
  await t.vbaSignIn(tenant, user.userId, wrong);
  await t.vbaSignIn(tenant, wrong, wrong);
  const login = await t.zapLogin(tenant, user.email, second);
  const { token, refreshToken } = login.body.data;
  const third = t.newPassword();
  const { userId, email } = user;
  const zap = await t.zapChange(tenant, token, {
    userId,
    email,
    oldPassword: second,
    newPassword: third,
  });
  expect(zap.status).toBe(200);
  secrets.push(user.password, session, first, code, second, wrong, third, token, refreshToken);
  secrets.push(tokens.accessToken, tokens.idToken, tokens.refreshToken);
  secrets.push(refreshed.body.data.authenticationResult.refreshToken);
  const keys = [env.PEPPER_KEYS, env.MAC_KEYS, env.CHAIN_KEYS].flatMap((list) => list.split(','));
  secrets.push(env.ADMIN_KEY, ...keys.map((key) => key.slice(key.indexOf('=') + 1)));
  const stored = await dumpDatabases();
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThanOrEqual(8);
    expect(stored.includes(secret)).toBe(false);
    expect(logged.join('\n').includes(secret)).toBe(false);
  }
});

it('keeps the tokens of login sessions and the hashes of other systems', async () => {
  const tenant = await t.makeTenant();
  const output = 'b3V0cHV0IG9mIGFub3RoZXIgc3lzdGVtLCBzZWNyZXQ';
  const hash = `$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0c2FsdA$${output}`;
  const human = { ...describeHuman(), hashedPassword: { hash } };
  const imported = await call(tenant.serviceToken, 'POST', 'users/human', human);
  expect(imported.status).toBe(200);
  const user = await addHuman(tenant);
  const first = await openSession(tenant, user);
  const set = await setSession(tenant.readerToken, first.sessionId, {
    sessionToken: first.sessionToken,
  });
  const wrong = t.newPassword();
  const checks = { password: { password: wrong } };
  await setSession(tenant.serviceToken, first.sessionId, { checks });
  const next = t.newPassword();
  const password = { password: { password: next }, currentPassword: user.password };
  expect((await changeUser(tenant.serviceToken, user.userId, { password })).status).toBe(200);
  const stored = await dumpDatabases();
  const { sessionToken } = set.body;
  for (const secret of [output, first.sessionToken, sessionToken, wrong, next, user.password]) {
    expect(secret.length).toBeGreaterThan(20);
    expect(stored.includes(secret)).toBe(false);
    expect(logged.join('\n').includes(secret)).toBe(false);
  }
});
