// ListUsers: every search that is served, page by page, and who finds whom.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { addHuman, addOneOfEachState, call, type Human } from '../../support/zitadel-users.ts';
import { expectError } from './wire.ts';

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let humans: readonly [active: Human, inactive: Human, locked: Human];
let own: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  humans = await addOneOfEachState(tenant);
  const [{ userId, username, email }] = humans;
  await addHuman(foreign, { userId, username, email: { email } });
  own = await t.zapToken(tenant, humans[0]);
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);

const list = (body: object, token = tenant.readerToken) => call(token, 'POST', 'users', body);
const readIds = ({ body }: Answer): string[] =>
  (body.result ?? []).map(({ userId }: { userId: string }) => userId);
const find = async (...queries: object[]) => {
  const answer = await list({ queries, query: { asc: true } });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return readIds(answer);
};
const idsOf = (...indexes: (0 | 1 | 2)[]) => indexes.map((index) => humans[index].userId);

const inIds = (...userIds: string[]) => ({ inUserIdsQuery: { userIds } });
const byEmail = (emailAddress: string, method?: string) => ({
  emailQuery: { emailAddress, method },
});
const byLogin = (loginName: string, method?: string) => ({ loginNameQuery: { loginName, method } });
const byName = (userName: string, method?: string) => ({ userNameQuery: { userName, method } });
const byPhone = (number: string, method?: string) => ({ phoneQuery: { number, method } });
const byState = (state: string) => ({ stateQuery: { state } });
const and = (...queries: object[]) => ({ andQuery: { queries } });
const or = (...queries: object[]) => ({ orQuery: { queries } });
const not = (query: object) => ({ notQuery: { query } });
const IGNORE = 'TEXT_QUERY_METHOD_EQUALS_IGNORE_CASE';
const all = () => inIds(...idsOf(0, 1, 2));

