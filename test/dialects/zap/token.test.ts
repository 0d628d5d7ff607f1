// The Bearer token of a change: what is none, and what a token dies of.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectFailure, expectUpdated, see } from './call.ts';

const PATH = '/v1/changePassword';

let tenant: t.TestTenant;
let user: t.TestUser;
let token: string;
let idToken: string;
let refreshToken: string;
let reference: Answer;

beforeAll(async () => {
  tenant = await t.makeTenant();
  await admit();
  const vba = await t.vbaSignIn(tenant, user.userId, user.password);
  ({ idToken, refreshToken } = vba.body.data.authenticationResult);
  reference = await change(null);
  expectFailure(reference, 401);
});

/** A new admin with a token. */
async function admit(): Promise<void> {
  user = await t.makeUser(tenant, { role: 'admin' });
  token = await t.zapToken(tenant, user);
}

afterEach(() => {
  vi.useRealTimers();
});

function change(authorization: string | null | readonly string[], over = {}): Promise<Answer> {
  const { userId, email, password } = user;
  const right = { userId, email, oldPassword: password, newPassword: t.newPassword() };
  return call(tenant, PATH, { headers: { authorization }, body: { ...right, ...over } });
}

async function expectRefused(authorization: string | null | readonly string[]): Promise<void> {
  const answer = await change(authorization);
  expectFailure(answer, 401);
  expect(see(answer)).toEqual(see(reference));
}

function unsigned(alg: string): string {
  const [, payload = ''] = token.split('.');
  return `${btoa(JSON.stringify({ alg, typ: 'at+jwt' })).replaceAll('=', '')}.${payload}.`;
}

function tamper(part: 0 | 1 | 2): string {
  const parts = token.split('.');
  const text = parts[part] ?? '';
  parts[part] = `${text.slice(0, 9)}${text[9] === 'A' ? 'B' : 'A'}${text.slice(10)}`;
  return parts.join('.');
}

describe('what is no token', () => {
  it.each<[string, () => string | null | readonly string[]]>([
    ['an empty header', () => ''],
    ['the scheme alone', () => 'Bearer'],
    ['the token alone', () => token],
    ['another scheme', () => `Token ${token}`],
    ['Basic credentials', () => t.basic(user.userId, user.password)],
    ['a token as Basic', () => `Basic ${token}`],
    ['an ID token', () => `Bearer ${idToken}`],
    ['a refresh token', () => `Bearer ${refreshToken}`],
    ['an API key for sign-ins', () => `Bearer ${tenant.apiKey}`],
    ['an API key for users', () => `Bearer ${tenant.serviceToken}`],
    ['garbage', () => 'Bearer garbage'],
    ['a JWT of nobody', () => 'Bearer a.b.c'],
    ['something after the token', () => `Bearer ${token} more`],
    ['something at the end of the token', () => `Bearer ${token}A`],
    ['two tokens in one header', () => `Bearer ${token}, Bearer ${token}`],
    ['two headers', () => [`Bearer ${token}`, `Bearer ${token}`]],
    ['no signature', () => `Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`],
    ['no algorithm', () => `Bearer ${unsigned('none')}`],
    ['another algorithm', () => `Bearer ${unsigned('HS256')}AAAA`],
    ['another header', () => `Bearer ${tamper(0)}`],
    ['other claims', () => `Bearer ${tamper(1)}`],
    ['another signature', () => `Bearer ${tamper(2)}`],
  ])('is refused: %s', async (_, make) => {
    await expectRefused(make());
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      passwordVersion: 1,
      failedAttempts: 0,
    });
  });

  it('is refused in the query, in a cookie and in the body', async () => {
    const { userId, email, password } = user;
    const newPassword = t.newPassword();
    const answer = await call(tenant, `${PATH}?access_token=${token}&token=${token}`, {
      headers: { cookie: `token=${token}`, 'x-access-token': token },
      body: { userId, email, oldPassword: password, newPassword, token, access_token: token },
    });
    expect(see(answer)).toEqual(see(reference));
  });

  it('is asked for before the body is looked at', async () => {
    for (const body of ['not { JSON', {}, undefined]) {
      expectFailure(await call(tenant, PATH, { body }), 401);
    }
  });

  it('is told how to authenticate', () => {
    expect(reference.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
  });
});

describe('a token', () => {
  beforeEach(admit);

  it.each(['bearer', 'BEARER'])('may come under the scheme "%s"', async (scheme) => {
    expectUpdated(await change(`${scheme} ${token}`));
  });

  it('of a VBA sign-in works as well', async () => {
    const vba = await t.vbaSignIn(tenant, user.userId, user.password);
    expectUpdated(await change(`Bearer ${vba.body.data.authenticationResult.accessToken}`));
  });

  it('is refused once it has expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * 3_600_000 + 1000 });
    await expectRefused(`Bearer ${token}`);
  });

  it('lives as long as the tenant wants', async () => {
    const hasty = await t.makeTenant({ settings: { accessTokenLife: 60 } });
    const guest = await t.makeUser(hasty);
    const brief = await t.zapToken(hasty, guest);
    const { userId, email, password } = guest;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 62_000 });
    expectFailure(await call(hasty, PATH, { token: brief, body }), 401);
  });

  it('dies with the change that it made', async () => {
    const newPassword = t.newPassword();
    expectUpdated(await change(`Bearer ${token}`, { newPassword }));
    const answer = await change(`Bearer ${token}`, { oldPassword: newPassword });
    expect(see(answer)).toEqual(see(reference));
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
  });

  it('dies with a change through another door', async () => {
    const newPassword = t.newPassword();
    const changed = await t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword },
      currentPassword: user.password,
    });
    expect(changed.status).toBe(200);
    expect(see(await change(`Bearer ${token}`, { oldPassword: newPassword }))).toEqual(
      see(reference),
    );
  });

  it('dies with its account', async () => {
    await t.disableUser(tenant, user.userId);
    await expectRefused(`Bearer ${token}`);
  });

  it('dies with its family', async () => {
    const vba = await t.vbaSignIn(tenant, user.userId, user.password);
    const first = vba.body.data.authenticationResult;
    const second = (await t.vbaRefresh(tenant, first)).body.data.authenticationResult;
    const third = (await t.vbaRefresh(tenant, second)).body.data.authenticationResult;
    expect((await t.vbaRefresh(tenant, first)).status).toBe(401);
    await expectRefused(`Bearer ${third.accessToken}`);
    expectUpdated(await change(`Bearer ${token}`));
  });

  it('of an admin is none at the operator door', async () => {
    const answer = await send(`/admin/tenants/${tenant.orgId}/users/${user.userId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
  });
});
