// Users made by an administrator, with a temporary password that is given or made.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { makeReceiver, type Receiver, watchFetch } from '../../support/webhook.ts';
import {
  callAs,
  expectData,
  expectError,
  expectTokens,
  refillBuckets,
  signIn,
  type Tokens,
} from './call.ts';

const PATH = '/users';
const HASH = 6;

let receiver: Receiver;
let tenant: t.TestTenant;
let admin: Tokens;

beforeAll(async () => {
  watchFetch();
  receiver = await makeReceiver();
  tenant = receiver.tenant;
  admin = await signIn(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(refillBuckets);

const nextId = () => `made-${t.nextSerial()}`;

function create(body: unknown, path = PATH): Promise<Answer> {
  return callAs(tenant, admin, path, { body });
}

async function expectForcedChange(userId: string, password: string): Promise<void> {
  const user = { userId, password, username: '', email: '' };
  const session = await t.openChallenge(tenant, user);
  const newPassword = t.newPassword();
  expectTokens(await t.vbaChange(tenant, { userID: userId, newPassword, session }));
  expectTokens(await t.vbaSignIn(tenant, userId, newPassword));
}

describe('a user', () => {
  it('is made with a password of ours, shown this once, for one hash and two trips', async () => {
    const userID = nextId();
    const email = `${userID}@mail.example`;
    const answer = await create({ userID, email });
    const data = expectData(answer, 201);
    expect(data).toEqual({
      userID,
      email,
      mustChangePassword: true,
      temporaryPassword: expect.stringMatching(/^[\w-]{23,}$/),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(answer.headers.get('server-timing')).toBe(`trips;desc="2", links;desc="${HASH}"`);
    await expectForcedChange(userID, String(data['temporaryPassword']));
  });

  it('is made with the password that is given, which is not told', async () => {
    const userID = nextId();
    const temporaryPassword = t.newPassword();
    const answer = await create({ userID, temporaryPassword });
    expect(expectData(answer, 201)).toEqual({
      userID,
      email: null,
      mustChangePassword: true,
      createdAt: expect.any(String),
    });
    expect(answer.text).not.toContain(temporaryPassword);
    await expectForcedChange(userID, temporaryPassword);
  });

  it.each([
    { email: null, temporaryPassword: null },
    { EMAIL: null },
    { role: 'admin', mustChangePassword: false, password: 'ignored words', scopes: ['user.write'] },
  ])('is a plain user whatever else comes along: %j', async (more) => {
    const userID = nextId();
    const data = expectData(await create({ USERID: userID, ...more }, '/vbasoftware/users'), 201);
    expect(data).toMatchObject({ userID, email: null, mustChangePassword: true });
    expect(await t.readUser(tenant, userID)).toMatchObject({ state: 'temporary' });
    const row = await t
      .databaseOf(tenant)
      .prepare('SELECT role FROM account WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, userID)
      .first();
    expect(row).toEqual({ role: 'user' });
  });

  it('is told of it, without the password', async () => {
    const userID = nextId();
    const data = expectData(await create({ userID, email: `${userID}@mail.example` }), 201);
    const { message, body } = receiver.received.at(-1) ?? expect.fail('no notice came');
    expect(message).toMatchObject({
      type: 'password.temporary',
      data: { userId: userID, actor: 'administrator' },
    });
    expect(body).not.toContain(data['temporaryPassword']);
  });

  it('is of the tenant of the administrator, and of no other', async () => {
    const userID = nextId();
    expectData(await create({ userID }), 201);
    const other = await t.makeTenant();
    const there = await t.admin('GET', `/tenants/${other.orgId}/users/${userID}`);
    expect(there.status).toBe(404);
  });
});

describe('what is taken', () => {
  it('an id is, and its user stays as it was', async () => {
    const user = await t.makeUser(tenant);
    const detail = expectError(await create({ userID: user.userId }), 409, PATH);
    expect(detail).toContain('userID');
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
  });

  it('an email is, in whatever case', async () => {
    const user = await t.makeUser(tenant);
    for (const email of [user.email, user.email.toUpperCase()]) {
      const userID = nextId();
      expect(expectError(await create({ userID, email }), 409, PATH)).toContain('email');
      const there = await t.admin('GET', `/tenants/${tenant.orgId}/users/${userID}`);
      expect(there.status).toBe(404);
    }
  });

  it('neither is in another tenant', async () => {
    const stranger = await t.makeUser(await t.makeTenant());
    expectData(await create({ userID: stranger.userId, email: stranger.email }), 201);
  });

  it('an id that is asked for twice at once is made once', async () => {
    const userID = nextId();
    const answers = await Promise.all([create({ userID }), create({ userID })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});

describe('what is malformed', () => {
  it.each([
    ['a colon, at which a sign-in would part it', 'first:second'],
    ['a NUL', 'a\u0000b'],
    ['a line break', 'a\nb'],
    ['a zero width space', 'a\u200bb'],
    ['a lone surrogate', 'a\ud800b'],
    ['a blank before it', ' a'],
    ['another Unicode form', 'e\u0301'],
    ['nothing but dots', '..'],
    ['201 characters', 'n'.repeat(201)],
  ])('is an id with %s', async (_, userID) => {
    expect(expectError(await create({ userID }), 400, PATH)).toContain('userID');
  });

  it.each(['nobody', 'a@', '@b', 'a b@c', 'a@b@c', 'a@b\n', `${'a'.repeat(320)}@b`, '', 7])(
    'is the email %j',
    async (email) => {
      expect(expectError(await create({ userID: nextId(), email }), 400, PATH)).toContain('email');
    },
  );

  it.each([
    ['too short', 'fourteen chars', /15/],
    ['too long', 'a b'.repeat(67), /200/],
    ['a NUL', 'violet harbour\u0000 at dawn', /temporaryPassword/],
    ['empty', '', /temporaryPassword/],
    ['a number', 7, /temporaryPassword/],
  ])('is a temporary password that is %s', async (_, temporaryPassword, told) => {
    const userID = nextId();
    expect(expectError(await create({ userID, temporaryPassword }), 400, PATH)).toMatch(told);
    const there = await t.admin('GET', `/tenants/${tenant.orgId}/users/${userID}`);
    expect(there.status).toBe(404);
  });

  it('is a password made of the names of its user', async () => {
    const userID = `violet-harbour-${t.nextSerial()}`;
    const temporaryPassword = `${userID} ${userID}`;
    expect(expectError(await create({ userID, temporaryPassword }), 400, PATH)).toMatch(/name/i);
  });
});
