// Sign-in by Basic credentials: what is read of the header, and who gets in.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as t from '../../support/tenant.ts';
import { call, expectError, expectTokens, refillBuckets } from './call.ts';

const PATH = '/user-authentication';

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

function signIn(authorization: string | null | readonly string[]) {
  return call(tenant, PATH, { headers: { authorization } });
}

function encode(...bytes: number[]): string {
  return btoa(String.fromCharCode(...bytes));
}

describe('the credentials', () => {
  it.each([
    ['holds colons', 'harbour:violet::at dawn:'],
    ['is not ASCII', 'h\u00e4fen \u6e2f\u53e3 \u{1f6a2} im Morgenrot'],
    ['begins and ends with spaces', '  violet harbour at dawn  '],
  ])('are read when the password %s', async (_, password) => {
    const user = await t.makeUser(tenant, { password });
    expectTokens(await t.vbaSignIn(tenant, user.userId, password));
  });

  it.each([
    ['holds an at sign', 'first.last@harbour.example'],
    ['is not ASCII', 'j\u00fcrgen-\u6e2f'],
    ['holds spaces', 'first and last'],
  ])('are read when the user id %s', async (_, userId) => {
    const user = await t.makeUser(tenant, { userId });
    expectTokens(await t.vbaSignIn(tenant, userId, user.password));
  });

  it.each(['basic', 'BASIC', 'BaSiC'])('may come under the scheme "%s"', async (scheme) => {
    const user = await t.makeUser(tenant);
    const right = t.basic(user.userId, user.password);
    expectTokens(await signIn(right.replace('Basic', scheme)));
  });

  it('match in either Unicode form of the password', async () => {
    const user = await t.makeUser(tenant, { password: 'caf\u00e9 by the harbour' });
    expectTokens(await t.vbaSignIn(tenant, user.userId, 'cafe\u0301 by the harbour'));
  });

  it('do not match in another case of the user id or the password', async () => {
    const user = await t.makeUser(tenant);
    expectError(await t.vbaSignIn(tenant, user.userId.toUpperCase(), user.password), 401, PATH);
    expectError(await t.vbaSignIn(tenant, user.userId, user.password.toUpperCase()), 401, PATH);
  });

  it('do not match with anything before or after the password', async () => {
    const user = await t.makeUser(tenant);
    for (const wrong of [`${user.password} `, ` ${user.password}`, `${user.password}\0`]) {
      expectError(await t.vbaSignIn(tenant, user.userId, wrong), 401, PATH);
    }
  });
});

describe('what are no credentials', () => {
  const right = () => t.basic('user', 'violet harbour at dawn');
  it.each<[string, () => string | null | readonly string[]]>([
    ['no header', () => null],
    ['an empty header', () => ''],
    ['the scheme alone', () => 'Basic'],
    ['no scheme', () => right().replace('Basic ', '')],
    ['another scheme', () => right().replace('Basic', 'Bearer')],
    ['a digest', () => 'Digest username="user", response="x"'],
    ['no colon', () => `Basic ${btoa('user')}`],
    ['an empty user id', () => `Basic ${btoa(':violet harbour at dawn')}`],
    ['a colon alone', () => `Basic ${btoa(':')}`],
    ['plain text', () => 'Basic user:violet'],
    ['characters outside of base64', () => `${right()}!`],
    ['base64url', () => `Basic ${btoa('us\u00ff\u00fe?>:x').replaceAll('/', '_')}`],
    ['a dangling character', () => 'Basic dXNlc'],
    ['padding where none belongs', () => `Basic ${btoa('use:pw')}=`],
    ['two values', () => `${right()}, ${right()}`],
    ['two headers', () => [right(), right()]],
    ['invalid UTF-8', () => `Basic ${encode(0x75, 0x3a, 0xff, 0xfe)}`],
    ['an overlong encoding', () => `Basic ${encode(0x75, 0xc0, 0xba, 0x70)}`],
    ['Latin-1', () => `Basic ${encode(0x75, 0x3a, 0x70, 0xe4)}`],
    ['a NUL in the user id', () => t.basic('us\0er', 'violet')],
    ['a user id of 201 characters', () => t.basic('u'.repeat(201), 'violet')],
  ])('are refused: %s', async (_, make) => {
    expectError(await signIn(make()), 401, PATH);
  });

  it('are refused the same way for a user who is there', async () => {
    const user = await t.makeUser(tenant);
    for (const password of ['', 'p'.repeat(201), 'pass\u0007word', `${user.password}\u0000`]) {
      expectError(await t.vbaSignIn(tenant, user.userId, password), 401, PATH);
    }
    const { failedAttempts } = await t.readUser(tenant, user.userId);
    expect(failedAttempts).toBe(0);
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
  });
});

describe('a sign-in', () => {
  it('by a permanent password gets tokens at once', async () => {
    const user = await t.makeUser(tenant);
    const one = expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
    const two = expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
    expect(one.expiresIn).toBe(86_400);
    expect(two.refreshToken).not.toBe(one.refreshToken);
    expectTokens(await t.vbaRefresh(tenant, one));
    expectTokens(await t.vbaRefresh(tenant, two));
    const types = (await t.listEvents(tenant, user.userId)).map(({ type }) => type);
    expect(types).toEqual(['user.created', 'sign-in.succeeded', 'sign-in.succeeded']);
  });

  it('asks for no body, and reads none', async () => {
    const user = await t.makeUser(tenant);
    const headers = { authorization: t.basic(user.userId, user.password) };
    expectTokens(await call(tenant, PATH, { headers, body: 'not { JSON' }));
  });

  it('tells two tenants apart that have the same user id', async () => {
    const other = await t.makeTenant();
    const user = await t.makeUser(tenant);
    const twin = await t.makeUser(other, { userId: user.userId });
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
    expectTokens(await t.vbaSignIn(other, user.userId, twin.password));
    expectError(await t.vbaSignIn(tenant, user.userId, twin.password), 401, PATH);
    expectError(await t.vbaSignIn(other, user.userId, user.password), 401, PATH);
  });

  it('finds a tenant of another place', async () => {
    const european = await t.makeTenant({ place: 'eu' });
    const user = await t.makeUser(european, { temporary: true });
    const session = await t.openChallenge(european, user);
    const newPassword = t.newPassword();
    expectTokens(await t.vbaChange(european, { userID: user.userId, newPassword, session }));
    expectTokens(await t.vbaSignIn(european, user.userId, newPassword));
  });
});
