// ListSessions, and the end of all sessions of a user with the password that they were opened by.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, getSession, openSession } from '../../support/zitadel-users.ts';
import { expectError } from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let users: t.TestUser[];
/** Three of the first user, two of the second: in the order in which they were made. */
let ids: string[];
let admin: t.TestUser;

const checksOf = ({ userId }: t.TestUser) => ({ checks: { user: { userId } } });

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  admin = await t.makeUser(tenant, { role: 'admin' });
  users = [await t.makeUser(tenant), await t.makeUser(tenant)];
  ids = [];
  for (const index of [0, 0, 0, 1, 1]) {
    const body = checksOf(userAt(index));
    const made = await call(tenant.serviceToken, 'POST', 'sessions', body);
    ids.push(made.body.sessionId);
  }
  // Made within one millisecond, their order would be that of their random ids.
  const move = t
    .databaseOf(tenant)
    .prepare('UPDATE login_session SET created_at = ? WHERE tenant_id = ? AND id = ?');
  await t
    .databaseOf(tenant)
    .batch(ids.map((id, index) => move.bind(1_800_000_000_000 + index, tenant.orgId, id)));
});

function userAt(index: number): t.TestUser {
  const user = users[index];
  if (user === undefined) throw new Error(`no user ${index}`);
  return user;
}

const list = (body: object, token = tenant.readerToken) =>
  call(token, 'POST', 'sessions/search', body);
const readIds = ({ body }: Answer): string[] =>
  (body.sessions ?? []).map(({ id }: { id: string }) => id);
const byIds = (...wanted: (string | undefined)[]) => ({ idsQuery: { ids: wanted } });
const byUser = (index: number) => ({ userIdQuery: { id: userAt(index).userId } });

describe('a list of sessions', () => {
  it('has all, the newest first, and says how many there are', async () => {
    const answer = await list({});
    expect(readIds(answer)).toEqual(ids.toReversed());
    expect(answer.body.details).toEqual({ totalResult: '5', timestamp: expect.any(String) });
    expect(answer.body.sessions[0]).toMatchObject({
      sequence: '1',
      factors: { user: { id: userAt(1).userId, organizationId: tenant.orgId } },
    });
    expect(answer.text).not.toContain('oken');
  });

  it('comes page by page, up and down', async () => {
    const page = async (offset: string, limit: number, asc: boolean) => {
      const answer = await list({ query: { offset, limit, asc } });
      expect(answer.body.details.totalResult).toBe('5');
      return readIds(answer);
    };
    expect(await page('0', 2, true)).toEqual(ids.slice(0, 2));
    expect(await page('4', 2, true)).toEqual(ids.slice(4));
    expect(await page('1', 3, false)).toEqual(ids.toReversed().slice(1, 4));
    expect(await page('5', 10, true)).toEqual([]);
    expect(await page('18446744073709551615', 10, true)).toEqual([]);
  });

  it('of given ids or of a user has these alone', async () => {
    expect(readIds(await list({ queries: [byIds(ids[3], ids[0], 'nothing', ids[0])] }))).toEqual([
      ids[3],
      ids[0],
    ]);
    expect(readIds(await list({ queries: [byIds()] }))).toEqual([]);
    const own = await list({ queries: [byUser(0)], query: { asc: true, limit: 2, offset: '1' } });
    expect([readIds(own), own.body.details.totalResult]).toEqual([ids.slice(1, 3), '3']);
    expect(readIds(await list({ queries: [{ userIdQuery: { id: 'nobody' } }] }))).toEqual([]);
  });

  it('holds to every query that is given', async () => {
    const both = [byIds(ids[0], ids[1], ids[3]), byUser(0), byIds(ids[1], ids[2], ids[3])];
    expect(readIds(await list({ queries: both }))).toEqual([ids[1]]);
    expect(readIds(await list({ queries: [byUser(0), byUser(1)] }))).toEqual([]);
  });

  it('is of one’s own for a plain user, whatever is asked', async () => {
    const token = await t.zapToken(tenant, userAt(1));
    const own = ids.slice(3).toReversed();
    expect(readIds(await list({}, token))).toEqual(own);
    expect(readIds(await list({ queries: [byIds(...ids)] }, token))).toEqual(own);
    const others = await list({ queries: [byUser(0)] }, token);
    expect([readIds(others), others.body.details.totalResult]).toEqual([[], undefined]);
  });

  it('is empty for a key that may only sign in', async () => {
    expect(readIds(await list({}, tenant.apiKey))).toEqual([]);
    expect(readIds(await list({ queries: [byIds(...ids)] }, tenant.apiKey))).toEqual([]);
  });

  it('has nothing of another tenant', async () => {
    for (const queries of [[], [byIds(...ids)], [byUser(0)]]) {
      expect(readIds(await list({ queries }, foreign.serviceToken))).toEqual([]);
    }
  });

  it.each<[string, object, number, number, RegExp]>([
    ['another order', { sortingColumn: 2 }, 501, 12, /^a sorting column /],
    ['a creator', { queries: [{ creatorQuery: { id: 'c' } }] }, 501, 12, /creatorQuery/],
    ['a browser', { queries: [{ userAgentQuery: { fingerprintId: 'f' } }] }, 501, 12, /userAgent/],
    ['a time', { queries: [{ creationDateQuery: {} }] }, 501, 12, /creationDate/],
    ['nothing', { queries: [{}] }, 400, 3, /Query: value is required$/],
    ['too many', { query: { limit: 1001 } }, 400, 3, /^limit must be at most 1000$/],
  ])('is refused by %s', async (_, body, status, code, words) => {
    expectError(await list(body), [status, code, null, words]);
  });
});

