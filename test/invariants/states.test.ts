// Every state of a credential has a way out: which doors lead from it, and which do not.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Answer, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../support/webhook.ts';

cheapenHashes();

let receiver: Receiver;
let tenant: t.TestTenant;
/** An administrator's tokens. */
let admin: { readonly accessToken: string; readonly idToken: string };

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver({ settings: { maxAge: 86_400 } });
  tenant = receiver.tenant;
  const { userId, password } = await t.makeUser(tenant, { role: 'admin' });
  admin = (await t.vbaSignIn(tenant, userId, password)).body.data.authenticationResult;
});

async function expire(user: t.TestUser): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare('UPDATE credential SET temporary_expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, user.userId)
    .run();
}

function post(path: string, headers: Record<string, string>, body: object = {}): Promise<Answer> {
  const json = { ...headers, 'content-type': 'application/json' };
  return send(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
}

/** A route of VBA about the user, with somebody's ID token. */
function vbaAbout(user: t.TestUser, step: string, idToken: string, body?: object) {
  const headers = { ...t.vbaHeaders(tenant), authorization: `Bearer ${idToken}` };
  return post(`/users/${user.userId}/${step}`, headers, body);
}

/** The code that the user was sent last; one that nobody has when none was. */
function readCode(user: t.TestUser): string {
  const sent = receiver.received.filter(({ message }) => message.data['userId'] === user.userId);
  return sent.map(({ message }) => message.data['code']).findLast((code) => code) ?? '00000000';
}

/** How a user of each state comes to be. */
const STATES: Record<string, () => Promise<t.TestUser>> = {
  active: () => t.makeUser(tenant),
  overdue: async () => {
    const user = await t.makeUser(tenant);
    const sql = 'UPDATE credential SET changed_at = 1 WHERE tenant_id = ? AND user_id = ?';
    await t.databaseOf(tenant).prepare(sql).bind(tenant.orgId, user.userId).run();
    return user;
  },
  temporary: () => t.makeUser(tenant, { temporary: true }),
  'temporary-expired': async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    await expire(user);
    return user;
  },
  'no-password': () => t.makeUser(tenant, { withoutPassword: true }),
  'reset-required': async () => {
    const user = await t.makeUser(tenant);
    expect((await vbaAbout(user, 'admin-reset-password', admin.idToken)).status).toBe(200);
    return user;
  },
  // Of those whom an administrator locked: states-zitadel.test.ts.
  locked: async () => {
    const user = await t.makeUser(tenant);
    for (let i = 0; i < 10; i += 1) await t.vbaSignIn(tenant, user.userId, 'a wrong password');
    return user;
  },
  disabled: async () => {
    const user = await t.makeUser(tenant);
    expect((await vbaAbout(user, 'admin-disable', admin.idToken)).status).toBe(200);
    return user;
  },
};

/** Each door: tries to give the user the password, and says whether it was opened. */
const DOORS: Record<string, (user: t.TestUser, password: string) => Promise<boolean>> = {
  'the challenge': async (user, newPassword) => {
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const session = signedIn.body.data?.session ?? `rks_db_${'D'.repeat(43)}`;
    const changed = await t.vbaChange(tenant, { userID: user.userId, newPassword, session });
    return changed.status === 200;
  },
  'the current password in a session': async (user, newPassword) => {
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const idToken = signedIn.body.data?.authenticationResult?.idToken ?? 'none';
    const body = { currentPassword: user.password, newPassword };
    return (await vbaAbout(user, 'change-password', idToken, body)).status === 200;
  },
  'the current password': async (user, password) => {
    const body = { newPassword: { password }, currentPassword: user.password };
    return (await t.zitadelChange(tenant.readerToken, user.userId, body)).status === 200;
  },
  'an admin with the old password': async (user, newPassword) => {
    const { userId, email, password: oldPassword } = user;
    const change = { userId, email, oldPassword, newPassword };
    return (await t.zapChange(tenant, admin.accessToken, change)).status === 200;
  },
  'a code that was handed out': async (user, password) => {
    const path = `${user.userId}/password_reset`;
    const reset = await t.zitadel(tenant.serviceToken, path, { returnCode: {} });
    const verificationCode = reset.body.verificationCode ?? 'NONE2345';
    const body = { newPassword: { password }, verificationCode };
    return (await t.zitadelChange(tenant.readerToken, user.userId, body)).status === 200;
  },
  'a code that VBA sent': async (user, newPassword) => {
    const { userId: userID } = user;
    expect((await post('/forgot-password', t.vbaHeaders(tenant), { userID })).status).toBe(200);
    const body = { userID, confirmationCode: readCode(user), newPassword };
    const confirmed = await post('/confirm-forgot-password', t.vbaHeaders(tenant), body);
    return confirmed.status === 200;
  },
  'a code that ZAP sent': async (user, newPassword) => {
    const zap = `http://${tenant.host}:8787/v1`;
    const identity = user.email;
    expect((await post(`${zap}/otp/forgotPassword`, {}, { identity })).status).toBe(200);
    const body = { identity, otp: readCode(user), newPassword };
    return (await post(`${zap}/forgotPassword`, {}, body)).status === 200;
  },
  "an admin's authority": async (user, password) => {
    const body = { newPassword: { password } };
    return (await t.zitadelChange(admin.accessToken, user.userId, body)).status === 200;
  },
};

