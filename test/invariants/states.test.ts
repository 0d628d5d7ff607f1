// Every state of a credential has a way out: which doors lead from it, and which do not.
import { beforeAll, describe, expect, it } from 'vitest';
import * as t from '../support/tenant.ts';

let tenant: t.TestTenant;
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

async function expire(user: t.TestUser): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare('UPDATE credential SET temporary_expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, user.userId)
    .run();
}

/** How a user of each state comes to be. */
const STATES: Record<string, () => Promise<t.TestUser>> = {
  active: () => t.makeUser(tenant),
  temporary: () => t.makeUser(tenant, { temporary: true }),
  'temporary-expired': async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    await expire(user);
    return user;
  },
  'no-password': () => t.makeUser(tenant, { withoutPassword: true }),
  locked: async () => {
    const user = await t.makeUser(tenant);
    for (let i = 0; i < 10; i += 1) await t.vbaSignIn(tenant, user.userId, 'a wrong password');
    return user;
  },
  disabled: async () => {
    const user = await t.makeUser(tenant);
    await t.disableUser(tenant, user.userId);
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
  'the current password': async (user, password) => {
    const body = { newPassword: { password }, currentPassword: user.password };
    return (await t.zitadelChange(tenant.readerToken, user.userId, body)).status === 200;
  },
  'an admin with the old password': async (user, newPassword) => {
    const { userId, email, password: oldPassword } = user;
    const change = { userId, email, oldPassword, newPassword };
    return (await t.zapChange(tenant, admin, change)).status === 200;
  },
  'a code': async (user, password) => {
    const path = `${user.userId}/password_reset`;
    const reset = await t.zitadel(tenant.serviceToken, path, { returnCode: {} });
    const verificationCode = reset.body.verificationCode ?? 'NONE2345';
    const body = { newPassword: { password }, verificationCode };
    return (await t.zitadelChange(tenant.readerToken, user.userId, body)).status === 200;
  },
  "an admin's authority": async (user, password) => {
    const body = { newPassword: { password } };
    return (await t.zitadelChange(admin, user.userId, body)).status === 200;
  },
};

/** Which doors lead out of which state; the others must stay shut. */
const WAYS_OUT: Record<keyof typeof STATES, readonly (keyof typeof DOORS)[]> = {
  active: [
    'the current password',
    'an admin with the old password',
    'a code',
    "an admin's authority",
  ],
  temporary: [
    'the challenge',
    'the current password',
    'an admin with the old password',
    'a code',
    "an admin's authority",
  ],
  'temporary-expired': ['a code', "an admin's authority"],
  'no-password': ['a code', "an admin's authority"],
  locked: ['a code', "an admin's authority"],
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
