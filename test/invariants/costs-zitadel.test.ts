// What ZITADEL's users, sessions and settings cost: derivations at a shim on WebCrypto, trips and rows at the binding.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Cost, type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import {
  addHuman,
  addLastRows,
  call,
  changeUser,
  describeHuman,
  type Human,
  mustStep,
  openSession,
  setSession,
  takeStep,
  userPath,
  withPassword,
} from '../support/zitadel-users.ts';

let tenant: t.TestTenant;
let plain: string;

beforeAll(async () => {
  tenant = await t.makeTenant({ place: 'eu' });
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
  await addLastRows(tenant);
});

type Request = (on: Env) => Promise<Answer>;
type Links = 0 | 6 | 12;

const WRONG = 'a wrong password for all';
const key = () => tenant.serviceToken;
const passwordOf = (proof: object) => ({ password: { password: t.newPassword() }, ...proof });
const checksOf = (userId: string, password?: string) => ({
  checks: { user: { userId }, ...(password === undefined ? {} : { password: { password } }) },
});

async function costOf(status: number, request: Request): Promise<Cost> {
  const { value, cost } = await measure(request);
  expect([value.status, value.text]).toEqual([status, expect.any(String)]);
  const { trips, links, databases } = cost;
  expect(databases).toEqual(['DB_EU']);
  expect(value.headers.get('server-timing')).toBe(`trips;desc="${trips}", links;desc="${links}"`);
  return cost;
}

/** [what is done, status, links, trips]. The user is a fresh one. */
const METHODS: [string, number, Links, 1 | 2, (user: Human) => Promise<Request> | Request][] = [
  [
    'AddHumanUser',
    200,
    6,
    2,
    () => (on) => call(key(), 'POST', 'users/human', withPassword(t.newPassword()), on),
  ],
  [
    'AddHumanUser without a password',
    200,
    0,
    2,
    () => (on) => call(key(), 'POST', 'users/human', describeHuman(), on),
  ],
  [
    'AddHumanUser, not permitted',
    403,
    0,
    1,
    () => (on) =>
      call(tenant.readerToken, 'POST', 'users/human', withPassword(t.newPassword()), on),
  ],
  [
    'GetUserByID',
    200,
    0,
    1,
    ({ userId }) =>
      (on) =>
        call(key(), 'GET', userPath(userId), undefined, on),
  ],
  [
    'ListUsers by key',
    200,
    0,
    1,
    ({ email }) =>
      (on) =>
        call(key(), 'POST', 'users', { queries: [{ loginNameQuery: { loginName: email } }] }, on),
  ],
  [
    'UpdateHumanUser',
    200,
    0,
    2,
    ({ userId }) =>
      (on) =>
        changeUser(key(), userId, { username: `new-${userId}` }, on),
  ],
  [
    'UpdateHumanUser, unknown',
    404,
    0,
    1,
    () => (on) => changeUser(key(), 'nobody', { username: 'nobody' }, on),
  ],
  [
    'a password by authority',
    200,
    6,
    2,
    ({ userId }) =>
      (on) =>
        changeUser(key(), userId, { password: passwordOf({}) }, on),
  ],
  [
    'a password by password',
    200,
    12,
    2,
    ({ userId, password }) =>
      (on) =>
        changeUser(
          key(),
          userId,
          { username: `new-${userId}`, password: passwordOf({ currentPassword: password }) },
          on,
        ),
  ],
  [
    'a password by a wrong one',
    400,
    6,
    2,
    ({ userId }) =>
      (on) =>
        changeUser(key(), userId, { password: passwordOf({ currentPassword: WRONG }) }, on),
  ],
  [
    'a password of another',
    404,
    0,
    1,
    ({ userId }) =>
      (on) =>
        changeUser(plain, userId, { password: passwordOf({ currentPassword: WRONG }) }, on),
  ],
  [
    'LockUser',
    200,
    0,
    2,
    ({ userId }) =>
      (on) =>
        takeStep(key(), userId, 'lock', on),
  ],
  [
    'DeactivateUser',
    200,
    0,
    2,
    ({ userId }) =>
      (on) =>
        takeStep(key(), userId, 'deactivate', on),
  ],
  [
    'ReactivateUser',
    200,
    0,
    2,
    async ({ userId }) => {
      await mustStep(tenant, userId, 'deactivate');
      return (on) => takeStep(key(), userId, 'reactivate', on);
    },
  ],
  [
    'DeleteUser',
    200,
    0,
    2,
    ({ userId }) =>
      (on) =>
        call(key(), 'DELETE', userPath(userId), undefined, on),
  ],
  [
    'CreateSession',
    201,
    6,
    2,
    ({ userId, password }) =>
      (on) =>
        call(plain, 'POST', 'sessions', checksOf(userId, password), on),
  ],
  [
    'CreateSession without a password',
    201,
    0,
    2,
    ({ userId }) =>
      (on) =>
        call(key(), 'POST', 'sessions', checksOf(userId), on),
  ],
  [
    'CreateSession, wrong',
    400,
    6,
    2,
    ({ userId }) =>
      (on) =>
        call(key(), 'POST', 'sessions', checksOf(userId, WRONG), on),
  ],
  [
    'CreateSession, unknown',
    400,
    6,
    2,
    () => (on) => call(plain, 'POST', 'sessions', checksOf('nobody', WRONG), on),
  ],
  [
    'SetSession',
    200,
    6,
    2,
    async (user) => {
      const { sessionId, sessionToken } = await openSession(tenant, user);
      const checks = { password: { password: user.password } };
      return (on) => setSession(plain, sessionId, { sessionToken, checks }, on);
    },
  ],
  [
    'SetSession with an old token',
    403,
    0,
    1,
    async (user) => {
      const { sessionId, sessionToken } = await openSession(tenant, user);
      await setSession(key(), sessionId, {});
      const checks = { password: { password: user.password } };
      return (on) => setSession(plain, sessionId, { sessionToken, checks }, on);
    },
  ],
  [
    'GetSession',
    200,
    0,
    1,
    async (user) => {
      const { sessionId } = await openSession(tenant, user);
      return (on) => call(key(), 'GET', `sessions/${sessionId}`, undefined, on);
    },
  ],
  [
    'ListSessions of a user',
    200,
    0,
    1,
    ({ userId }) =>
      (on) =>
        call(key(), 'POST', 'sessions/search', { queries: [{ userIdQuery: { id: userId } }] }, on),
  ],
  [
    'DeleteSession',
    200,
    0,
    2,
    async (user) => {
      const { sessionId } = await openSession(tenant, user);
      return (on) => call(key(), 'DELETE', `sessions/${sessionId}`, {}, on);
    },
  ],
];

/** Rows read by each method, in the order of METHODS. */
async function countRows(): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const [name, status, , , prepare] of METHODS) {
    const cost = await costOf(status, await prepare(await addHuman(tenant)));
    rows[name] = cost.statements.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
  }
  return rows;
}

describe('what is asked', () => {
  it.each(METHODS)(
    '%s: status %i, %i links, %i trips',
    async (_, status, links, trips, prepare) => {
      const cost = await costOf(status, await prepare(await addHuman(tenant)));
      expect(cost).toMatchObject({ links, trips });
    },
  );

  it('reads no more rows in a larger tenant', async () => {
    const before = await countRows();
    for (let i = 0; i < 20; i += 1) {
      const { userId } = await t.makeUser(tenant, { withoutPassword: true });
      await call(key(), 'POST', 'sessions', checksOf(userId));
      await call(key(), 'POST', `${userPath(userId)}/password_reset`, { returnCode: {} });
    }
    expect(await countRows()).toEqual(before);
  });
});
