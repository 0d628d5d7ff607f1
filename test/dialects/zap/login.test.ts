// Login: who is found by what, what a session looks like, and one answer for whatever is not right.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectData, expectFailure, see } from './call.ts';

const PHONE = '+49 170 1234567';
const GUESS = 'no password of anyone here';

let tenant: t.TestTenant;
let other: t.TestTenant;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  const password = t.newPassword();
  user = { userId: 'ada-1', username: 'Ada.L', email: 'Ada@mail.example', password };
  const made = await t.admin('POST', `/tenants/${tenant.orgId}/users`, {
    ...user,
    phone: PHONE,
    name: 'Ada Lovelace',
    role: 'admin',
  });
  expect(made.status).toBe(201);
});

afterEach(() => {
  vi.useRealTimers();
});

function login(body: unknown, path = '/v1/login'): Promise<Answer> {
  return call(tenant, path, { body });
}

describe('a login', () => {
  it.each([
    ['email', 'Ada@mail.example'],
    ['email in another case', 'aDA@MAIL.example'],
    ['username', 'Ada.L'],
    ['username in another case', 'ada.l'],
    ['phone number', PHONE],
  ])('finds its user by %s', async (_, identity) => {
    const data = expectData(await login({ identity, password: user.password }));
    expect(data.id).toBe(user.userId);
  });

  it('finds its user by the field email as well', async () => {
    const { email, password } = user;
    expect(expectData(await login({ email, password })).id).toBe(user.userId);
  });

  it('answers with the user and two tokens, flat', async () => {
    const { email, password } = user;
    const data = expectData(await login({ identity: email, password }));
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(data).toEqual({
      id: user.userId,
      name: 'Ada Lovelace',
      username: user.username,
      email,
      roleId: 'admin',
      phoneNumber: PHONE,
      emailVerified: expect.any(Boolean),
      createdAt: time,
      updatedAt: time,
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      refreshToken: expect.stringMatching(/^\S{43,}$/),
    });
    expect(data.refreshToken).not.toBe(data.token);
  });

  it('gives an access token of 24 hours that the published keys verify', async () => {
    const keys = await send('/.well-known/jwks.json');
    const token = await t.zapToken(tenant, user);
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys.body), {
      typ: 'at+jwt',
      algorithms: ['ES256'],
      audience: tenant.orgId,
      issuer: 'http://127.0.0.1:8787',
      subject: user.userId,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(86_400);
  });

  it.each(['/v1/login', '/v1/login/', '/api/v1/login', '/api/v1/login/'])(
    'is served at %s',
    async (path) => {
      expectData(await login({ identity: user.email, password: user.password }, path));
    },
  );

  it('takes a form too', async () => {
    const { email, password } = user;
    const answer = await call(tenant, '/v1/login', {
      body: new URLSearchParams({ identity: email, password }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(expectData(answer).id).toBe(user.userId);
  });

  it('is in the audit', async () => {
    const guest = await t.makeUser(tenant);
    await t.zapToken(tenant, guest);
    await t.zapLogin(tenant, guest.email, GUESS);
    const events = await t.listEvents(tenant, guest.userId);
    expect(events.map(({ type, dialect }) => [type, dialect])).toEqual([
      ['user.created', 'admin'],
      ['sign-in.succeeded', 'zap'],
      ['sign-in.refused', 'zap'],
    ]);
  });
});

describe('the body of a login', () => {
  const right = { identity: 'someone', password: GUESS };

  it('is fine with two strings', async () => {
    expectFailure(await login(right), 401);
  });

  const wrongs: [string, unknown][] = [
    ['is missing', undefined],
    ['is empty', ''],
    ['is null', null],
    ['is a number', 7],
    ['is true', true],
    ['is an array', ['text']],
    ['is an object', { $ne: '' }],
  ];
  it.each(
    (['identity', 'password'] as const).flatMap((field) =>
      wrongs.map(([what, value]) => [field, what, value] as const),
    ),
  )('is refused when %s %s', async (field, _, value) => {
    const text = expectFailure(await login({ ...right, [field]: value }), 400);
    expect(text).toContain(field);
  });

  it('is refused with both identity and email', async () => {
    const { email, password } = user;
    expectFailure(await login({ identity: email, email, password }), 400);
  });
});

describe('a login that is not right', () => {
  let reference: Answer;
  let disabled: t.TestUser;
  let bare: t.TestUser;
  let temporary: t.TestUser;
  let foreigner: t.TestUser;

  beforeAll(async () => {
    disabled = await t.makeUser(tenant);
    await t.disableUser(tenant, disabled.userId);
    bare = await t.makeUser(tenant, { withoutPassword: true });
    temporary = await t.makeUser(tenant, { temporary: true });
    foreigner = await t.makeUser(other);
    reference = await t.zapLogin(tenant, user.email, GUESS);
    expectFailure(reference, 401);
  });

  it.each<[string, () => Promise<Answer>]>([
    ['an unknown identity', () => t.zapLogin(tenant, 'nobody@mail.example', GUESS)],
    ['a disabled user', () => t.zapLogin(tenant, disabled.email, disabled.password)],
    ['a user who has no password', () => t.zapLogin(tenant, bare.email, GUESS)],
    ['a temporary user, wrong password', () => t.zapLogin(tenant, temporary.email, GUESS)],
    ["another tenant's user", () => t.zapLogin(tenant, foreigner.email, foreigner.password)],
    ['a user of the tenant at another host', () => t.zapLogin(other, user.email, user.password)],
    [
      'an unknown host',
      () => t.zapLogin({ ...tenant, host: 'unknown.localhost' }, user.email, user.password),
    ],
    [
      'an unknown host of another place',
      () => t.zapLogin({ ...tenant, host: 'unknown.eu.localhost' }, user.email, user.password),
    ],
    ['an over-long password', () => t.zapLogin(tenant, user.email, 'p'.repeat(201))],
    ['a control character', () => t.zapLogin(tenant, user.email, `${user.password}\0`)],
    ['letters that only look alike', () => t.zapLogin(tenant, '\u0430da.l', user.password)],
    ['letters that fold to the same', () => t.zapLogin(tenant, 'ada.\u2112', user.password)],
  ])('looks like a wrong password: %s', async (_, ask) => {
    const answer = await ask();
    expectFailure(answer, 401);
    expect(see(answer)).toEqual(see(reference));
  });

  it('tells who knows a temporary password to change it, and gives no token', async () => {
    const answer = await t.zapLogin(tenant, temporary.email, temporary.password);
    expectFailure(answer, 403);
    expect(answer.text).not.toMatch(/token|rks_|eyJ/i);
    expect((await t.readUser(tenant, temporary.userId)).failedAttempts).toBe(0);
  });

  it('tells who knows an expired temporary password, and nobody else', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 24 * 3_600_000 });
    const right = await t.zapLogin(tenant, temporary.email, temporary.password);
    expect(expectFailure(right, 403)).toMatch(/expired/);
    expect(see(await t.zapLogin(tenant, temporary.email, GUESS))).toEqual(see(reference));
  });
});
