// How SetPassword's body is read: protobuf's JSON mapping, strictly, and the vendor's field rules.
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
  zitadel,
  zitadelChange,
} from '../../support/tenant.ts';
import {
  bearer,
  type ErrorRow,
  expectDetails,
  expectError,
  expectRefusedForFree,
  MALFORMED,
  PASSWORD_EMPTY,
  post,
  UNKNOWN_USER,
  WRONG_PASSWORD,
} from './wire.ts';

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant);
});

describe('a body', () => {
  const path = () => `${user.userId}/password`;

  it.each([
    ['camelCase', 'newPassword', 'changeRequired', 'currentPassword'],
    ['snake_case', 'new_password', 'change_required', 'current_password'],
  ])('may be in %s', async (_, newField, requiredField, currentField) => {
    const own = await makeUser(tenant);
    const wanted = newPassword();
    const answer = await zitadelChange(tenant.readerToken, own.userId, {
      [newField]: { password: wanted, [requiredField]: true },
      [currentField]: own.password,
    });
    expectDetails(answer, tenant);
    const signedIn = await vbaSignIn(tenant, own.userId, wanted);
    expect(signedIn.body.data.challengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('may give the code in snake_case', async () => {
    const own = await makeUser(tenant, { withoutPassword: true });
    const answer = await zitadelChange(tenant.readerToken, own.userId, {
      new_password: { password: newPassword() },
      verification_code: await resetCode(tenant, own.userId),
    });
    expectDetails(answer, tenant);
  });

  it('may hold unknown fields, at any depth', async () => {
    const own = await makeUser(tenant);
    const answer = await zitadelChange(tenant.serviceToken, own.userId, {
      newPassword: { password: newPassword(), strength: { of: ['mine'] } },
      currentPassword: own.password,
      organisation: null,
      list: [1, { a: 'b' }],
      other_list: [],
      otherList: [],
    });
    expectDetails(answer, tenant);
    const events = await listEvents(tenant, own.userId);
    expect(events.at(-1)?.facts).toMatchObject({ proof: 'password', mustChange: false });
  });

  it.each([
    ['changeRequired', { changeRequired: null }, {}],
    ['currentPassword', {}, { currentPassword: null }],
    ['verificationCode', {}, { verificationCode: null }],
    ['both proofs', {}, { currentPassword: null, verificationCode: null }],
  ])('reads null in %s as not given', async (_, newPasswordField, proof) => {
    const own = await makeUser(tenant, { withoutPassword: true });
    const answer = await zitadelChange(tenant.serviceToken, own.userId, {
      newPassword: { ...newPasswordField, password: newPassword() },
      ...proof,
    });
    expectDetails(answer, tenant);
    const events = await listEvents(tenant, own.userId);
    expect(events.at(-1)?.facts).toMatchObject({ proof: 'authority', mustChange: false });
  });

  it('reads the proof beside one that is null', async () => {
    const answer = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
      currentPassword: 'not the current password',
      verificationCode: null,
    });
    expectError(answer, WRONG_PASSWORD);
  });

  it.each([
    ['no body', null],
    ['an empty object', '{}'],
    ['newPassword null', '{"newPassword":null}'],
    ['a password in a field that does not exist', '{"password":"a password that is long"}'],
  ])('with no new password is refused: %s', async (_, text) => {
    const before = await readUser(tenant, user.userId);
    expectError(await post(path(), text, bearer(tenant.serviceToken)), PASSWORD_EMPTY);
    expect(await readUser(tenant, user.userId)).toEqual(before);
  });

  it.each([
    ['text/plain'],
    ['application/json; charset=utf-8'],
    ['application/x-www-form-urlencoded'],
    ['*/*'],
    [null],
  ])('is read as JSON when its content type is %s', async (type) => {
    const headers = { authorization: `Bearer ${tenant.serviceToken}` };
    const answer = await post(
      path(),
      '{"newPassword":{"password":"short"}}',
      type === null ? headers : { ...headers, 'content-type': type },
    );
    expectError(answer, [400, 3, 'DOMAIN-HuJf6', 'Password is too short']);
  });

  const P = '"password":"a password that is long"';
  it.each([
    ['a field in both spellings', `{"newPassword":{${P}},"new_password":{${P}}}`],
    [
      'a nested field in both spellings',
      `{"newPassword":{${P},"changeRequired":true,"change_required":true}}`,
    ],
    ['a field in both spellings, once null', `{"newPassword":null,"new_password":{${P}}}`],
    ['a field twice', `{"newPassword":{${P}},"newPassword":{${P}}}`],
    ['a nested field twice', `{"newPassword":{${P},${P}}}`],
    ['a field twice, once escaped', `{"newPassword":{${P}},"newPasswor\\u0064":{${P}}}`],
    ['both proofs', `{"newPassword":{${P}},"currentPassword":"a","verificationCode":"b"}`],
    [
      'both proofs, one of them empty',
      `{"newPassword":{${P}},"currentPassword":"","verificationCode":"b"}`,
    ],
    ['a trailing comma', `{"newPassword":{${P}},}`],
    ['no end', `{"newPassword":{${P}}`],
    ['a form', 'newPassword.password=a+password+that+is+long'],
    ['an array', `[{"newPassword":{${P}}}]`],
    ['null', 'null'],
    ['a string', '"newPassword"'],
    ['a number', '1'],
    ['a new password that is text', '{"newPassword":"a password that is long"}'],
    ['a new password that is a list', '{"newPassword":[]}'],
    ['a password that is a number', '{"newPassword":{"password":123456789012345}}'],
    ['a password that is a list', '{"newPassword":{"password":["a password that is long"]}}'],
    ['a changeRequired that is text', `{"newPassword":{${P},"changeRequired":"true"}}`],
    ['a changeRequired that is a number', `{"newPassword":{${P},"changeRequired":1}}`],
    ['a current password that is an object', `{"newPassword":{${P}},"currentPassword":{}}`],
    ['a lone surrogate', `{"newPassword":{${P}},"currentPassword":"not well-formed \\ud800"}`],
    ['a code that is a number', `{"newPassword":{${P}},"verificationCode":12345678}`],
  ])('is refused before anyone is asked who they are: %s', async (_, text) => {
    expectError(await post(path(), text), MALFORMED);
    const before = await readUser(tenant, user.userId);
    expectError(await post(path(), text, bearer(tenant.serviceToken)), MALFORMED);
    expect(await readUser(tenant, user.userId)).toEqual(before);
  });
});

function violation(rule: string): ErrorRow {
  return [400, 3, null, `invalid ${rule}, inclusive`];
}

const NESTED =
  'SetPasswordRequest.NewPassword: embedded message failed validation | caused by: invalid Password.Password: value length must be between 1 and 200 runes';

describe('a field that breaks its rule is named, in the words of the validator', () => {
  const newPasswordField = { newPassword: { password: 'a password that is long' } };
  it.each<[string, string, (id: string) => string, object]>([
    [
      'SetPasswordRequest.UserId: value length must be between 1 and 200 runes',
      'a user id of 201 runes',
      () => '🔑'.repeat(201),
      newPasswordField,
    ],
    [NESTED, 'an empty new password', (id) => id, { newPassword: { password: '' } }],
    [NESTED, 'a new password that is not there', (id) => id, { newPassword: {} }],
    [
      NESTED,
      'a new password of 201 runes',
      (id) => id,
      { newPassword: { password: '🔑'.repeat(201) } },
    ],
    [
      'SetPasswordRequest.CurrentPassword: value length must be between 1 and 200 runes',
      'an empty current password',
      (id) => id,
      { ...newPasswordField, currentPassword: '' },
    ],
    [
      'SetPasswordRequest.CurrentPassword: value length must be between 1 and 200 runes',
      'a current password of 201 runes',
      (id) => id,
      { ...newPasswordField, currentPassword: 'p'.repeat(201) },
    ],
    [
      'SetPasswordRequest.VerificationCode: value length must be between 1 and 20 runes',
      'an empty code',
      (id) => id,
      { ...newPasswordField, verificationCode: '' },
    ],
    [
      'SetPasswordRequest.VerificationCode: value length must be between 1 and 20 runes',
      'a code of 21 runes',
      (id) => id,
      { ...newPasswordField, verificationCode: 'A'.repeat(21) },
    ],
    [
      'SetPasswordRequest.UserId: value length must be between 1 and 200 runes',
      'the first of two',
      () => 'u'.repeat(201),
      { newPassword: { password: '' } },
    ],
  ])('%s: %s', async (rule, _, id, body) => {
    await expectRefusedForFree(tenant, user, {
      userId: id(user.userId),
      body,
      row: violation(rule),
    });
  });

  it('a reset names its own message', async () => {
    const answer = await zitadel(tenant.serviceToken, `${'u'.repeat(201)}/password_reset`, {
      returnCode: {},
    });
    expectError(
      answer,
      violation('PasswordResetRequest.UserId: value length must be between 1 and 200 runes'),
    );
  });

  it('200 runes are within every bound', async () => {
    const body = {
      newPassword: { password: `${'🔑'.repeat(199)}🔒` },
      currentPassword: '🔒'.repeat(200),
    };
    await expectRefusedForFree(tenant, user, { userId: '🔑'.repeat(200), body, row: UNKNOWN_USER });
    const own = await makeUser(tenant, { withoutPassword: true });
    const { newPassword: wanted } = body;
    expectDetails(
      await zitadelChange(tenant.serviceToken, own.userId, { newPassword: wanted }),
      tenant,
    );
  });
});
