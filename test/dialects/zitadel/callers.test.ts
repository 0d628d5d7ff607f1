// Who may call: tokens, permissions, the organisation header, and what callers who may not read users learn.
import { env } from 'cloudflare:workers';
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import {
  admin,
  disableUser,
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
import {
  bearer,
  type ErrorRow,
  expectDetails,
  expectError,
  expectRefusedForFree,
  INVALID_TOKEN,
  MISSING_HEADER,
  NO_MEMBERSHIP,
  NOT_PERMITTED,
  post,
  UNKNOWN_USER,
  WRONG_CODE,
  WRONG_ORGANISATION,
  WRONG_PASSWORD,
} from './wire.ts';

let tenant: TestTenant;
let foreign: TestTenant;
let user: TestUser;
let tokens: Record<'self' | 'other' | 'admin', string>;

beforeAll(async () => {
  tenant = await makeTenant();
  foreign = await makeTenant({ place: 'eu' });
  user = await makeUser(tenant);
  tokens = {
    self: await zapToken(tenant, user),
    other: await zapToken(tenant, await makeUser(tenant)),
    admin: await zapToken(tenant, await makeUser(tenant, { role: 'admin' })),
  };
});

const wanted = () => ({ newPassword: { password: newPassword() } });

describe('a caller', () => {
  /** Neither a valid message nor a valid caller: who calls is asked first. */
  const call = (headers: Record<string, string>) => post(`${user.userId}/password`, '{}', headers);

  it('who shows nothing is told that the header is missing', async () => {
    const answer = await call({});
    expectError(answer, MISSING_HEADER);
    expect(answer.headers.get('www-authenticate')).toBeTruthy();
  });

  it.each([
    ['Basic dXNlcjp3b3JkcyBvZiBub2JvZHk='],
    ['Bearer'],
    ['Token abc'],
    ['Bearer  abc'],
    ['Bearer a b'],
    ['Bearer a, Bearer b'],
    ['abc'],
  ])('who shows %s is told that the header is invalid', async (authorization) => {
    const answer = await call({ authorization });
    expectError(answer, [401, 16, 'AUTH-toLo1', 'invalid auth header']);
    expect(answer.headers.get('www-authenticate')).toBeTruthy();
  });

  it.each<[string, () => Promise<string> | string]>([
    ['an unknown word', () => 'unknown'],
    ['an unknown key', () => `rk_db_${'A'.repeat(43)}`],
    ['a key of an unknown place', () => tenant.serviceToken.replace('_db_', '_nowhere_')],
    ['a key of another place', () => tenant.serviceToken.replace('_db_', '_db-eu_')],
    ['a key that is cut', () => tenant.serviceToken.slice(0, -1)],
    ['a revoked key', () => revokedKey()],
    ['an expired token', () => resign(tokens.self, { exp: Math.floor(Date.now() / 1000) - 1 })],
    ['a token without an end', () => resign(tokens.self, { exp: undefined })],
    ['a token of another issuer', () => resign(tokens.self, { iss: 'https://other.example' })],
    [
      'a token with another signature',
      () => tokens.self.replace(/\.[^.]+$/, (s) => s.split('').reverse().join('')),
    ],
    ['an ID token', async () => (await signIn()).idToken],
    ['a refresh token', async () => (await signIn()).refreshToken],
  ])('who shows %s is refused', async (_, token) => {
    const answer = await call({ authorization: `Bearer ${await token()}` });
    expectError(answer, INVALID_TOKEN);
    expect(answer.headers.get('www-authenticate')).toBeTruthy();
  });

  it('may write the scheme in lower case', async () => {
    const answer = await call({ authorization: `bearer ${tenant.serviceToken}` });
    expect(answer.body.message).toBe('Password is empty (COMMAND-3M0fs)');
  });

  it('whose token is signed anew without a change is taken', async () => {
    const answer = await call({ authorization: `Bearer ${await resign(tokens.self, {})}` });
    expect(answer.body.message).toBe('Password is empty (COMMAND-3M0fs)');
  });

  async function revokedKey(): Promise<string> {
    const path = `/tenants/${tenant.orgId}/keys`;
    const { body } = await admin('POST', path, { name: 'short-lived', scopes: ['user.write'] });
    expect((await admin('DELETE', `${path}/${body.keyId}`)).status).toBe(204);
    return body.key;
  }

  async function signIn(): Promise<{ idToken: string; refreshToken: string }> {
    const answer = await vbaSignIn(tenant, user.userId, user.password);
    return answer.body.data.authenticationResult;
  }

  /** The same token with other claims, under the real key. */
  async function resign(token: string, claims: object): Promise<string> {
    const [jwk] = JSON.parse(env.SIGNING_JWKS).keys;
    return new SignJWT({ ...decodeJwt(token), ...claims })
      .setProtectedHeader(decodeProtectedHeader(token) as { alg: string })
      .sign(await importJWK(jwk, 'ES256'));
  }
});

describe('without a proof', () => {
  it.each<[string, () => string, ErrorRow]>([
    ['the user alone may not change the own password', () => tokens.self, NOT_PERMITTED],
    ['another user may not', () => tokens.other, NO_MEMBERSHIP],
    ['a key that may read may not', () => tenant.readerToken, NOT_PERMITTED],
    ['a key that may sign in may not', () => tenant.apiKey, NOT_PERMITTED],
    ['a key of another tenant knows no such user', () => foreign.serviceToken, UNKNOWN_USER],
  ])('%s', async (_, token, row) => {
    const change = { userId: user.userId, body: wanted(), row, token: token() };
    await expectRefusedForFree(tenant, user, change);
  });

  it.each<[string, () => string, ErrorRow]>([
    ['another user', () => tokens.other, NO_MEMBERSHIP],
    ['a key that may read', () => tenant.readerToken, NOT_PERMITTED],
    ['a key that may sign in', () => tenant.apiKey, NOT_PERMITTED],
    ['an admin', () => tokens.admin, UNKNOWN_USER],
  ])('%s hears of an unknown user what the permission tells', async (_, token, row) => {
    const change = { userId: 'nobody', body: wanted(), row, token: token() };
    await expectRefusedForFree(tenant, user, change);
  });
});

describe('the organisation header', () => {
  const change = async (organisation: string, token = tenant.serviceToken) => {
    const own = await makeUser(tenant, { withoutPassword: true });
    const headers = bearer(token, { 'x-zitadel-orgid': organisation });
    const { value, cost } = await measure((on) =>
      post(`${own.userId}/password`, JSON.stringify(wanted()), headers, on),
    );
    return { answer: value, cost, own };
  };

  it('may name the own organisation', async () => {
    const { answer, own } = await change(tenant.orgId);
    expectDetails(answer, tenant);
    expect((await readUser(tenant, own.userId)).passwordVersion).toBe(2);
  });

  it.each([
    ['another one', () => foreign.orgId],
    ['an unknown one', () => 'db_unknown'],
    ['two', () => `${tenant.orgId}, ${tenant.orgId}`],
  ])('may not name %s', async (_, organisation) => {
    const { answer, cost, own } = await change(organisation());
    expectError(answer, WRONG_ORGANISATION);
    expect(cost.links).toBe(0);
    expect(cost.trips).toBeLessThanOrEqual(2);
    expect((await readUser(tenant, own.userId)).passwordVersion).toBe(1);
  });

  it('may not be another one for a token either', async () => {
    expectError((await change(foreign.orgId, tokens.admin)).answer, WRONG_ORGANISATION);
  });

  it('does not tell who is nobody that an organisation is there', async () => {
    expectError((await change(tenant.orgId, 'unknown')).answer, INVALID_TOKEN);
    expectError((await change('db_unknown', 'unknown')).answer, INVALID_TOKEN);
  });
});

describe('to another user, every account is the same', () => {
  const NOT_COMPARED = ['x-request-id'];

  function describeAnswer(answer: Answer, links: number) {
    const headers = [...answer.headers].filter(([name]) => !NOT_COMPARED.includes(name));
    return { status: answer.status, text: answer.text, headers, links };
  }

  async function observe(userId: string, proof: object) {
    const { value, cost } = await measure((on) =>
      zitadelChange(tokens.other, userId, { ...wanted(), ...proof }, on),
    );
    return { answer: value, seen: describeAnswer(value, cost.links) };
  }

  it('for whom a current password is given', async () => {
    const wrong = { currentPassword: 'not the current password' };
    const known = await observe(user.userId, wrong);
    expectError(known.answer, WRONG_PASSWORD);
    expect(known.seen.links).toBe(6);

    const disabled = await makeUser(tenant);
    await disableUser(tenant, disabled.userId);
    const without = await makeUser(tenant, { withoutPassword: true });
    const stranger = await makeUser(foreign, { withoutPassword: true });
    const right = { currentPassword: disabled.password };
    expect((await observe('nobody', wrong)).seen).toEqual(known.seen);
    expect((await observe(stranger.userId, wrong)).seen).toEqual(known.seen);
    expect((await observe(without.userId, wrong)).seen).toEqual(known.seen);
    expect((await observe(disabled.userId, right)).seen).toEqual(known.seen);
  });

  it('for whom a code is given', async () => {
    const wrong = { verificationCode: 'ABCDEFGH' };
    const outstanding = await makeUser(tenant, { withoutPassword: true });
    await resetCode(tenant, outstanding.userId);
    const known = await observe(outstanding.userId, wrong);
    expectError(known.answer, WRONG_CODE);
    expect(known.seen.links).toBe(0);

    const disabled = await makeUser(tenant, { withoutPassword: true });
    const right = { verificationCode: await resetCode(tenant, disabled.userId) };
    await disableUser(tenant, disabled.userId);
    expect((await observe('nobody', wrong)).seen).toEqual(known.seen);
    expect((await observe(user.userId, wrong)).seen).toEqual(known.seen);
    expect((await observe(disabled.userId, right)).seen).toEqual(known.seen);
  });
});
