// Verification codes over REST: how they are asked for, what they are, how long they live, and what kills them.
import { beforeAll, describe, expect, it } from 'vitest';
import { LETTER_CODE } from '../../../src/core/code.ts';
import { measure } from '../../support/rekey.ts';
import {
  admin,
  databaseOf,
  disableUser,
  listEvents,
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  resetCode,
  type TestTenant,
  zapToken,
  zitadel,
  zitadelChange,
} from '../../support/tenant.ts';
import {
  type ErrorRow,
  EXPIRED_CODE,
  expectDetails,
  expectError,
  MALFORMED,
  MISSING_HEADER,
  NO_CODE,
  NO_MEMBERSHIP,
  NOT_PERMITTED,
  post,
  WRONG_CODE,
} from './wire.ts';

let tenant: TestTenant;
let otherToken: string;

beforeAll(async () => {
  tenant = await makeTenant();
  otherToken = await zapToken(tenant, await makeUser(tenant));
});

async function makeResettable(): Promise<string> {
  return (await makeUser(tenant, { withoutPassword: true })).userId;
}

function useCode(userId: string, verificationCode: string, token = tenant.serviceToken) {
  const body = { newPassword: { password: newPassword() }, verificationCode };
  return zitadelChange(token, userId, body);
}

function reset(userId: string, body: unknown, token = tenant.serviceToken) {
  return zitadel(token, `${userId}/password_reset`, body);
}

async function expireCodes(userId: string): Promise<void> {
  await databaseOf(tenant)
    .prepare('UPDATE code SET expires_at = ? WHERE tenant_id = ? AND user_id = ?')
    .bind(Date.now() - 1, tenant.orgId, userId)
    .run();
}

function expectIssued(answer: Awaited<ReturnType<typeof reset>>): void {
  const { verificationCode, ...rest } = answer.body;
  expectDetails({ ...answer, body: rest }, tenant);
  expect(verificationCode).toMatch(
    new RegExp(`^[${LETTER_CODE.alphabet}]{${LETTER_CODE.length}}$`),
  );
}

describe('a reset with returnCode', () => {
  it.each([
    ['returnCode', { returnCode: {} }],
    ['return_code', { return_code: {} }],
    ['returnCode with unknown fields', { returnCode: { length: 4 }, other: 1 }],
    ['returnCode beside a null', { returnCode: {}, sendLink: null }],
  ])('answers a code of the alphabet: %s', async (_, body) => {
    const userId = await makeResettable();
    const answer = await reset(userId, body);
    expectIssued(answer);
    const status = await readUser(tenant, userId);
    expect(status).toMatchObject({
      passwordVersion: 1,
      sequence: answer.body.details.sequence,
    });
    expect((await listEvents(tenant, userId)).at(-1)).toMatchObject({
      type: 'code.issued',
      dialect: 'zitadel',
    });
  });

  it('is open to an admin', async () => {
    const token = await zapToken(tenant, await makeUser(tenant, { role: 'admin' }));
    expectIssued(await reset(await makeResettable(), { returnCode: {} }, token));
  });

  it('keeps the code as a keyed hash only', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    const { results } = await databaseOf(tenant)
      .prepare('SELECT * FROM code WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, userId)
      .all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(code);
    expect(JSON.stringify(await listEvents(tenant, userId))).not.toContain(code);
  });

  it.each<[string, () => Promise<string>, ErrorRow]>([
    ['the user', async () => zapToken(tenant, await makeUser(tenant)), NO_MEMBERSHIP],
    ['another user', async () => otherToken, NO_MEMBERSHIP],
    ['a key that may read', async () => tenant.readerToken, NOT_PERMITTED],
    ['a key that may sign in', async () => tenant.apiKey, NOT_PERMITTED],
  ])('is not open to %s for somebody', async (_, token, row) => {
    const userId = await makeResettable();
    const before = await readUser(tenant, userId);
    expectError(await reset(userId, { returnCode: {} }, await token()), row);
    expect(await readUser(tenant, userId)).toEqual(before);
  });

  it('is not open to the user: a stolen token would need no proof', async () => {
    const user = await makeUser(tenant);
    const token = await zapToken(tenant, user);
    expectError(await reset(user.userId, { returnCode: {} }, token), NOT_PERMITTED);
  });

  const NO_USER: ErrorRow = [404, 5, 'COMMAND-SAF4f', 'User could not be found'];

  it('tells who may write users that a user is unknown or disabled', async () => {
    expectError(await reset('nobody', { returnCode: {} }), NO_USER);
    const userId = await makeResettable();
    await disableUser(tenant, userId);
    expectError(await reset(userId, { returnCode: {} }), NO_USER);
  });
});

