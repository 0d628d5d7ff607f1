// A new password by UpdateHumanUser and UpdateUser: by which proof, and together with the names or not at all.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import {
  addHuman,
  getSession,
  openSession,
  showUser,
  UPDATERS,
} from '../../support/zitadel-users.ts';
import {
  type ErrorRow,
  expectError,
  NO_CODE,
  NO_MEMBERSHIP,
  NOT_PERMITTED,
  WRONG_CODE,
  WRONG_PASSWORD,
} from './wire.ts';

let tenant: t.TestTenant;
let plain: string;
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

const wrong = { currentPassword: 'a wrong password for all' };
/** All but what counts guesses and tells of them. */
const withoutCounts = (dump: string) =>
  dump.replaceAll(/^(?:throttle|lane|flood|code|event): .*$/gm, '');

describe.each(UPDATERS)('$name', ({ update }) => {
  const own = (user: t.TestUser) => t.zapToken(tenant, user);
  const byPassword = async ({ password }: t.TestUser) => ({ currentPassword: password });
  const byCode = async ({ userId }: t.TestUser) => ({
    verificationCode: await t.resetCode(tenant, userId),
  });
  const byAuthority = async () => ({});

  it.each<
    [
      string,
      string,
      (user: t.TestUser) => Promise<string> | string,
      (user: t.TestUser) => Promise<object>,
    ]
  >([
    ['the current password, by a service key', 'password', () => tenant.serviceToken, byPassword],
    ['the current password, by an admin', 'password', () => admin, byPassword],
    ['the current password, by the user', 'password', own, byPassword],
    ['a code, by a service key', 'code', () => tenant.serviceToken, byCode],
    ['a code, by the user', 'code', own, byCode],
    ['authority, of a service key', 'authority', () => tenant.serviceToken, byAuthority],
    ['authority, of an admin', 'authority', () => admin, byAuthority],
  ])('changes names and password together by %s', async (_, proof, tokenOf, prove) => {
    const user = await addHuman(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const tokens = signedIn.body.data.authenticationResult;
    const session = await openSession(tenant, user);
    const password = t.newPassword();
    const username = `Both ${t.nextSerial()}`;
    const body = { username, password: { password: { password }, ...(await prove(user)) } };
    const answer = await update(await tokenOf(user), user.userId, body);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);

    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      passwordVersion: 2,
      state: 'active',
      failedAttempts: 0,
    });
    expect((await t.zapLogin(tenant, username, password)).status).toBe(200);
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(401);
    expect((await t.zapLogin(tenant, user.username, password)).status).toBe(401);
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
    expect((await getSession(tenant.serviceToken, session)).status).toBe(404);
    const events = await t.listEvents(tenant, user.userId);
    const types = events.map(({ type }) => type);
    expect(types).toContain('user.updated');
    expect(events.find(({ type }) => type === 'password.changed')).toMatchObject({
      facts: { proof, version: 2, mustChange: false },
    });
  });

  it('with changeRequired makes the password temporary', async () => {
    const user = await addHuman(tenant);
    const password = t.newPassword();
    const body = { password: { password: { password, changeRequired: true } } };
    expect((await update(tenant.serviceToken, user.userId, body)).status).toBe(200);
    await t.openChallenge(tenant, { ...user, password });
    expect((await showUser(tenant, user.userId)).human.passwordChangeRequired).toBe(true);
  });

  /** Names that are free and a password that is good: only the proof is not. */
  const refuse = async (
    user: t.TestUser,
    token: string,
    proof: object,
    row: ErrorRow,
    password: object = { password: { password: t.newPassword() } },
  ): Promise<Answer> => {
    const before = withoutCounts(await dumpTenant(tenant));
    const username = `never-${t.nextSerial()}`;
    const { value, cost } = await measure((on) =>
      update(token, user.userId, { username, password: { ...password, ...proof } }, on),
    );
    expectError(value, row);
    expect(cost.trips).toBeLessThanOrEqual(2);
    expect(withoutCounts(await dumpTenant(tenant))).toBe(before);
    expect((await t.listEvents(tenant, user.userId)).at(-1)?.type).not.toBe('user.updated');
    return value;
  };

  it('changes nothing by a wrong proof, not even the name', async () => {
    const user = await addHuman(tenant);
    const token = await own(user);
    await refuse(user, token, wrong, WRONG_PASSWORD);
    await refuse(user, tenant.serviceToken, wrong, WRONG_PASSWORD);
    await refuse(user, token, { verificationCode: 'ABCDEFGH' }, NO_CODE);
    await t.resetCode(tenant, user.userId);
    await refuse(user, token, { verificationCode: 'ABCDEFGH' }, WRONG_CODE);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ failedAttempts: 4 });
  });

  it('is not for who is neither the user nor may write users, whatever the proof', async () => {
    const user = await addHuman(tenant);
    const before = await t.readUser(tenant, user.userId);
    const verificationCode = await t.resetCode(tenant, user.userId);
    for (const proof of [{}, wrong, await byPassword(user), { verificationCode }]) {
      await refuse(user, plain, proof, NO_MEMBERSHIP);
      await refuse(user, tenant.readerToken, proof, NOT_PERMITTED);
      await refuse(user, tenant.apiKey, proof, NOT_PERMITTED);
    }
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      failedAttempts: 0,
      passwordVersion: before.passwordVersion,
    });
  });

  it('asks the user alone for a proof', async () => {
    const user = await addHuman(tenant);
    await refuse(user, await own(user), {}, NOT_PERMITTED);
  });

  it('gives the user alone a new address only with a proof, and vouches for none', async () => {
    const email = () => `own-${t.nextSerial()}@mail.example`;
    const phone = () => `+4175${1_000_000 + t.nextSerial()}`;
    for (const prove of [byPassword, byCode]) {
      const user = await addHuman(tenant);
      const token = await own(user);
      const proof = await prove(user);
      const password = { password: { password: t.newPassword() }, ...proof };
      const before = await dumpTenant(tenant);
      for (const body of [
        { email: { email: email() } },
        { phone: { phone: phone() } },
        { phone: { phone: '' } },
        { email: { email: user.email, isVerified: true } },
        { email: { email: email() }, password: { password: { password: t.newPassword() } } },
      ]) {
        expectError(await update(token, user.userId, body), NOT_PERMITTED);
      }
      expect(await dumpTenant(tenant)).toBe(before);
      for (const address of [
        { email: { email: email(), isVerified: true } },
        { phone: { phone: phone(), isVerified: true } },
      ]) {
        const vouched = await update(token, user.userId, { ...address, password });
        expectError(vouched, NOT_PERMITTED);
      }
      expect(withoutCounts(await dumpTenant(tenant))).toBe(withoutCounts(before));
      expect(await t.readUser(tenant, user.userId)).toMatchObject({ failedAttempts: 0 });
      const wanted = { email: { email: email() }, phone: { phone: phone() } };
      expect((await update(token, user.userId, { ...wanted, password })).status).toBe(200);
      expect((await showUser(tenant, user.userId)).human).toMatchObject(wanted);
      expect((await showUser(tenant, user.userId)).human.email).toEqual(wanted.email);
    }
  });

  it('refuses a bad new password, and leaves the code alive', async () => {
    const user = await addHuman(tenant);
    const verificationCode = await t.resetCode(tenant, user.userId);
    const short = { password: { password: 'too short' } };
    const row: ErrorRow = [400, 3, 'DOMAIN-HuJf6', 'Password is too short'];
    for (const proof of [{ verificationCode }, {}, await byPassword(user)]) {
      await refuse(user, tenant.serviceToken, proof, row, short);
    }
    const same = { password: { password: user.password } };
    const unchanged: ErrorRow = [
      400,
      9,
      'COMMAND-Aesh5',
      'New password cannot be the same as your current password',
    ];
    await refuse(user, tenant.serviceToken, await byPassword(user), unchanged, same);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ failedAttempts: 0 });
    const body = { password: { password: { password: t.newPassword() }, verificationCode } };
    expect((await update(tenant.serviceToken, user.userId, body)).status).toBe(200);
  });

  it('judges the new password by the new names', async () => {
    const user = await addHuman(tenant);
    const username = `a fresh name of the user ${t.nextSerial()}`;
    const body = { username, password: { password: { password: username } } };
    const answer = await update(tenant.serviceToken, user.userId, body);
    expectError(answer, [
      400,
      3,
      'REKEY-own-name',
      'Password must not be made of the names of its user',
    ]);
  });

  it.each([{}, wrong, { verificationCode: 'ABCDEFGH' }])(
    'needs a password or a hash: %j',
    async (proof) => {
      const user = await addHuman(tenant);
      const row: ErrorRow = [400, 3, 'COMMAND-3klek4sbns', 'Password is empty'];
      await refuse(user, tenant.serviceToken, proof, row, {});
    },
  );

  it('keeps the password when the name is taken', async () => {
    const user = await addHuman(tenant);
    const other = await addHuman(tenant);
    const password = { password: { password: t.newPassword() }, ...(await byPassword(user)) };
    const body = { username: other.username, password };
    const row: ErrorRow = [409, 6, 'V3-DKcYh', 'User already exists'];
    expectError(await update(tenant.serviceToken, user.userId, body), row);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 1 });
    expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
  });

  it.each<[string, (user: t.TestUser) => Promise<object>, ErrorRow]>([
    ['the current password', byPassword, WRONG_PASSWORD],
    ['a code', byCode, NO_CODE],
  ])('is repeated by %s as it was, and with other names it is another', async (_, prove, row) => {
    const user = await addHuman(tenant);
    const username = `Once ${t.nextSerial()}`;
    const password = { password: { password: t.newPassword() }, ...(await prove(user)) };
    for (let i = 0; i < 3; i += 1) {
      const answer = await update(tenant.serviceToken, user.userId, { username, password });
      expect(answer.status).toBe(200);
    }
    const other = { username: `${username} again`, password };
    expectError(await update(tenant.serviceToken, user.userId, other), row);
    expect((await showUser(tenant, user.userId)).username).toBe(username);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 2 });
  });
});
