// SetPassword's errors, row by row: code, HTTP status, id and text, and what they cost.
import { beforeAll, describe, expect, it } from 'vitest';
import { measure } from '../../support/rekey.ts';
import {
  disableUser,
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  type TestTenant,
  type TestUser,
  zitadelChange,
} from '../../support/tenant.ts';
import {
  type ErrorRow,
  expectDetails,
  expectError,
  expectRefusedForFree,
  PASSWORD_EMPTY,
  UNKNOWN_USER,
  WRONG_PASSWORD,
} from './wire.ts';

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant);
});

function expectRefused(userId: string, body: unknown, row: ErrorRow, token?: string) {
  return expectRefusedForFree(tenant, user, { userId, body, row, token });
}

describe('an absent new password is refused', () => {
  it.each<[string, object, ErrorRow]>([
    ['with the current password', { currentPassword: 'anything' }, PASSWORD_EMPTY],
    [
      'with a code',
      { verificationCode: 'ABCDEFGH' },
      [400, 3, 'COMMAND-Mf0sd', 'Password is empty'],
    ],
    ['with neither', {}, PASSWORD_EMPTY],
  ])('%s', async (_, body, row) => {
    await expectRefused(user.userId, body, row);
  });
});

describe('a current password is refused', () => {
  it('when it is wrong, at the cost of one derivation', async () => {
    const own = await makeUser(tenant);
    const { value, cost } = await measure((on) =>
      zitadelChange(
        tenant.serviceToken,
        own.userId,
        { currentPassword: 'not the current one', newPassword: { password: newPassword() } },
        on,
      ),
    );
    expectError(value, WRONG_PASSWORD);
    expect(cost).toMatchObject({ links: 6, trips: 2 });
    expect(await readUser(tenant, own.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 1,
    });
  });

  it('when it could never be a password, at no cost', async () => {
    const body = {
      currentPassword: `${user.password}\u0000`,
      newPassword: { password: newPassword() },
    };
    await expectRefused(user.userId, body, WRONG_PASSWORD);
  });

  it('when the user has none', async () => {
    const own = await makeUser(tenant, { withoutPassword: true });
    const body = { currentPassword: 'any', newPassword: { password: newPassword() } };
    const row: ErrorRow = [400, 9, 'COMMAND-Fds3s', 'User has not set a password'];
    await expectRefused(own.userId, body, row);
    expect((await readUser(tenant, own.userId)).failedAttempts).toBe(0);
  });

  const SAME: ErrorRow = [
    400,
    9,
    'COMMAND-Aesh5',
    'New password cannot be the same as your current password',
  ];

  it('when it is the new one, even if it is not the right one', async () => {
    const wrong = newPassword();
    await expectRefused(
      user.userId,
      { currentPassword: wrong, newPassword: { password: wrong } },
      SAME,
    );
    await expectRefused(
      user.userId,
      { currentPassword: user.password, newPassword: { password: user.password } },
      SAME,
    );
  });

  it('when it is the new one in another Unicode form', async () => {
    const body = {
      currentPassword: 'caf\u00e9 on the corner',
      newPassword: { password: 'cafe\u0301 on the corner' },
    };
    await expectRefused(user.userId, body, SAME);
  });

  it('and so the same password may be set again by authority', async () => {
    const own = await makeUser(tenant);
    const answer = await zitadelChange(tenant.serviceToken, own.userId, {
      newPassword: { password: own.password },
    });
    expectDetails(answer, tenant);
  });
});

