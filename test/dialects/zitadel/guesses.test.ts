// Guesses are counted, a lock has a way out, a retry is safe, and a change ends every session.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../../support/cheap-hashes.ts';
import { measure } from '../../support/rekey.ts';
import {
  listEvents,
  makeTenant,
  makeUser,
  newPassword,
  openChallenge,
  readUser,
  resetCode,
  type TestTenant,
  type TestUser,
  vbaChange,
  vbaRefresh,
  vbaSignIn,
  zapChange,
  zapToken,
  zitadelChange,
} from '../../support/tenant.ts';
import { type ErrorRow, expectDetails, expectError, NO_CODE, WRONG_PASSWORD } from './wire.ts';

cheapenHashes();

const THROTTLED: ErrorRow = [429, 8, null, /./];
const LIMIT = 10;
const FIRST_WAIT = 30;

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

function guess(user: TestUser, currentPassword = 'not the current password') {
  const body = { newPassword: { password: newPassword() }, currentPassword };
  return measure((on) => zitadelChange(tenant.serviceToken, user.userId, body, on));
}

/** They cost no derivation. */
async function guessCodes(user: TestUser, count: number): Promise<void> {
  const body = { newPassword: { password: newPassword() }, verificationCode: 'ABCDEFGH' };
  for (let made = 0; made < count; made += 1) {
    await zitadelChange(tenant.serviceToken, user.userId, body);
  }
}

describe('guesses', () => {
  it('at passwords and at codes are counted alike, and a right one forgives them', async () => {
    const user = await makeUser(tenant);
    await guess(user);
    await guessCodes(user, 1);
    await vbaSignIn(tenant, user.userId, 'not the current password');
    expect((await readUser(tenant, user.userId)).failedAttempts).toBe(3);
    expectDetails((await guess(user, user.password)).value, tenant);
    expect((await readUser(tenant, user.userId)).failedAttempts).toBe(0);
  });

  it('ten in a row lock the password door; a code leads out, and lifts the lock', async () => {
    const user = await makeUser(tenant);
    await guessCodes(user, LIMIT - 2);
    expectError((await guess(user)).value, WRONG_PASSWORD);
    expectError((await guess(user)).value, WRONG_PASSWORD);
    const { value: locked, cost } = await guess(user, user.password);
    expectError(locked, THROTTLED);
    expect(cost).toMatchObject({ links: 0 });
    const retryAfter = Number(locked.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(FIRST_WAIT);
    expect((await vbaSignIn(tenant, user.userId, user.password)).status).toBe(429);
    expect(await readUser(tenant, user.userId)).toMatchObject({
      state: 'locked',
      failedAttempts: LIMIT,
      passwordVersion: 1,
      lockedUntil: expect.any(String),
    });

    const wanted = newPassword();
    const answer = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: wanted },
      verificationCode: await resetCode(tenant, user.userId),
    });
    expectDetails(answer, tenant);
    expect(await readUser(tenant, user.userId)).toMatchObject({
      state: 'active',
      failedAttempts: 0,
      lockedUntil: null,
    });
    expect((await vbaSignIn(tenant, user.userId, wanted)).status).toBe(200);
  });

  it('authority leads out of a lock as well', async () => {
    const user = await makeUser(tenant, { withoutPassword: true });
    await guessCodes(user, LIMIT);
    expect((await readUser(tenant, user.userId)).state).toBe('locked');
    const wanted = newPassword();
    const body = { newPassword: { password: wanted } };
    expectDetails(await zitadelChange(tenant.serviceToken, user.userId, body), tenant);
    expect((await vbaSignIn(tenant, user.userId, wanted)).status).toBe(200);
  });
});

