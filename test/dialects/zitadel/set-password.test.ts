// SetPassword over REST: what each proof leads to, and how every field takes effect.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  listEvents,
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  resetCode,
  type TestTenant,
  type TestUser,
  vbaSignIn,
  zapToken,
  zitadelChange,
} from '../../support/tenant.ts';
import { expectDetails } from './wire.ts';

let tenant: TestTenant;
let otherToken: string;
let adminToken: string;

beforeAll(async () => {
  tenant = await makeTenant();
  otherToken = await zapToken(tenant, await makeUser(tenant));
  adminToken = await zapToken(tenant, await makeUser(tenant, { role: 'admin' }));
});

type Proof = { readonly currentPassword: string } | { readonly verificationCode: string } | object;
/** What a caller shows, and for what reason the change is made. */
type Entitle = (user: TestUser) => Promise<readonly [token: string, proof: Proof]>;

const byPassword = (user: TestUser) => ({ currentPassword: user.password });
const byCode = async (user: TestUser) => ({
  verificationCode: await resetCode(tenant, user.userId),
});

const PROOFS: readonly (readonly [string, string, Entitle])[] = [
  [
    'the current password, by a service key',
    'password',
    async (user) => [tenant.serviceToken, byPassword(user)],
  ],
  [
    'the current password, by a key that may only read',
    'password',
    async (user) => [tenant.readerToken, byPassword(user)],
  ],
  [
    "the current password, by the user's own token",
    'password',
    async (user) => [await zapToken(tenant, user), byPassword(user)],
  ],
  [
    "the current password, by another user's token",
    'password',
    async (user) => [otherToken, byPassword(user)],
  ],
  ['a code, by a service key', 'code', async (user) => [tenant.serviceToken, await byCode(user)]],
  [
    "a code, by the user's own token",
    'code',
    async (user) => [await zapToken(tenant, user), await byCode(user)],
  ],
  ["a code, by another user's token", 'code', async (user) => [otherToken, await byCode(user)]],
  ['the authority of a key with user.write', 'authority', async () => [tenant.serviceToken, {}]],
  ["the authority of an admin's token", 'authority', async () => [adminToken, {}]],
];

describe('a change of the password', () => {
  it.each(PROOFS)('is made by %s', async (_, proofName, entitle) => {
    const user = await makeUser(tenant);
    const [token, proof] = await entitle(user);

    const answer = await zitadelChange(token, user.userId, {
      newPassword: { password: newPassword() },
      ...proof,
    });

    expectDetails(answer, tenant);
    // Written anew, since a protobuf Timestamp leaves out a fraction of zero.
    const changedAt = new Date(answer.body.details.changeDate).toISOString();
    expect(await readUser(tenant, user.userId)).toMatchObject({
      passwordVersion: 2,
      state: 'active',
      failedAttempts: 0,
      sequence: answer.body.details.sequence,
      changedAt,
    });
    const events = await listEvents(tenant, user.userId);
    expect(events.at(-1)).toMatchObject({
      type: 'password.changed',
      dialect: 'zitadel',
      facts: { proof: proofName, version: 2, mustChange: false },
      sequence: answer.body.details.sequence,
    });
  });

  it('ends the old password, and the new one signs in', async () => {
    const user = await makeUser(tenant);
    const wanted = newPassword();
    await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: wanted },
      currentPassword: user.password,
    });
    expect((await vbaSignIn(tenant, user.userId, user.password)).status).toBe(401);
    const signedIn = await vbaSignIn(tenant, user.userId, wanted);
    expect(signedIn.body.data.authenticationResult).toBeTruthy();
  });

  it.each([
    ['the current password', byPassword],
    ['a code', byCode],
    ['authority', () => ({})],
  ])('with changeRequired makes the password temporary, by %s', async (_, prove) => {
    const user = await makeUser(tenant, { withoutPassword: prove !== byPassword });
    const wanted = newPassword();
    const answer = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: wanted, changeRequired: true },
      ...(await prove(user)),
    });
    expectDetails(answer, tenant);
    const signedIn = await vbaSignIn(tenant, user.userId, wanted);
    expect(signedIn.status).toBe(200);
    expect(signedIn.body.data).toMatchObject({
      challengeName: 'NEW_PASSWORD_REQUIRED',
      authenticationResult: null,
    });
    expect(await readUser(tenant, user.userId)).toMatchObject({
      state: 'temporary',
      mustChangePassword: true,
    });
  });

  it('without changeRequired ends the duty to change', async () => {
    const user = await makeUser(tenant, { temporary: true });
    await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword(), changeRequired: false },
      currentPassword: user.password,
    });
    expect(await readUser(tenant, user.userId)).toMatchObject({
      state: 'active',
      mustChangePassword: false,
    });
  });

  it('gives a password to a user who has none', async () => {
    const user = await makeUser(tenant, { withoutPassword: true });
    const wanted = newPassword();
    const answer = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: wanted },
      verificationCode: await resetCode(tenant, user.userId),
    });
    expectDetails(answer, tenant);
    const signedIn = await vbaSignIn(tenant, user.userId, wanted);
    expect(signedIn.body.data?.authenticationResult).toBeTruthy();
  });

  it('makes the sequence grow', async () => {
    const user = await makeUser(tenant, { withoutPassword: true });
    const change = async () => {
      const answer = await zitadelChange(tenant.serviceToken, user.userId, {
        newPassword: { password: newPassword() },
      });
      return BigInt(answer.body.details.sequence);
    };
    const first = await change();
    expect(await change()).toBeGreaterThan(first);
  });

  it('is of the user whom the path names, whatever the body says', async () => {
    const named = await makeUser(tenant, { withoutPassword: true });
    const other = await makeUser(tenant, { withoutPassword: true });
    const answer = await zitadelChange(tenant.serviceToken, named.userId, {
      userId: other.userId,
      newPassword: { password: newPassword() },
    });
    expectDetails(answer, tenant);
    expect((await readUser(tenant, named.userId)).passwordVersion).toBe(2);
    expect((await readUser(tenant, other.userId)).passwordVersion).toBe(1);
  });

  it.each([
    ['a space', 'a b'],
    ['a slash', 'a/b'],
    ['reserved characters', 'ü?#%'],
    ['the name of another route', 'human'],
    ['the name of this route', 'password'],
    ['an emoji', '🔑'],
  ])('reaches a user whose id is or holds %s', async (_, userId) => {
    await makeUser(tenant, { userId, withoutPassword: true });
    const answer = await zitadelChange(tenant.serviceToken, userId, {
      newPassword: { password: newPassword() },
    });
    expectDetails(answer, tenant);
    expect((await readUser(tenant, userId)).passwordVersion).toBe(2);
  });
});