const BY_CODE = ['a code that was handed out', 'a code that VBA sent', 'a code that ZAP sent'];
const BY_PASSWORD = ['the current password', 'an admin with the old password'];

/** Which doors lead out of which state; the others must stay shut. */
const WAYS_OUT: Record<keyof typeof STATES, readonly (keyof typeof DOORS)[]> = {
  active: ['the current password in a session', ...BY_PASSWORD, ...BY_CODE, "an admin's authority"],
  overdue: ['the challenge', ...BY_PASSWORD, ...BY_CODE, "an admin's authority"],
  temporary: ['the challenge', ...BY_PASSWORD, ...BY_CODE, "an admin's authority"],
  'temporary-expired': [...BY_CODE, "an admin's authority"],
  'no-password': [...BY_CODE, "an admin's authority"],
  'reset-required': [...BY_CODE, "an admin's authority"],
  locked: [...BY_CODE, "an admin's authority"],
  disabled: [],
};

const cases = Object.keys(STATES).flatMap((state) =>
  Object.keys(DOORS).map((door) => [state, door] as const),
);

describe('ways out', () => {
  it.each(cases)('from %s by %s', async (state, door) => {
    const user = await STATES[state]?.();
    if (user === undefined) throw new Error(`no state ${state}`);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ state });
    const password = t.newPassword();
    const opened = await DOORS[door]?.(user, password);
    expect(opened).toBe(WAYS_OUT[state]?.includes(door));
    if (!opened) return;
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ state: 'active' });
    const signedIn = await t.vbaSignIn(tenant, user.userId, password);
    expect(signedIn.body.data?.authenticationResult).toMatchObject({ expiresIn: 86400 });
  });
});

describe('journeys out', () => {
  it('an expired temporary password, said so to who knows it, and a new one by code', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    await expire(user);
    const told = await t.vbaSignIn(tenant, user.userId, user.password);
    expect([told.status, told.body.error.title]).toEqual([401, 'TemporaryPasswordExpired']);
    const wrong = await t.vbaSignIn(tenant, user.userId, 'another wrong password');
    expect(wrong.body.error.title).toBe('Unauthorized');
    expect(await DOORS['a code that VBA sent']?.(user, t.newPassword())).toBe(true);
  });

  it('a reset while a change is forced ends the challenge', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const password = t.newPassword();
    expect(await DOORS['a code that ZAP sent']?.(user, password)).toBe(true);
    const late = { userID: user.userId, newPassword: t.newPassword(), session };
    expect((await t.vbaChange(tenant, late)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, user.userId, password)).status).toBe(200);
  });

  it('a password that was taken back, said so to who knows it, and a new one by the code that was sent', async () => {
    const user = await t.makeUser(tenant);
    expect((await vbaAbout(user, 'admin-reset-password', admin.idToken)).status).toBe(200);
    const told = await t.vbaSignIn(tenant, user.userId, user.password);
    expect([told.status, told.body.error.title]).toEqual([401, 'PasswordResetRequired']);
    const wrong = await t.vbaSignIn(tenant, user.userId, 'another wrong password');
    expect(wrong.body.error.title).toBe('Unauthorized');
    const newPassword = t.newPassword();
    const body = { userID: user.userId, confirmationCode: readCode(user), newPassword };
    const answers = [
      await post('/confirm-forgot-password', t.vbaHeaders(tenant), body),
      // As after a lost answer.
      await post('/confirm-forgot-password', t.vbaHeaders(tenant), body),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await t.vbaSignIn(tenant, user.userId, newPassword)).status).toBe(200);
  });

  it('a password that is taken back brings its code, whoever used up what a user may ask for', async () => {
    const user = await t.makeUser(tenant);
    const { userId: userID } = user;
    for (let i = 0; i < 6; i += 1) await post('/forgot-password', t.vbaHeaders(tenant), { userID });
    const asked = readCode(user);
    expect((await vbaAbout(user, 'admin-reset-password', admin.idToken)).status).toBe(200);
    expect(readCode(user)).not.toBe(asked);
    const newPassword = t.newPassword();
    for (const [confirmationCode, status] of [
      [asked, 401],
      [readCode(user), 200],
    ]) {
      const body = { userID, confirmationCode, newPassword };
      const answer = await post('/confirm-forgot-password', t.vbaHeaders(tenant), body);
      expect(answer.status).toBe(status);
    }
  });

  it('a user who was put off is let in again as before, by an administrator alone', async () => {
    const user = await STATES['disabled']?.();
    if (user === undefined) throw new Error('no user');
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(401);
    expect((await vbaAbout(user, 'admin-enable', admin.idToken)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
  });
});
