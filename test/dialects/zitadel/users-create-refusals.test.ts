// AddHumanUser and CreateUser: what is refused is refused whole, in the vendor's words, and nothing is made.
import { beforeAll, describe, expect, it } from 'vitest';
import { measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { CREATORS, call, describeHuman, withPassword } from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError } from './wire.ts';

let tenant: t.TestTenant;
let strict: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
  const requireClasses = ['lower', 'upper', 'digit', 'symbol'];
  strict = await t.makeTenant({ settings: { policy: { requireClasses } } });
});

const TOO_LONG = 'ä'.repeat(201);
const person = (profile: object) => ({ profile: { ...describeHuman().profile, ...profile } });
const address = (email: string) => ({ email: { email } });

/** What CreateUser wraps once more. */
const HUMAN =
  '(?:invalid CreateUserRequest\\.Human: embedded message failed validation \\| caused by: )?';
const MESSAGE = '(?:AddHumanUserRequest|CreateUserRequest|CreateUserRequest_Human)';

function direct(field: string, fault: string): RegExp {
  return new RegExp(`^${HUMAN}invalid ${MESSAGE}\\.${field}: ${fault}$`);
}

function embedded(field: string, inner: string): RegExp {
  return direct(field, `embedded message failed validation \\| caused by: invalid ${inner}`);
}

const BETWEEN = 'value length must be between 1 and 200 runes, inclusive';
const AT_MOST = 'value length must be at most 200 runes';
const CONTROL = 'value must not contain control characters';

