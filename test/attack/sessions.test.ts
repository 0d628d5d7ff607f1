// Section 5.2, sessions: begun by an attacker, of before a change of the password, or made up from a name.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BODIES,
  call,
  callAs,
  MEMBER_ROUTES,
  refillBuckets,
  signIn,
  type Tokens,
  userPath,
} from '../dialects/vba/call.ts';
import { call as zapCall } from '../dialects/zap/call.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { changeUser, openSession, call as zitadelCall } from '../support/zitadel-users.ts';

cheapenHashes();

let tenant: t.TestTenant;
let user: t.TestUser;
let tokens: Tokens;
/** Of an administrator. */
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
  tokens = await signIn(tenant, user);
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(refillBuckets);

describe('A19: a session that an attacker began', () => {
  it('is of no use for whom it was not begun, nor after its own user went on', async () => {
    const victim = await t.makeUser(tenant, { temporary: true });
    const attacker = await t.makeUser(tenant, { temporary: true });
    const planted = await t.openChallenge(tenant, attacker);
    const newPassword = t.newPassword();
    const forVictim = { userID: victim.userId, newPassword, session: planted };
    expect((await t.vbaChange(tenant, forVictim)).status).toBe(401);
    // The victim's own steps: each has a session of its own, and ends the one before.
    const first = await t.openChallenge(tenant, victim);
    const second = await t.openChallenge(tenant, victim);
    expect(new Set([planted, first, second]).size).toBe(3);
    const change = { userID: victim.userId, newPassword };
    expect((await t.vbaChange(tenant, { ...change, session: first })).status).toBe(401);
    const changed = await t.vbaChange(tenant, { ...change, session: second });
    expect(changed.status).toBe(200);
    expect(changed.text).not.toContain(second);
    for (const session of [planted, first, second]) {
      const again = { userID: victim.userId, newPassword: t.newPassword(), session };
      expect((await t.vbaChange(tenant, again)).status).toBe(401);
    }
  });
});

/** As ZAP and as ZITADEL answer who asks for themselves. */
async function readSelf({ userId }: t.TestUser, token: string): Promise<number[]> {
  const byZap = await zapCall(tenant, '/v1/users/token', { method: 'GET', token });
  const byZitadel = await zitadelCall(token, 'GET', `users/${userId}`);
  return [byZap.status, byZitadel.status];
}

describe('A20: three devices', () => {
  const wanted = () => ({ newPassword: { password: t.newPassword() } });
  const CHANGES: [string, (who: t.TestUser) => Promise<Answer>][] = [
    [
      'VBA, by the current password',
      async (who) => {
        const body = { currentPassword: who.password, newPassword: t.newPassword() };
        const path = userPath(who.userId, 'change-password');
        return callAs(tenant, await signIn(tenant, who), path, { body });
      },
    ],
    [
      'VBA, by a code',
      async ({ userId }) => {
        const confirmationCode = await t.resetCode(tenant, userId);
        const body = { userID: userId, confirmationCode, newPassword: t.newPassword() };
        return call(tenant, '/confirm-forgot-password', { body });
      },
    ],
    [
      'VBA, by an administrator who takes it back',
      async ({ userId }) => {
        const operator = await t.makeUser(tenant, { role: 'admin' });
        const path = userPath(userId, 'admin-reset-password');
        return callAs(tenant, await signIn(tenant, operator), path);
      },
    ],
    [
      'ZAP, by a code',
      async ({ userId, email }) => {
        const otp = await t.resetCode(tenant, userId);
        const body = { identity: email, otp, newPassword: t.newPassword() };
        return zapCall(tenant, '/v1/forgotPassword', { body });
      },
    ],
    [
      'ZAP, with fields that nobody asked for',
      async ({ userId, email, password }) => {
        const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
        return t.zapChange(tenant, admin, { ...body, keepSessions: 'true', logoutOthers: 'false' });
      },
    ],
    [
      'ZITADEL, to a temporary one',
      ({ userId }) => {
        const newPassword = { password: t.newPassword(), changeRequired: true };
        return t.zitadelChange(tenant.serviceToken, userId, { newPassword });
      },
    ],
    [
      'ZITADEL, with fields that nobody asked for',
      ({ userId, password }) =>
        t.zitadelChange(tenant.readerToken, userId, {
          ...wanted(),
          currentPassword: password,
          keepSessions: true,
        }),
    ],
    [
      'ZITADEL, with the user',
      ({ userId }) =>
        changeUser(tenant.serviceToken, userId, { password: { password: wanted().newPassword } }),
    ],
  ];

  it.each(CHANGES)('are signed out by a change at %s', async (_, change) => {
    const who = await t.makeUser(tenant);
    const zapLogin = (await t.zapLogin(tenant, who.email, who.password)).body.data;
    const device = await signIn(tenant, who);
    const { sessionId } = await openSession(tenant, who);
    expect(await readSelf(who, device.accessToken)).toEqual([200, 200]);
    const changed = await change(who);
    expect([200, 204]).toContain(changed.status);
    expect((await t.vbaRefresh(tenant, device)).status).toBe(401);
    expect((await callAs(tenant, device, '/logout')).status).toBe(401);
    expect(await readSelf(who, device.accessToken)).toEqual([401, 401]);
    const { token, refreshToken } = zapLogin;
    expect((await zapCall(tenant, '/v1/refresh', { body: { refreshToken } })).status).toBe(401);
    expect(await readSelf(who, token)).toEqual([401, 401]);
    const session = await zitadelCall(tenant.readerToken, 'GET', `sessions/${sessionId}`);
    expect(session.status).toBe(404);
  });
});

describe('A25: a user id without a key', () => {
  it('authenticates nobody, wherever it stands', async () => {
    const { userId, email } = user;
    const named = { userId, userID: userId, email, identity: email, role: 'admin' };
    const headers = { 'x-api-key': null, 'x-user-id': userId, cookie: `userId=${userId}` };
    const before = await dumpTenant(tenant);
    const query = `?userId=${userId}&x-api-key=${tenant.apiKey}&access_token=${tokens.accessToken}`;
    const answers = [
      ...(await Promise.all(
        [...MEMBER_ROUTES, '/forgot-password', '/change-temporary-password'].map((path) =>
          call(tenant, `${path}${query}`, { headers, body: { ...named, ...BODIES[path] } }),
        ),
      )),
      await zapCall(tenant, `/v1/changePassword${query}`, { body: named }),
      await zapCall(tenant, `/v1/users/token${query}`, { method: 'GET' }),
      await zapCall(tenant, `/v1/users${query}`, { body: named }),
      await zitadelCall('', 'GET', `users/${userId}${query}`),
      await zitadelCall('', 'POST', `users/${userId}/password${query}`, named),
      await call(tenant, `/admin/tenants${query}`, { headers, body: named }),
    ];
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await dumpTenant(tenant)).toBe(before);
  });
});
