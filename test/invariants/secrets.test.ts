// No password, code, key or token is stored or logged in a form that anyone could use.
import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { dumpDatabases } from '../support/faulty.ts';
import * as t from '../support/tenant.ts';

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
  secrets.push(env.ADMIN_KEY, env.MAC_KEY, env.PEPPER_KEYS.slice(3));
  const stored = await dumpDatabases();
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThanOrEqual(8);
    expect(stored.includes(secret)).toBe(false);
    expect(logged.join('\n').includes(secret)).toBe(false);
  }
});