describe('a reset by mail or message needs a delivery', () => {
  it.each([
    ['no medium', {}],
    ['sendLink', { sendLink: {} }],
    ['sendLink by name', { sendLink: { notificationType: 'NOTIFICATION_TYPE_SMS' } }],
    ['returnCode null', { returnCode: null }],
  ])('and without one nothing is made: %s', async (_, body) => {
    const userId = await makeResettable();
    const before = await readUser(tenant, userId);
    expectError(await reset(userId, body), [400, 9, null, 'No delivery is configured']);
    expect(await readUser(tenant, userId)).toEqual(before);
  });

  it.each([
    ['both media', '{"returnCode":{},"sendLink":{}}'],
    ['a medium that is text', '{"returnCode":"yes"}'],
    ['a medium that is a list', '{"returnCode":[]}'],
    ['a notification type that is no name', '{"sendLink":{"notificationType":true}}'],
    ['a medium twice', '{"returnCode":{},"return_code":{}}'],
  ])('and a malformed message is refused as such: %s', async (_, text) => {
    expectError(await post(`${await makeResettable()}/password_reset`, text), MALFORMED);
  });

  it('and who calls is asked first', async () => {
    expectError(await post('anybody/password_reset', '{}'), MISSING_HEADER);
  });
});

describe('a code', () => {
  it('may be typed in lower case', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    expectDetails(await useCode(userId, code.toLowerCase()), tenant);
  });

  it('that is wrong, or none, or expired, is told to who may read users', async () => {
    const userId = await makeResettable();
    expectError(await useCode(userId, 'ABCDEFGH'), NO_CODE);
    const code = await resetCode(tenant, userId);
    expectError(await useCode(userId, 'ABCDEFGH', tenant.readerToken), WRONG_CODE);
    await expireCodes(userId);
    expectError(await useCode(userId, code, tenant.readerToken), EXPIRED_CODE);
    expectError(await useCode(userId, code), EXPIRED_CODE);
    expect((await readUser(tenant, userId)).passwordVersion).toBe(1);
  });

  it('that is wrong, or none, or expired, is wrong to everybody else', async () => {
    const userId = await makeResettable();
    expectError(await useCode(userId, 'ABCDEFGH', otherToken), WRONG_CODE);
    const code = await resetCode(tenant, userId);
    expectError(await useCode(userId, 'ABCDEFGH', otherToken), WRONG_CODE);
    await expireCodes(userId);
    expectError(await useCode(userId, code, otherToken), WRONG_CODE);
  });

  it('that was used is gone', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    expectDetails(await useCode(userId, code), tenant);
    expectError(await useCode(userId, code), NO_CODE);
    expect((await readUser(tenant, userId)).passwordVersion).toBe(2);
  });

  it('dies after five wrong tries', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    for (let tries = 0; tries < 5; tries += 1) {
      await useCode(userId, 'ABCDEFGH', otherToken);
    }
    const { value, cost } = await measure((on) =>
      zitadelChange(
        tenant.serviceToken,
        userId,
        { newPassword: { password: newPassword() }, verificationCode: code },
        on,
      ),
    );
    expectError(value, NO_CODE);
    expect(cost.links).toBe(0);
  });

  it('works after four wrong tries', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    for (let tries = 0; tries < 4; tries += 1) await useCode(userId, 'ABCDEFGH');
    expectDetails(await useCode(userId, code), tenant);
  });

  it('lives beside the one before it, and no older one does', async () => {
    const userId = await makeResettable();
    const [first, second, third] = [
      await resetCode(tenant, userId),
      await resetCode(tenant, userId),
      await resetCode(tenant, userId),
    ];
    expectError(await useCode(userId, first), WRONG_CODE);
    expectDetails(await useCode(userId, second), tenant);
    expectError(await useCode(userId, third), NO_CODE);
  });

  it('dies with a change by another proof', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    await zitadelChange(tenant.serviceToken, userId, { newPassword: { password: newPassword() } });
    expectError(await useCode(userId, code), NO_CODE);
  });

  it('of one user is nothing for another', async () => {
    const [userA, userB] = [await makeResettable(), await makeResettable()];
    const code = await resetCode(tenant, userA);
    expectError(await useCode(userB, code), NO_CODE);
    expect((await readUser(tenant, userB)).passwordVersion).toBe(1);
    expectDetails(await useCode(userA, code), tenant);
  });

  it('of one tenant is nothing in another, though the user ids are the same', async () => {
    const other = await makeTenant();
    const { userId } = await makeUser(tenant, { withoutPassword: true });
    await makeUser(other, { userId, withoutPassword: true });
    const code = await resetCode(tenant, userId);
    expectError(await useCode(userId, code, other.serviceToken), NO_CODE);
    expectDetails(await useCode(userId, code), tenant);
  });

  it('is not spent by a new password that breaks the policy', async () => {
    const userId = await makeResettable();
    const code = await resetCode(tenant, userId);
    const body = { newPassword: { password: 'short' }, verificationCode: code };
    const answer = await zitadelChange(tenant.serviceToken, userId, body);
    expectError(answer, [400, 3, 'DOMAIN-HuJf6', 'Password is too short']);
    expect((await readUser(tenant, userId)).failedAttempts).toBe(0);
    expectDetails(await useCode(userId, code), tenant);
  });

  it('asked for by the operator works as well', async () => {
    const userId = await makeResettable();
    const issued = await admin('POST', `/tenants/${tenant.orgId}/users/${userId}/codes`, {
      purpose: 'reset',
    });
    expect(issued.status).toBe(201);
    expectDetails(await useCode(userId, issued.body.code), tenant);
  });
});