describe('an unknown user is told to who may read users, at no cost', () => {
  const wanted = { newPassword: { password: 'a password that is long' } };
  it.each<[string, () => string, object]>([
    ['user.write by authority', () => tenant.serviceToken, wanted],
    [
      'user.write by authority, too short',
      () => tenant.serviceToken,
      { newPassword: { password: 'x' } },
    ],
    [
      'user.write by the current password',
      () => tenant.serviceToken,
      { ...wanted, currentPassword: 'x' },
    ],
    ['user.write by a code', () => tenant.serviceToken, { ...wanted, verificationCode: 'x' }],
    [
      'user.read by the current password',
      () => tenant.readerToken,
      { ...wanted, currentPassword: 'x' },
    ],
    ['user.read by a code', () => tenant.readerToken, { ...wanted, verificationCode: 'x' }],
  ])('%s', async (_, token, body) => {
    await expectRefused('nobody', body, UNKNOWN_USER, token());
  });

  it('a disabled user is none', async () => {
    const own = await makeUser(tenant);
    await disableUser(tenant, own.userId);
    for (const proof of [
      {},
      { currentPassword: own.password },
      { currentPassword: 'not the password' },
      { verificationCode: 'ABCDEFGH' },
    ]) {
      await expectRefused(own.userId, { ...wanted, ...proof }, UNKNOWN_USER);
    }
    expect((await readUser(tenant, own.userId)).passwordVersion).toBe(1);
  });
});

describe('a new password that breaks the policy is refused', () => {
  it.each([
    ['14 characters', 'p4ssw0rd-14-cp'],
    ['14 emoji, 28 units, 56 bytes', '🔑'.repeat(14)],
  ])('as too short: %s', async (_, password) => {
    const row: ErrorRow = [400, 3, 'DOMAIN-HuJf6', 'Password is too short'];
    await expectRefused(user.userId, { newPassword: { password } }, row);
  });

  it.each([
    ['with a control character', () => 'a password that\u0007 is long'],
    ['with a NUL', () => 'a password that is long\u0000'],
  ])('in words of our own, without an id: %s', async (_, password) => {
    await expectRefused(user.userId, { newPassword: { password: password() } }, [
      400,
      3,
      null,
      /./,
    ]);
  });

  it('with an id of our own where the vendor has none', async () => {
    const password = `${user.username} ${user.email}`;
    await expectRefused(user.userId, { newPassword: { password } }, [
      400,
      3,
      'REKEY-own-name',
      'Password must not be made of the names of its user',
    ]);
  });

  it('only after the current password was proved, and that costs no guess', async () => {
    const own = await makeUser(tenant);
    const short = { newPassword: { password: 'short' } };
    const wrong = await zitadelChange(tenant.serviceToken, own.userId, {
      ...short,
      currentPassword: 'not the current one',
    });
    expectError(wrong, WRONG_PASSWORD);
    const right = await zitadelChange(tenant.serviceToken, own.userId, {
      ...short,
      currentPassword: own.password,
    });
    expectError(right, [400, 3, 'DOMAIN-HuJf6', 'Password is too short']);
    expect(await readUser(tenant, own.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 0,
    });
  });

  describe('of a tenant that demands classes and a length', () => {
    let strict: TestTenant;
    let member: TestUser;

    beforeAll(async () => {
      strict = await makeTenant({
        settings: {
          policy: {
            minLength: 8,
            maxLength: 30,
            requireClasses: ['symbol', 'digit', 'upper', 'lower'],
          },
        },
      });
      member = await makeUser(strict, { withoutPassword: true });
    });

    it.each<[string, string, string | null, string | RegExp]>([
      ['too short, whatever else it lacks', '1234567', 'DOMAIN-HuJf6', 'Password is too short'],
      [
        'no class at all but digits',
        '123456789',
        'DOMAIN-co3Xw',
        'Password must contain lower case',
      ],
      [
        'no upper case and no symbol',
        'abcdefg123',
        'DOMAIN-VoaRj',
        'Password must contain upper case',
      ],
      ['no digit and no symbol', 'Abcdefghij', 'DOMAIN-ZBv4H', 'Password must contain number'],
      ['no symbol', 'Abcdefg123', 'DOMAIN-ZDLwA', 'Password must contain symbol'],
      ['31 characters', `Aa1!${'x'.repeat(27)}`, 'REKEY-too-long', 'Password is too long'],
    ])('%s', async (_, password, id, text) => {
      const answer = await zitadelChange(strict.serviceToken, member.userId, {
        newPassword: { password },
      });
      expectError(answer, [400, 3, id, text]);
    });

    it('and one that keeps all rules is taken', async () => {
      const answer = await zitadelChange(strict.serviceToken, member.userId, {
        newPassword: { password: 'Abcdef1!' },
      });
      expectDetails(answer, strict);
    });
  });
});
