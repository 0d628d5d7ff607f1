// The operator makes users: each kind of first password, each name, and what is refused.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  admin,
  makeTenant,
  makeUser,
  newPassword,
  nextSerial,
  openChallenge,
  readUser,
  type TestTenant,
  vbaChange,
  vbaSignIn,
  zapLogin,
  zapToken,
  zitadelChange,
} from '../../support/tenant.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

const create = (body: unknown, orgId = tenant.orgId) =>
  admin('POST', `/tenants/${orgId}/users`, body);
const look = (userId: string, orgId = tenant.orgId) =>
  admin('GET', `/tenants/${orgId}/users/${encodeURIComponent(userId)}`);

function newId(): string {
  return `u-${nextSerial()}`;
}

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const FRESH = {
  state: 'active',
  mustChangePassword: false,
  passwordVersion: 1,
  failedAttempts: 0,
  isClosed: false,
  lockedUntil: null,
  changedAt: TIME,
  sequence: '1',
};

describe('a user', () => {
  it('with a password signs in with it', async () => {
    const [userId, password] = [newId(), newPassword()];
    const answer = await create({ userId, password });
    expect([answer.status, answer.body]).toEqual([201, { userId }]);
    expect((await look(userId)).body).toEqual({ userId, ...FRESH });
    const signedIn = await vbaSignIn(tenant, userId, password);
    expect(signedIn.body.data.authenticationResult).toBeTruthy();
  });

  it('with a temporary password must change it', async () => {
    const [userId, temporaryPassword] = [newId(), newPassword()];
    const answer = await create({ userId, temporaryPassword });
    expect([answer.status, answer.body]).toEqual([201, { userId }]);
    const status = { userId, ...FRESH, state: 'temporary', mustChangePassword: true };
    expect((await look(userId)).body).toEqual(status);
    const signedIn = await vbaSignIn(tenant, userId, temporaryPassword);
    expect(signedIn.body.data.challengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('may be given a temporary password by us, shown this once, and goes all the way', async () => {
    const userId = newId();
    const answer = await create({ userId, generateTemporaryPassword: true });
    expect(answer.status).toBe(201);
    const { temporaryPassword, ...rest } = answer.body;
    expect(rest).toEqual({ userId });
    expect(temporaryPassword).toMatch(/^[A-Za-z2-9-]{15,}$/);
    const other = await create({ userId: newId(), generateTemporaryPassword: true });
    expect(other.body.temporaryPassword).not.toBe(temporaryPassword);
    expect((await look(userId)).text).not.toContain(temporaryPassword);
    const user = { userId, username: '', email: '', password: temporaryPassword };
    const session = await openChallenge(tenant, user);
    const changed = await vbaChange(tenant, {
      userID: userId,
      newPassword: newPassword(),
      session,
    });
    expect(changed.body.data.authenticationResult).toBeTruthy();
    expect((await readUser(tenant, userId)).state).toBe('active');
  });

  it('with a generated password keeps the rules of a strict tenant', async () => {
    const requireClasses = ['lower', 'upper', 'digit', 'symbol'];
    const strict = await makeTenant({ settings: { policy: { minLength: 30, requireClasses } } });
    const { body } = await create({ generateTemporaryPassword: true }, strict.orgId);
    expect(body.temporaryPassword.length).toBeGreaterThanOrEqual(30);
    const answer = await create({ password: body.temporaryPassword }, strict.orgId);
    expect(answer.status).toBe(201);
  });

  it('may have none yet, and then cannot sign in', async () => {
    const userId = newId();
    expect((await create({ userId })).body).toEqual({ userId });
    expect((await look(userId)).body).toEqual({ userId, ...FRESH, state: 'no-password' });
    expect((await vbaSignIn(tenant, userId, 'any password')).status).toBe(401);
  });

  it('is given an id when there is none', async () => {
    const [first, second] = [await create({}), await create({})];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.userId).not.toBe(second.body.userId);
    expect((await look(first.body.userId)).status).toBe(200);
  });

  it('has every name that was given, and signs in by each', async () => {
    const n = nextSerial();
    const password = newPassword();
    const names = { username: `Ann.${n}`, email: `Ann${n}@Mail.Example`, phone: `+49 30 ${n}` };
    const { body } = await create({ ...names, name: 'Ann Ähnlich', role: 'admin', password });
    for (const identity of [...Object.values(names), names.email.toLowerCase()]) {
      const { data } = (await zapLogin(tenant, identity, password)).body;
      expect(data).toMatchObject({
        id: body.userId,
        name: 'Ann Ähnlich',
        username: names.username,
        email: names.email,
        phoneNumber: names.phone,
        roleId: 'admin',
      });
    }
  });

  it.each([
    ['admin', 200],
    ['user', 404],
  ] as const)('of role %s changes the password of another: %i', async (role, status) => {
    const token = await zapToken(tenant, await makeUser(tenant, { role }));
    const { userId } = await makeUser(tenant, { withoutPassword: true });
    const body = { newPassword: { password: newPassword() } };
    expect((await zitadelChange(token, userId, body)).status).toBe(status);
  });
});

describe('a user is refused', () => {
  const LONG = 'a password that is long';

  it.each([
    ['password and temporaryPassword', { password: LONG, temporaryPassword: LONG }],
    ['password and generate', { password: LONG, generateTemporaryPassword: true }],
    [
      'temporaryPassword and generate',
      { temporaryPassword: LONG, generateTemporaryPassword: true },
    ],
    ['an unknown field', { passwordVersion: 7 }],
    ['a hash', { hashedPassword: '$2b$10$x' }],
  ])('with %s', async (_, body) => {
    const userId = newId();
    expectProblem(await create({ userId, ...body }), 400);
    expectProblem(await look(userId), 404);
  });

  it.each([
    ['generateTemporaryPassword', false],
    ['generateTemporaryPassword', 'true'],
    ['role', 'owner'],
    ['role', null],
    ['email', 'no-at.example'],
    ['email', 'two@at@mail.example'],
    ['email', 'a b@mail.example'],
    ['email', 'a@b\r\nBcc: c@d.example'],
    ['password', ''],
    ['temporaryPassword', null],
    ['userId', ''],
    ['userId', 7],
    ['username', ['a']],
    ['phone', { $gt: '' }],
    ['name', ''],
  ])('with a %s of %j', async (field, value) => {
    expectFieldProblem(await create({ [field]: value }), field);
  });

  it('with an id of 201 code points, and taken with 200', async () => {
    expectFieldProblem(await create({ userId: '🔑'.repeat(201) }), 'userId');
    expect((await create({ userId: '🔑'.repeat(200) })).status).toBe(201);
  });

  it.each([
    ['NUL', '\u0000'],
    ['a line feed', '\n'],
    ['DEL', '\u007f'],
    ['a C1 control', '\u0085'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a word joiner', '\u2060'],
    ['a byte order mark', '\ufeff'],
    ['a right-to-left override', '\u202e'],
    ['a left-to-right isolate', '\u2066'],
    ['a right-to-left mark', '\u200f'],
    ['a soft hyphen', '\u00ad'],
    ['a tag character', '\u{e0041}'],
    ['a lone surrogate', '\ud800'],
  ])('with %s in any of the names', async (_, character) => {
    for (const field of ['userId', 'username', 'phone', 'name', 'email']) {
      const end = field === 'email' ? '@mail.example' : 'b';
      expectFieldProblem(await create({ [field]: `a${character}${end}` }), field);
    }
  });

  it.each([
    ['password', 'too short', 'fourteen chars', /15 characters/],
    ['temporaryPassword', 'too short', 'fourteen chars', /15 characters/],
    ['password', 'too long', 'x'.repeat(201), /200 characters/],
    ['password', 'with a control character', `${LONG}\u0007`, /control/],
    ['password', 'that is not well-formed', `${LONG}\ud800`, /well-formed/],
    ['password', 'made of the names', 'somebody@mail.example', /own names/],
  ])('with a %s that is %s', async (field, _, value, detail) => {
    const userId = newId();
    const email = 'somebody@mail.example';
    const answer = await create({ userId, email, [field]: value });
    expectProblem(answer, 400, detail);
    expect(answer.text).not.toContain(value.slice(0, 12));
    expectProblem(await look(userId), 404);
  });

  it.each(['db_unknown', 'unknown', 'db-eu_unknown', '%00'])('of the tenant %s', async (orgId) => {
    expectProblem(await create({ userId: newId() }, orgId), 404, /tenant/);
    expectProblem(await look('x', orgId), 404);
  });
});

describe('a name that is taken is refused', () => {
  it('as an id', async () => {
    const { userId } = await makeUser(tenant, { withoutPassword: true });
    const username = newId();
    expectProblem(await create({ userId, username }), 409, /user/);
    expect((await create({ username })).status).toBe(201);
  });

  it.each([
    ['username', 'username'],
    ['username', 'email'],
    ['email', 'email'],
    ['phone', 'username'],
  ] as const)('as a %s that is the %s of another, in any case', async (field, taken) => {
    const other = await makeUser(tenant, { withoutPassword: true });
    const userId = newId();
    const answer = await create({ userId, [field]: other[taken].toUpperCase() });
    expectProblem(answer, 409, /login-name/);
    expect(answer.text.toLowerCase()).not.toContain(other[taken]);
    expectProblem(await look(userId), 404);
  });

  it('but not when it is the own one twice, or of another tenant', async () => {
    const other = await makeUser(tenant, { withoutPassword: true });
    const { email, userId } = other;
    expect((await create({ username: `x${email}`, email: `x${email}` })).status).toBe(201);
    const foreign = await makeTenant();
    expect((await create({ userId, email, username: email }, foreign.orgId)).status).toBe(201);
  });
});
