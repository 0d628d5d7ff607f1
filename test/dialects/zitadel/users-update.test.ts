// UpdateHumanUser and UpdateUser: each field by itself, and who may change what.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { addHuman, showUser, UPDATERS } from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError, INVALID_TOKEN, NO_MEMBERSHIP, NOT_PERMITTED } from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let plain: string;
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);
const UNKNOWN: ErrorRow = [404, 5, 'COMMAND-ugjs0upun6', 'User could not be found'];
const TAKEN: ErrorRow = [409, 6, 'V3-DKcYh', 'User already exists'];

describe.each(UPDATERS)('$name', ({ name, update }) => {
  const change = async (userId: string, body: object): Promise<Answer> => {
    const answer = await update(tenant.serviceToken, userId, body);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    return answer;
  };

  it('answers with the sequence or the time, and writes what changed into the audit', async () => {
    const { userId } = await addHuman(tenant);
    const username = `New Name ${t.nextSerial()}`;
    const body = { username, email: { email: `n${t.nextSerial()}@mail.example` } };
    const answer = await change(userId, body);
    expect(answer.body).toEqual(
      name === 'UpdateUser'
        ? { changeDate: TIME }
        : { details: { sequence: '2', changeDate: TIME, resourceOwner: tenant.orgId } },
    );
    const last = (await t.listEvents(tenant, userId)).at(-1);
    expect(last).toMatchObject({ type: 'user.updated', sequence: '2', actor: { kind: 'key' } });
    expect(String(last?.facts['fields']).split(' ').sort()).toEqual([
      'email',
      'emailVerified',
      'username',
    ]);
    // The audit outlives the user, so it names the fields and not the person.
    expect(JSON.stringify(last)).not.toContain(username);
  });

  it.each([
    ['email', () => ({ email: { email: `n${t.nextSerial()}@mail.example` } }), 400],
    ['phone', () => ({ phone: { phone: `+4179${String(t.nextSerial()).padStart(7, '0')}` } }), 400],
    ['user name', () => ({ username: `Renamed ${t.nextSerial()}` }), 200],
  ])('of another %s: a code that was made before is answered so', async (_, body, status) => {
    const { userId } = await addHuman(tenant);
    const verificationCode = await t.resetCode(tenant, userId);
    await change(userId, body());
    const reset = { newPassword: { password: t.newPassword() }, verificationCode };
    expect((await t.zitadelChange(tenant.readerToken, userId, reset)).status).toBe(status);
  });

  it('changes the user name alone', async () => {
    const user = await addHuman(tenant);
    const before = await showUser(tenant, user.userId);
    const username = `Renamed ${t.nextSerial()}`;
    await change(user.userId, { username });
    const after = await showUser(tenant, user.userId);
    expect(after.human).toEqual({
      ...before.human,
      username,
      loginNames: [username, user.email, user.phone],
      preferredLoginName: username,
    });
    expect((await t.zapLogin(tenant, username.toLowerCase(), user.password)).status).toBe(200);
    expect((await t.zapLogin(tenant, user.username, user.password)).status).toBe(401);
    expect((await t.zapLogin(tenant, user.email, user.password)).status).toBe(200);
  });

  it('changes the email: the new one signs in, the old one does not, and no session ends', async () => {
    const user = await addHuman(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const email = `changed-${t.nextSerial()}@mail.example`;
    await change(user.userId, { email: { email, isVerified: true } });
    expect((await showUser(tenant, user.userId)).human.email).toEqual({ email, isVerified: true });
    expect((await t.zapLogin(tenant, email, user.password)).status).toBe(200);
    expect((await t.zapLogin(tenant, user.email, user.password)).status).toBe(401);
    const tokens = signedIn.body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(200);
    // It is another address: what was shown of the old one says nothing of it.
    const other = `other-${t.nextSerial()}@mail.example`;
    await change(user.userId, { email: { email: other } });
    expect((await showUser(tenant, user.userId)).human.email).toEqual({ email: other });
  });

  it('changes the phone, and takes it away when it is empty', async () => {
    const user = await addHuman(tenant);
    const phone = `+4176${1_000_000 + t.nextSerial()}`;
    await change(user.userId, { phone: { phone } });
    expect((await showUser(tenant, user.userId)).human.phone).toEqual({ phone });
    expect((await t.zapLogin(tenant, phone, user.password)).status).toBe(200);
    await change(user.userId, { phone: { phone: '' } });
    const { human, loginNames } = await showUser(tenant, user.userId);
    expect([human.phone, loginNames]).toEqual([undefined, [user.username, user.email]]);
    for (const gone of [phone, user.phone]) {
      expect((await t.zapLogin(tenant, gone, user.password)).status).toBe(401);
    }
    // A name that nobody has any more can be had.
    await change((await addHuman(tenant)).userId, { phone: { phone } });
  });

  it('changes the profile', async () => {
    const user = await addHuman(tenant, {
      profile: { givenName: 'Ann', familyName: 'Ash', nickName: 'A', gender: 'GENDER_FEMALE' },
    });
    const profile = { givenName: 'Bo', familyName: 'Birk', preferredLanguage: 'de' };
    await change(user.userId, { profile });
    expect((await showUser(tenant, user.userId)).human.profile).toEqual({
      ...profile,
      nickName: 'A',
      gender: 'GENDER_FEMALE',
      displayName: 'Bo Birk',
    });
    const shown = { displayName: 'Captain Birk', gender: 'GENDER_MALE', nickName: 'B' };
    await change(user.userId, { profile: { ...profile, ...shown } });
    expect((await showUser(tenant, user.userId)).human.profile).toEqual({ ...profile, ...shown });
  });

  it('swaps names within one user', async () => {
    const user = await addHuman(tenant);
    await change(user.userId, { username: user.email, email: { email: user.email } });
    await change(user.userId, { username: user.email.toUpperCase() });
    expect((await t.zapLogin(tenant, user.email, user.password)).status).toBe(200);
    expect((await showUser(tenant, user.userId)).username).toBe(user.email.toUpperCase());
  });

  it('changes nothing when nothing is asked', async () => {
    const user = await addHuman(tenant);
    const before = await showUser(tenant, user.userId);
    await change(user.userId, {});
    expect(await showUser(tenant, user.userId)).toEqual(before);
  });

  it('refuses a name that is another user’s, and changes nothing else either', async () => {
    const user = await addHuman(tenant);
    const other = await addHuman(tenant);
    const before = await dumpTenant(tenant);
    for (const taken of [
      { username: other.username.toUpperCase() },
      { username: other.email },
      { email: { email: other.email } },
      { phone: { phone: other.username } },
      { username: `free-${t.nextSerial()}`, phone: { phone: other.phone } },
    ]) {
      expectError(await update(tenant.serviceToken, user.userId, taken), TAKEN);
    }
    expect(await dumpTenant(tenant)).toBe(before);
  });

  it('is for the user and for who may write users', async () => {
    const user = await t.makeUser(tenant);
    const own = await t.zapToken(tenant, user);
    for (const token of [own, admin, tenant.serviceToken]) {
      const username = `by-${t.nextSerial()}`;
      expect((await update(token, user.userId, { username })).status).toBe(200);
      expect((await showUser(tenant, user.userId)).username).toBe(username);
    }
    const before = await dumpTenant(tenant);
    const refusals: [string, string, ErrorRow][] = [
      [tenant.readerToken, user.userId, NOT_PERMITTED],
      [tenant.apiKey, user.userId, NOT_PERMITTED],
      [plain, user.userId, NO_MEMBERSHIP],
      [plain, 'nobody', NO_MEMBERSHIP],
      ['unknown', user.userId, INVALID_TOKEN],
      [foreign.serviceToken, user.userId, UNKNOWN],
      [tenant.serviceToken, 'nobody', UNKNOWN],
    ];
    for (const [token, userId, row] of refusals) {
      expectError(await update(token, userId, { username: 'taken over' }), row);
    }
    expect(await dumpTenant(tenant)).toBe(before);
  });

  it.each<[string, object]>([
    ['email.sendCode', { email: { email: 'code@mail.example', sendCode: {} } }],
    ['email.returnCode', { email: { email: 'code@mail.example', returnCode: {} } }],
    ['phone.returnCode', { phone: { phone: '+41', returnCode: {} } }],
  ])('does not serve %s, and changes nothing', async (_, part) => {
    const { userId } = await addHuman(tenant);
    const before = await dumpTenant(tenant);
    const body = { username: `part-${t.nextSerial()}`, ...part };
    const row: ErrorRow = [501, 12, null, /^a verification code for the /];
    expectError(await update(tenant.serviceToken, userId, body), row);
    expect(await dumpTenant(tenant)).toBe(before);
  });

  it.each<[string, object, RegExp]>([
    ['an empty user name', { username: '' }, /\.Username: value length must be between 1 and 200/],
    ['no email', { email: { email: 'none' } }, /SetHumanEmail\.Email: value must be a valid email/],
    ['a bell', { username: 'a\u0007' }, /\.Username: value must not contain control characters$/],
    [
      'no language',
      { profile: { givenName: 'A', familyName: 'B', preferredLanguage: 'x'.repeat(11) } },
      /\.PreferredLanguage: value length/,
    ],
  ])('refuses %s', async (_, body, words) => {
    const { userId } = await addHuman(tenant);
    expectError(await update(tenant.serviceToken, userId, body), [400, 3, null, words]);
  });
});

describe('UpdateUser', () => {
  const [, { update }] = UPDATERS;

  it('changes a part of the profile alone', async () => {
    const { userId } = await addHuman(tenant, { profile: { givenName: 'Ann', familyName: 'Ash' } });
    const body = { profile: { nickName: 'Annie' } };
    expect((await update(tenant.serviceToken, userId, body)).status).toBe(200);
    expect((await showUser(tenant, userId)).human.profile).toEqual({
      givenName: 'Ann',
      familyName: 'Ash',
      displayName: 'Ann Ash',
      nickName: 'Annie',
    });
  });
});