describe.each(CREATORS)('$name', ({ name, create, idOf }) => {
  async function expectNothingMade(
    human: object,
    row: ErrorRow,
    of = tenant,
    links = 0,
  ): Promise<void> {
    const before = await dumpTenant(of);
    const { value, cost } = await measure(() => create(of.serviceToken, of.orgId, human));
    expectError(value, row);
    expect(cost.links).toBe(links);
    expect(await dumpTenant(of)).toBe(before);
  }

  it.each<[string, object, RegExp]>([
    ['idpLinks', { idpLinks: [{ idpId: 'i', userId: 'u', userName: 'n' }] }, /^idp_links /],
    ['totpSecret', { totpSecret: 'JBSWY3DPEHPK3PXP' }, /^totp_secret /],
    ['metadata', { metadata: [{ key: 'k', value: 'dg==' }] }, /^metadata /],
    ['email.sendCode', { email: { email: 'code@mail.example', sendCode: {} } }, /email /],
    ['email.returnCode', { email: { email: 'code@mail.example', returnCode: {} } }, /email /],
    ['phone.sendCode', { phone: { phone: '+41', sendCode: {} } }, /phone /],
    ['phone.returnCode', { phone: { phone: '+41', returnCode: {} } }, /phone /],
  ])('does not serve %s', async (_, part, words) => {
    const human = { ...withPassword(t.newPassword()), ...part };
    await expectNothingMade(human, [501, 12, null, words]);
  });

  it.each<[string, object, RegExp]>([
    ['no profile', { profile: undefined }, direct('Profile', 'value is required')],
    ['no email', { email: undefined }, direct('Email', 'value is required')],
    ['an empty email', address(''), embedded('Email', `SetHumanEmail.Email: ${BETWEEN}`)],
    [
      'an email that is none',
      address('ann'),
      embedded('Email', 'SetHumanEmail.Email: value must be a valid email address'),
    ],
    [
      'an email with a bell',
      address('a\u0007@mail.example'),
      embedded('Email', `SetHumanEmail.Email: ${CONTROL}`),
    ],
    [
      'no given name',
      person({ givenName: '' }),
      embedded('Profile', `SetHumanProfile.GivenName: ${BETWEEN}`),
    ],
    [
      'a long family name',
      person({ familyName: TOO_LONG }),
      embedded('Profile', `SetHumanProfile.FamilyName: ${BETWEEN}`),
    ],
    [
      'a long nick name',
      person({ nickName: TOO_LONG }),
      embedded('Profile', `SetHumanProfile.NickName: ${AT_MOST}`),
    ],
    [
      'a long display name',
      person({ displayName: TOO_LONG }),
      embedded('Profile', `SetHumanProfile.DisplayName: ${AT_MOST}`),
    ],
    [
      'a name of two lines',
      person({ displayName: 'Ann\nAdmin' }),
      embedded('Profile', `SetHumanProfile.DisplayName: ${CONTROL}`),
    ],
    [
      'a long language',
      person({ preferredLanguage: 'de-CH-1996x' }),
      embedded(
        'Profile',
        'SetHumanProfile.PreferredLanguage: value length must be at most 10 runes',
      ),
    ],
    ['an empty user name', { username: '' }, direct('Username', BETWEEN)],
    ['an empty user id', { userId: '' }, direct('UserId', BETWEEN)],
    ['a user id of two lines', { userId: 'a\nb' }, direct('UserId', CONTROL)],
    ['a user id of dots', { userId: '..' }, /^invalid userId: value is not a plain name$/],
    [
      'a user id with space around',
      { userId: ' ann ' },
      /^invalid userId: value is not a plain name$/,
    ],
    [
      'an empty password',
      { password: { password: '' } },
      embedded('Password', `Password.Password: ${BETWEEN}`),
    ],
    [
      'a password above 200 runes',
      { password: { password: TOO_LONG } },
      embedded('Password', `Password.Password: ${BETWEEN}`),
    ],
    [
      'an empty hash',
      { password: undefined, hashedPassword: { hash: '' } },
      embedded('HashedPassword', `HashedPassword.Hash: ${BETWEEN}`),
    ],
    [
      'an unverified phone that is said to be',
      { phone: { phone: '+41', isVerified: false } },
      embedded('Phone', 'SetHumanPhone.IsVerified: value must equal true'),
    ],
  ])('refuses %s', async (_, part, words) => {
    const human = { ...withPassword(t.newPassword()), ...part };
    await expectNothingMade(human, [400, 3, null, words]);
  });

  it('counts runes, not bytes', async () => {
    const human = { ...describeHuman(), ...person({ familyName: '🔑'.repeat(200) }) };
    expect((await create(tenant.serviceToken, tenant.orgId, human)).status).toBe(200);
  });

  it.each<[string, string, string, string]>([
    ['too short', 'Sh0rt!', 'DOMAIN-HuJf6', 'Password is too short'],
    ['without lower case', 'LOUD HARBOUR 1 !', 'DOMAIN-co3Xw', 'Password must contain lower case'],
    ['without upper case', 'quiet harbour 1 !', 'DOMAIN-VoaRj', 'Password must contain upper case'],
    ['without a number', 'Quiet harbour xx !', 'DOMAIN-ZBv4H', 'Password must contain number'],
    ['without a symbol', 'QuietHarbour1Quiet', 'DOMAIN-ZDLwA', 'Password must contain symbol'],
  ])('refuses a password %s', async (_, password, id, text) => {
    await expectNothingMade(withPassword(password), [400, 3, id, text], strict);
  });

  it("refuses the user's own names, and what is no text, as a password", async () => {
    const human = describeHuman();
    const own = { ...human, password: { password: human.email.email } };
    const text = 'Password must not be made of the names of its user';
    await expectNothingMade(own, [400, 3, 'REKEY-own-name', text]);
    const bell = withPassword('a bell \u0007 in a long password');
    await expectNothingMade(bell, [400, 3, null, /^Password must be Unicode text without control/]);
  });

  it('refuses an id that is taken', async () => {
    const { userId } = await t.makeUser(tenant);
    const row: ErrorRow = [400, 9, 'COMMAND-7yiox1isql', 'Errors.User.AlreadyExisting'];
    await expectNothingMade({ userId, ...describeHuman() }, row);
  });

  it('refuses a name that is taken, by whatever field and in whatever case', async () => {
    const other = await t.makeUser(tenant);
    const phone = `+4177${1_000_000 + t.nextSerial()}`;
    const spoken = { ...describeHuman(), phone: { phone } };
    expect((await create(tenant.serviceToken, tenant.orgId, spoken)).status).toBe(200);
    const row: ErrorRow = [409, 6, 'V3-DKcYh', 'User already exists'];
    for (const part of [
      { username: other.username },
      { username: other.username.toUpperCase() },
      { username: other.email },
      { username: phone },
      address(other.email),
      address(other.email.toUpperCase()),
      { phone: { phone: other.username } },
      { phone: { phone } },
    ]) {
      await expectNothingMade({ ...describeHuman(), ...part }, row);
    }
  });

  it('lets a name go that is taken in another tenant', async () => {
    const human = { ...describeHuman(), userId: `both-${t.nextSerial()}` };
    for (const of of [tenant, strict]) {
      const made = await create(of.serviceToken, of.orgId, human);
      expect([made.status, idOf(made)]).toEqual([200, human.userId]);
    }
  });

  it('makes one of twenty of one id, or of one name', async () => {
    const human = describeHuman();
    const userId = `raced-${t.nextSerial()}-${name}`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        create(
          tenant.serviceToken,
          tenant.orgId,
          i % 2 === 0 ? human : { ...describeHuman(), userId },
        ),
      ),
    );
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(2);
    for (const { status } of answers) expect([200, 400, 409]).toContain(status);
  });
});

describe('a message of neither kind', () => {
  it('that is a machine is not served', async () => {
    const machine = { organizationId: tenant.orgId, machine: { name: 'robot' } };
    const answer = await call(tenant.serviceToken, 'POST', 'users/new', machine);
    expectError(answer, [501, 12, null, /^a machine /]);
  });

  it('that is nobody is refused', async () => {
    const answer = await call(tenant.serviceToken, 'POST', 'users/new', { organizationId: 'x' });
    expectError(answer, [400, 3, null, 'invalid CreateUserRequest.UserType: value is required']);
  });

  it('that names its organisation by a domain is not served', async () => {
    const body = { ...describeHuman(), organization: { orgDomain: 'acme.example' } };
    const answer = await call(tenant.serviceToken, 'POST', 'users/human', body);
    expectError(answer, [501, 12, null, /domain/]);
  });

  it('is refused to nobody only as nobody', async () => {
    const answer = await call('unknown', 'POST', 'users/human', {});
    expectError(answer, [401, 16, 'AUTH-7fs1e', 'Errors.Token.Invalid']);
  });
});