const CHANGES: [string, (user: t.TestUser) => Promise<Answer>][] = [
  [
    'VBA',
    async (user) => {
      const temporary = t.newPassword();
      const newPassword = { password: temporary, changeRequired: true };
      await t.zitadelChange(tenant.serviceToken, user.userId, { newPassword });
      const forced = { ...user, password: temporary };
      // A session that was opened by the temporary password goes with it.
      const { sessionId } = await openSession(tenant, forced);
      const session = await t.openChallenge(tenant, forced);
      const change = { userID: user.userId, newPassword: t.newPassword(), session };
      const changed = await t.vbaChange(tenant, change);
      expect((await getSession(tenant.readerToken, { sessionId })).status).toBe(404);
      return changed;
    },
  ],
  [
    'ZAP',
    async ({ userId, email, password: oldPassword }) =>
      t.zapChange(tenant, await t.zapToken(tenant, admin), {
        userId,
        email,
        oldPassword,
        newPassword: t.newPassword(),
      }),
  ],
  [
    'ZITADEL by the current password',
    ({ userId, password: currentPassword }) =>
      t.zitadelChange(tenant.readerToken, userId, {
        newPassword: { password: t.newPassword() },
        currentPassword,
      }),
  ],
  [
    'ZITADEL by code',
    async ({ userId }) =>
      t.zitadelChange(tenant.readerToken, userId, {
        newPassword: { password: t.newPassword() },
        verificationCode: await t.resetCode(tenant, userId),
      }),
  ],
];

describe('a change of the password', () => {
  it.each(CHANGES)('by %s ends every session of the user, and no other', async (_, change) => {
    const user = await t.makeUser(tenant);
    const bystander = await t.makeUser(tenant);
    const kept = await openSession(tenant, bystander);
    const ended = [await openSession(tenant, user), await openSession(tenant, user)];
    const bare = await call(tenant.serviceToken, 'POST', 'sessions', checksOf(user));
    expect((await change(user)).status).toBe(200);
    for (const session of [...ended, bare.body]) {
      const gone = await getSession(tenant.readerToken, { sessionId: session.sessionId });
      expectError(gone, [404, 5, 'QUERY-SFeaa', 'Session does not exist']);
      expect((await getSession(tenant.readerToken, session)).status).toBe(404);
    }
    expect((await getSession(tenant.apiKey, kept)).status).toBe(200);
  });
});
