// How REST reads a request without a body: the query, bound to the message's fields as google.api.http says.
import { type DescMessage, toJson } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { SettingsService, UserService } from '../../../src/dialects/zitadel/descriptors.ts';
import { decodeQuery } from '../../../src/dialects/zitadel/query.ts';

const SETTINGS = SettingsService.method.getPasswordComplexitySettings.input;
const USERS = UserService.method.listUsers.input;
/** No request has a list of scalars at its top; the search's parts do. */
const SEARCH: DescMessage = USERS.field.queries.message as DescMessage;

function read(input: DescMessage, search: string) {
  const message = decodeQuery(input, search);
  return message === null ? null : toJson(input, message);
}

describe('a query', () => {
  it.each<[string, DescMessage, unknown]>([
    ['', SETTINGS, {}],
    ['?', SETTINGS, {}],
    ['?ctx.orgId=o-1', SETTINGS, { ctx: { orgId: 'o-1' } }],
    ['?ctx.org_id=o+1%2B', SETTINGS, { ctx: { orgId: 'o 1+' } }],
    ['?ctx.orgId=', SETTINGS, { ctx: { orgId: '' } }],
    ['?ctx.instance=true', SETTINGS, { ctx: { instance: true } }],
    ['?ctx.instance=False', SETTINGS, { ctx: { instance: false } }],
    [
      '?ctx.instance=1&unknown=x&ctx.unknown=x&__proto__.x=y',
      SETTINGS,
      { ctx: { instance: true } },
    ],
    [
      '?in_user_ids_query.user_ids=a&inUserIdsQuery.user_ids=b%2Cc',
      SEARCH,
      { inUserIdsQuery: { userIds: ['a', 'b,c'] } },
    ],
    [
      '?notQuery.query.user_name_query.userName=n&notQuery.query.userNameQuery.method=3',
      SEARCH,
      {
        notQuery: {
          query: {
            userNameQuery: { userName: 'n', method: 'TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE' },
          },
        },
      },
    ],
    [
      '?query.offset=18446744073709551615&query.limit=7&query.asc=true',
      USERS,
      { query: { offset: '18446744073709551615', limit: 7, asc: true } },
    ],
    ['?sortingColumn=USER_FIELD_NAME_EMAIL', USERS, { sortingColumn: 'USER_FIELD_NAME_EMAIL' }],
    ['?sorting_column=5', USERS, { sortingColumn: 'USER_FIELD_NAME_DISPLAY_NAME' }],
  ])('"%s" is read', (search, input, expected) => {
    expect(read(input, search)).toEqual(expected);
  });

  it.each<[string, DescMessage, string]>([
    ['a value that is no boolean', SETTINGS, '?ctx.instance=yes'],
    ['both arms of a oneof', SETTINGS, '?ctx.orgId=o&ctx.instance=true'],
    ['a field twice', SETTINGS, '?ctx.orgId=o&ctx.orgId=o'],
    ['a field in both spellings', SETTINGS, '?ctx.orgId=o&ctx.org_id=o'],
    ['a message as a whole', SETTINGS, '?ctx=o'],
    ['a path through a scalar', SETTINGS, '?ctx.orgId.x=o'],
    ['a depth without end', SEARCH, `?${'notQuery.query.'.repeat(1000)}stateQuery.state=1`],
    ['a path through a list', USERS, '?queries.limit=1'],
    ['a list of messages', USERS, '?queries=x'],
    ['a number out of range', USERS, '?query.limit=4294967296'],
    ['a number that is none', USERS, '?query.limit=seven'],
    ['no number', USERS, '?query.limit='],
    ['a fraction', USERS, '?query.limit=1.5'],
    ['an enum by a name that it has not', USERS, '?sortingColumn=NOTHING'],
    ['an enum by a number that no enum has', USERS, '?sortingColumn=99999999999999'],
    ['bytes that are no text', SETTINGS, '?ctx.orgId=%ff'],
    ['an escape that is none', SETTINGS, '?ctx.orgId=100%'],
  ])('is refused with %s', (_, input, search) => {
    expect(read(input, search)).toBeNull();
  });
});
