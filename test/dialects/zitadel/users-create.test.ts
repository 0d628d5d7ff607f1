// AddHumanUser and CreateUser: who may make a user, and what is made of a message.
import { beforeAll, describe, expect, it } from 'vitest';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import {
  CREATORS,
  call,
  describeHuman,
  showUser,
  withPassword,
} from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError, INVALID_TOKEN, NO_MEMBERSHIP, NOT_PERMITTED } from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let tokens: Record<'admin' | 'plain', string>;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  tokens = {
    admin: await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' })),
    plain: await t.zapToken(tenant, await t.makeUser(tenant)),
  };
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);

describe.each(CREATORS)('$name', ({ name, create, idOf }) => {
  const add = (token: string, human: object, organisation = tenant.orgId) =>
    create(token, organisation, human);

  it('makes a user who signs in at once, by id and by every name', async () => {
    const password = t.newPassword();
    const n = t.nextSerial();
    const username = `Member ${n}`;
    const phone = `+4178${1_000_000 + n}`;
    const human = { username, ...withPassword(password), phone: { phone, isVerified: true } };
    const userId = idOf(await add(tenant.serviceToken, human));
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(200);
    for (const name of [username.toUpperCase(), human.email.email, phone]) {
      expect((await t.zapLogin(tenant, name, password)).status, name).toBe(200);
    }
    expect(await showUser(tenant, userId)).toMatchObject({
      userId,
      state: 'USER_STATE_ACTIVE',
      username,
      loginNames: [username, human.email.email, phone],
      preferredLoginName: username,
      human: {
        profile: { ...human.profile, displayName: `Ann ${human.profile.familyName}` },
        email: { email: human.email.email, isVerified: true },
        phone: { phone, isVerified: true },
      },
    });
  });

  it('takes the id that is given, and the email for a user name that is not', async () => {
    const userId = `given/id ${t.nextSerial()}`;
    const human = describeHuman();
    const answer = await add(tenant.serviceToken, { userId, ...human });
    expect(idOf(answer)).toBe(userId);
    const { username, preferredLoginName, loginNames } = await showUser(tenant, userId);
    const { email } = human.email;
    expect([username, preferredLoginName, loginNames]).toEqual([email, email, [email, email]]);
  });

  it('keeps the whole profile', async () => {
    const profile = {
      givenName: 'Zoë',
      familyName: 'Ō',
      nickName: 'Z',
      displayName: 'Zoë of Ō',
      preferredLanguage: 'de-CH',
      gender: 'GENDER_DIVERSE',
    };
    const { email } = describeHuman().email;
    const userId = idOf(await add(tenant.serviceToken, { profile, email: { email } }));
    const { human } = await showUser(tenant, userId);
    expect(human.profile).toEqual(profile);
    // A bool that is false is left out by protobuf's JSON mapping.
    expect(human.email).toEqual({ email });
    expect(human.phone).toBeUndefined();
  });

  it('with changeRequired makes a temporary password', async () => {
    const password = t.newPassword();
    const userId = idOf(await add(tenant.serviceToken, withPassword(password, true)));
    expect((await t.vbaSignIn(tenant, userId, password)).body.data).toMatchObject({
      challengeName: 'NEW_PASSWORD_REQUIRED',
      authenticationResult: null,
    });
    expect((await showUser(tenant, userId)).human.passwordChangeRequired).toBe(true);
  });

  it('without a password makes a user whom nothing signs in until there is one', async () => {
    const userId = idOf(await add(tenant.serviceToken, describeHuman()));
    expect(await t.readUser(tenant, userId)).toMatchObject({ state: 'no-password' });
    expect((await t.vbaSignIn(tenant, userId, t.newPassword())).status).toBe(401);
    expect((await showUser(tenant, userId)).human.passwordChanged).toBeUndefined();
    const password = t.newPassword();
    const set = await t.zitadelChange(tenant.serviceToken, userId, { newPassword: { password } });
    expect(set.status).toBe(200);
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(200);
  });

  it("lets an admin make a user, who is the admin's equal in nothing", async () => {
    const password = t.newPassword();
    const human = withPassword(password);
    const userId = idOf(await add(tokens.admin, human));
    const { email } = human.email;
    const made = await t.zapToken(tenant, { userId, email, username: email, password });
    expectError(await add(made, describeHuman()), NO_MEMBERSHIP);
    const [created] = await t.listEvents(tenant, userId);
    expect(created).toMatchObject({
      type: 'user.created',
      dialect: 'zitadel',
      actor: { kind: 'admin' },
      facts: { role: 'user', initial: 'password' },
    });
  });

  it.each<[string, () => [token: string, organisation?: string], ErrorRow]>([
    ['a key that may read', () => [tenant.readerToken], NOT_PERMITTED],
    ['a key that may sign in', () => [tenant.apiKey], NOT_PERMITTED],
    ["a plain user's token", () => [tokens.plain], NO_MEMBERSHIP],
    ['a key of another tenant', () => [foreign.serviceToken, tenant.orgId], NO_MEMBERSHIP],
    ['a key, in another tenant', () => [tenant.serviceToken, foreign.orgId], NO_MEMBERSHIP],
    ['an admin, in another tenant', () => [tokens.admin, foreign.orgId], NO_MEMBERSHIP],
    ['a key, in no tenant', () => [tenant.serviceToken, 'db_nowhere'], NO_MEMBERSHIP],
    ['nobody', () => ['unknown'], INVALID_TOKEN],
  ])('is refused to %s, and nothing is made', async (_, caller, row) => {
    const before = [await dumpTenant(tenant), await dumpTenant(foreign)];
    const [token, organisation] = caller();
    expectError(await add(token, withPassword(t.newPassword()), organisation), row);
    expect([await dumpTenant(tenant), await dumpTenant(foreign)]).toEqual(before);
  });

  it('answers with the id and when it was made, and nothing else', async () => {
    const answer = await add(tenant.serviceToken, describeHuman());
    const userId = idOf(answer);
    expect(userId).toMatch(/^[\w-]{16}$/);
    const details = {
      sequence: '1',
      changeDate: TIME,
      creationDate: TIME,
      resourceOwner: tenant.orgId,
    };
    const shape =
      name === 'AddHumanUser' ? { userId, details } : { id: userId, creationDate: TIME };
    expect([answer.status, answer.body]).toEqual([200, shape]);
    expect(await t.readUser(tenant, userId)).toMatchObject({ sequence: '1', passwordVersion: 1 });
  });
});

describe('AddHumanUser', () => {
  it("makes the user in the key's own organisation when none is named", async () => {
    const human = { ...describeHuman(), organization: {} };
    for (const body of [human, { ...describeHuman() }]) {
      const answer = await call(foreign.serviceToken, 'POST', 'users/human', body);
      expect(answer.body.details.resourceOwner).toBe(foreign.orgId);
    }
  });

  it('reads names in snake case as well', async () => {
    const { email } = describeHuman().email;
    const body = {
      profile: { given_name: 'Bo', family_name: 'Birk' },
      email: { email, is_verified: true },
      password: { password: t.newPassword(), change_required: true },
    };
    const { userId } = (await call(tenant.serviceToken, 'POST', 'users/human', body)).body;
    expect((await showUser(tenant, userId)).human).toMatchObject({
      profile: { givenName: 'Bo', familyName: 'Birk', displayName: 'Bo Birk' },
      email: { email, isVerified: true },
      passwordChangeRequired: true,
    });
  });
});
