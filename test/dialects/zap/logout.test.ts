// Logout: the caller's own session ends, or all of a user whom an admin names; by PUT and by GET, and never by HEAD.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../../support/cheap-hashes.ts';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { call, expectData, expectFailure, FORM, see } from './call.ts';
import { isAlive, logIn } from './people.ts';

cheapenHashes();

let tenant: t.TestTenant;
let admin: t.TestUser;
let adminToken: string;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  admin = await t.makeUser(tenant, { role: 'admin' });
  adminToken = await t.zapToken(tenant, admin);
  user = await t.makeUser(tenant);
});

function logOut(token: string, userId: string, over: object = {}): Promise<Answer> {
  const path = `/v1/users/logout/${encodeURIComponent(userId)}`;
  return call(tenant, path, { method: 'PUT', token, ...over });
}

describe.each(['PUT', 'GET'])('a logout by %s', (method) => {
  it('of oneself ends this session and no other', async () => {
    const session = await logIn(tenant, user);
    const elsewhere = await logIn(tenant, user);
    const answer = await logOut(session.token, user.userId, { method });
    expect(expectData(answer)).toBe('Logout Successfull');
    expect(await isAlive(tenant, session)).toBe(false);
    expect(await isAlive(tenant, elsewhere)).toBe(true);
    expectFailure(await logOut(session.token, user.userId, { method }), 401);
  });

  it('of another user, by an admin, ends all sessions of that user and none of others', async () => {
    const sessions = [await logIn(tenant, user), await logIn(tenant, user)];
    const neighbour = await t.makeUser(tenant);
    const bystander = await logIn(tenant, neighbour);
    expectData(await logOut(adminToken, user.userId, { method }));
    for (const session of sessions) expect(await isAlive(tenant, session)).toBe(false);
    expect(await isAlive(tenant, bystander)).toBe(true);
    expectData(await t.zapLogin(tenant, user.email, user.password));
    expect((await t.listEvents(tenant, user.userId)).findLast(({ type }) => type === 'sign-out')) //
      .toMatchObject({ dialect: 'zap', actor: { kind: 'admin', userId: admin.userId } });
  });

  it('of another user is nothing for a plain user, who learns nothing of users either', async () => {
    const session = await logIn(tenant, user);
    const neighbour = await t.makeUser(tenant);
    const theirs = await logIn(tenant, neighbour);
    const known = await logOut(session.token, neighbour.userId, { method });
    const unknown = await logOut(session.token, 'nobody', { method });
    expectFailure(known, 403);
    expect(see(unknown)).toEqual(see(known));
    expect(await isAlive(tenant, theirs)).toBe(true);
    expect(await isAlive(tenant, session)).toBe(true);
  });

  it("of an unknown user, or another tenant's, is not found by an admin", async () => {
    const other = await t.makeTenant();
    const foreigner = await t.makeUser(other, { userId: 'foreigner' });
    const theirs = await logIn(other, foreigner);
    const unknown = await logOut(adminToken, 'nobody', { method });
    expectFailure(unknown, 404);
    expect(see(await logOut(adminToken, foreigner.userId, { method }))).toEqual(see(unknown));
    expect(await isAlive(other, theirs)).toBe(true);
  });
});

it.each([
  ['JSON', { body: { deviceToken: 'device-7' } }],
  ['a form', { body: 'deviceToken=device-7', headers: FORM }],
  ['something else', { body: 'no { JSON', headers: { 'content-type': 'text/plain' } }],
])('a logout ignores its body: %s', async (_, over) => {
  const session = await logIn(tenant, user);
  expectData(await logOut(session.token, user.userId, over));
  expect(await isAlive(tenant, session)).toBe(false);
});

it('HEAD ends nothing, and says which methods do', async () => {
  const session = await logIn(tenant, user);
  const before = await dumpTenant(tenant);
  for (const slash of ['', '/']) {
    const path = `/v1/users/logout/${user.userId}${slash}`;
    const answer = await call(tenant, path, { method: 'HEAD', token: session.token });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'PUT, GET']);
  }
  expect(await dumpTenant(tenant)).toBe(before);
  expect(await isAlive(tenant, session)).toBe(true);
});

it('a user id may hold what a path must encode', async () => {
  const strange = await t.makeUser(tenant, { userId: 'a/b ?c#d%2f\u00e9' });
  const session = await logIn(tenant, strange);
  expectData(await logOut(session.token, strange.userId));
  expect(await isAlive(tenant, session)).toBe(false);
});

it('a user whose id looks like a broken escape has one path', async () => {
  const strange = await t.makeUser(tenant, { userId: `100%ff-${t.nextSerial()}` });
  const token = adminToken;
  for (const path of [`/v1/users/${strange.userId}`, `/v1/users/logout/${strange.userId}`]) {
    const answer = await call(tenant, path, { method: 'GET', token });
    expect(expectFailure(answer, 400)).toBe('id is not valid.');
    expectData(await call(tenant, path.replace('%', '%25'), { method: 'GET', token }));
  }
});

it.each(['%00', '%E2%80%8B', '%ff', '%', 'x'.repeat(201)])(
  'a user id that is none is refused: %s',
  async (id) => {
    for (const method of ['PUT', 'GET']) {
      const answer = await call(tenant, `/v1/users/logout/${id}`, { method, token: adminToken });
      expect([400, 404]).toContain(answer.status);
      expectFailure(answer, answer.status);
    }
  },
);