describe('ListUsers', () => {
  it('finds by id, and by names as they are or whatever their case', async () => {
    const { username, email, phone } = humans[0];
    expect(await find(inIds(...idsOf(2, 0), 'nobody', ...idsOf(0)))).toEqual(idsOf(0, 2));
    expect(await find(inIds())).toEqual([]);
    for (const query of [byName(username), byLogin(username), byLogin(email), byLogin(phone)]) {
      expect(await find(query)).toEqual(idsOf(0));
    }
    expect(await find(byEmail(email))).toEqual(idsOf(0));
    expect(await find(byPhone(phone))).toEqual(idsOf(0));
    for (const [exact, ignoring] of [
      [byName(username.toUpperCase()), byName(username.toUpperCase(), IGNORE)],
      [byEmail(email.toUpperCase()), byEmail(email.toUpperCase(), IGNORE)],
    ] as const) {
      expect(await find(exact)).toEqual([]);
      expect(await find(ignoring)).toEqual(idsOf(0));
    }
    // A login name has no case of its own.
    expect(await find(byLogin(email.toUpperCase()))).toEqual(idsOf(0));
    const emails = {
      inUserEmailsQuery: { userEmails: [email, humans[2].email, 'no@mail.example'] },
    };
    expect(await find(emails)).toEqual(idsOf(0, 2));
  });

  it('finds a name only in the field that is asked', async () => {
    const { username, email } = humans[0];
    expect(await find(byName(email))).toEqual([]);
    expect(await find(byEmail(username))).toEqual([]);
    expect(await find(byPhone(email.slice(0, 20)))).toEqual([]);
  });

  it('reads names in snake case as well', async () => {
    const snake = { in_user_ids_query: { user_ids: idsOf(1) } };
    expect(await find(snake, { type_query: { type: 'TYPE_HUMAN' } })).toEqual(idsOf(1));
  });

  it('narrows by state, by type and by organisation', async () => {
    expect(await find(all(), byState('USER_STATE_ACTIVE'))).toEqual(idsOf(0));
    expect(await find(all(), byState('USER_STATE_INACTIVE'))).toEqual(idsOf(1));
    expect(await find(all(), byState('USER_STATE_LOCKED'))).toEqual(idsOf(2));
    expect(await find(all(), byState('USER_STATE_INITIAL'))).toEqual([]);
    expect(await find(all(), { typeQuery: { type: 'TYPE_MACHINE' } })).toEqual([]);
    for (const [organizationId, found] of [
      [tenant.orgId, idsOf(0, 1, 2)],
      [foreign.orgId, []],
    ] as const) {
      expect(await find(all(), { organizationIdQuery: { organizationId } })).toEqual(found);
    }
  });

  it('joins by and, or, and not', async () => {
    const one = inIds(...idsOf(0));
    const two = byLogin(humans[1].email);
    expect(await find(and(all(), two))).toEqual(idsOf(1));
    expect(await find(or(one, two))).toEqual(idsOf(0, 1));
    expect(await find(all(), not(or(one, two)))).toEqual(idsOf(2));
    expect(await find(all(), not(not(one)))).toEqual(idsOf(0));
    expect(await find(or(and(all(), byState('USER_STATE_LOCKED')), one))).toEqual(idsOf(0, 2));
    expect(await find(and(one, two))).toEqual([]);
    expect(await find(one, two)).toEqual([]);
  });

  it('has all users of the tenant, page by page', async () => {
    const everyone = readIds(await list({ query: { asc: true } }));
    expect(everyone).toEqual(everyone.toSorted());
    expect(everyone).toEqual(expect.arrayContaining(idsOf(0, 1, 2)));
    const totalResult = String(everyone.length);
    const page = async (offset: string, limit: number, asc: boolean) => {
      const answer = await list({ query: { offset, limit, asc } });
      expect(answer.body.details).toEqual({ totalResult, timestamp: TIME });
      return readIds(answer);
    };
    expect(await page('0', 2, true)).toEqual(everyone.slice(0, 2));
    expect(await page('1', 2, true)).toEqual(everyone.slice(1, 3));
    expect(await page('1', 2, false)).toEqual(everyone.toReversed().slice(1, 3));
    expect(await page('18446744073709551615', 2, true)).toEqual([]);
    const organisation = { organizationIdQuery: { organizationId: tenant.orgId } };
    expect(await find(organisation)).toEqual(everyone);
    expect(await find({ organizationIdQuery: { organizationId: foreign.orgId } })).toEqual([]);
    expect(await find(not({ organizationIdQuery: { organizationId: foreign.orgId } }))).toEqual(
      everyone,
    );
  });

  it('has pages of what was searched for, too', async () => {
    const answer = await list({ queries: [all()], query: { offset: '1', limit: 1 } });
    expect([readIds(answer), answer.body.details.totalResult]).toEqual([idsOf(1), '3']);
  });

  it('has of a plain user nobody else, whatever is asked', async () => {
    for (const queries of [[], [all()], [byLogin(humans[0].email)], [not(inIds('x')), all()]]) {
      const answer = await list({ queries }, own);
      expect([readIds(answer), answer.body.details.totalResult]).toEqual([idsOf(0), '1']);
    }
    expect(readIds(await list({ queries: [inIds(...idsOf(1))] }, own))).toEqual([]);
    expect(readIds(await list({}, tenant.apiKey))).toEqual([]);
    expect(readIds(await list({ queries: [all()] }, tenant.apiKey))).toEqual([]);
  });

  it.each<[string, () => object, number, number, RegExp]>([
    [
      'a part of a name',
      () => byName('A', 'TEXT_QUERY_METHOD_STARTS_WITH'),
      501,
      12,
      /part of a name/,
    ],
    [
      'a part of an email',
      () => byEmail('@', 'TEXT_QUERY_METHOD_CONTAINS'),
      501,
      12,
      /part of a name/,
    ],
    ['a first name', () => ({ firstNameQuery: { firstName: 'Ann' } }), 501, 12, /firstNameQuery/],
    ['a display name', () => ({ displayNameQuery: { displayName: 'A' } }), 501, 12, /displayName/],
    ['a state alone', () => byState('USER_STATE_LOCKED'), 501, 12, /reads every user/],
    ['a negation alone', () => not(inIds('x')), 501, 12, /reads every user/],
    ['one half without keys', () => or(inIds('x'), byState('USER_STATE_LOCKED')), 501, 12, /every/],
    ['nothing', () => ({}), 400, 3, /SearchQuery\.Query: value is required$/],
    [
      'the negation of nothing',
      () => ({ notQuery: {} }),
      400,
      3,
      /NotQuery\.Query: value is required$/,
    ],
    ['an empty name', () => byName(''), 400, 3, /UserNameQuery\.UserName: value length/],
    [
      'an unknown way',
      () => ({ userNameQuery: { userName: 'A', method: 99 } }),
      400,
      3,
      /Method: value must be one of/,
    ],
    [
      'an unknown state',
      () => ({ stateQuery: { state: 99 } }),
      400,
      3,
      /State: value must be one of/,
    ],
  ])('is refused by %s', async (_, query, status, code, words) => {
    expectError(await list({ queries: [query()] }), [status, code, null, words]);
  });

  it('is refused in another order, and above a thousand', async () => {
    const sorted = await list({ sortingColumn: 'USER_FIELD_NAME_EMAIL' });
    expectError(sorted, [501, 12, null, /^a sorting column /]);
    const large = await list({ query: { limit: 1001 } });
    expectError(large, [400, 3, null, 'limit must be at most 1000']);
    expect((await list({ query: { limit: 1000 } })).status).toBe(200);
  });
});