describe('a request that is sent again after its answer was lost', () => {
  async function changeTwice(user: TestUser, proof: object, token = tenant.serviceToken) {
    const body = { newPassword: { password: newPassword() }, ...proof };
    const first = await zitadelChange(token, user.userId, body);
    expectDetails(first, tenant);
    const before = await readUser(tenant, user.userId);
    const second = await zitadelChange(token, user.userId, body);
    return { first, second, before };
  }

  const byPassword = async (user: TestUser) => ({ currentPassword: user.password });
  const byCode = async (user: TestUser) => ({
    verificationCode: await resetCode(tenant, user.userId),
  });
  const byService = async () => tenant.serviceToken;
  /** The change itself ends the token. */
  const byUser = (user: TestUser) => zapToken(tenant, user);

  it.each([
    ['the current password, by a service', byPassword, byService],
    ['a code, by a service', byCode, byService],
    ["the current password, by the user's own token", byPassword, byUser],
    ["a code, by the user's own token", byCode, byUser],
  ])('is answered alike, and changes nothing, by %s', async (_, prove, call) => {
    const user = await makeUser(tenant);
    const { first, second, before } = await changeTwice(user, await prove(user), await call(user));
    expect([second.status, second.text]).toEqual([200, first.text]);
    expect(await readUser(tenant, user.userId)).toEqual(before);
    const changes = (await listEvents(tenant, user.userId)).filter(
      ({ type }) => type === 'password.changed',
    );
    expect(changes).toHaveLength(1);
  });

  it('is refused with another new password', async () => {
    const user = await makeUser(tenant);
    const verificationCode = await resetCode(tenant, user.userId);
    await changeTwice(user, { verificationCode });
    const other = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
      verificationCode,
    });
    expectError(other, NO_CODE);
    expectError((await guess(user, user.password)).value, WRONG_PASSWORD);
    expect((await readUser(tenant, user.userId)).passwordVersion).toBe(2);
  });
});

describe('a change', () => {
  it.each([
    ['the current password', async (user: TestUser) => ({ currentPassword: user.password })],
    [
      'a code',
      async (user: TestUser) => ({ verificationCode: await resetCode(tenant, user.userId) }),
    ],
    ['authority', async () => ({})],
  ])('by %s ends the sessions of every dialect, and codes', async (_, prove) => {
    const user = await makeUser(tenant);
    const signedIn = await vbaSignIn(tenant, user.userId, user.password);
    const tokens = signedIn.body.data.authenticationResult;
    const zap = await zapToken(tenant, user);
    const code = await resetCode(tenant, user.userId);
    const wanted = newPassword();

    const answer = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: wanted },
      ...(await prove(user)),
    });

    expectDetails(answer, tenant);
    expect((await vbaRefresh(tenant, tokens)).status).toBe(401);
    const change = { userId: user.userId, email: user.email, oldPassword: wanted };
    const refused = await zapChange(tenant, zap, { ...change, newPassword: newPassword() });
    expect(refused.status).toBe(401);
    const byOldToken = await zitadelChange(zap, user.userId, {
      newPassword: { password: newPassword() },
      currentPassword: wanted,
    });
    expect(byOldToken.status).toBe(401);
    expectError(
      await zitadelChange(tenant.serviceToken, user.userId, {
        newPassword: { password: newPassword() },
        verificationCode: code,
      }),
      NO_CODE,
    );
    expect((await readUser(tenant, user.userId)).passwordVersion).toBe(2);
  });

  it('ends an open challenge', async () => {
    const user = await makeUser(tenant, { temporary: true });
    const session = await openChallenge(tenant, user);
    await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
    });
    const answer = await vbaChange(tenant, {
      userID: user.userId,
      newPassword: newPassword(),
      session,
    });
    expect(answer.status).toBe(401);
    expect((await readUser(tenant, user.userId)).passwordVersion).toBe(2);
  });

  it("leaves another user's sessions alone", async () => {
    const [user, other] = [await makeUser(tenant), await makeUser(tenant)];
    const signedIn = await vbaSignIn(tenant, other.userId, other.password);
    await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
    });
    const answer = await vbaRefresh(tenant, signedIn.body.data.authenticationResult);
    expect(answer.status).toBe(200);
  });
});
