// Searches of users: the keys of a filter find whomever it means, and what tells no users apart is known as such.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, listLoginNames } from '../../src/core/account.ts';
import {
  collectKeys,
  matchesUser,
  meansTenant,
  readUserState,
  tellsUsersApart,
  type UserFilter,
} from '../../src/core/user-filter.ts';
import { SUBJECT } from '../support/tokens.ts';

const { tenant } = SUBJECT;
const ann: Account = {
  ...SUBJECT.account,
  userId: 'ann',
  username: 'Ann',
  email: 'Ann@Mail.Example',
  phone: '+41',
};

const named = (
  by: Extract<UserFilter, { kind: 'named' }>['by'],
  value: string,
  exact: boolean,
): UserFilter => ({ kind: 'named', by, values: ['nobody', value], exact });

describe('a user', () => {
  it.each<[string, UserFilter]>([
    ['the id', { kind: 'user-ids', values: ['bo', 'ann'] }],
    ['the name as it is', named('username', 'Ann', true)],
    ['the name in another case', named('username', 'ANN', false)],
    ['the email as it is', named('email', 'Ann@Mail.Example', true)],
    ['the phone', named('phone', '+41', true)],
    ['a login name, whatever its case', named('login-name', 'ANN@mail.example', true)],
    ['the state', { kind: 'state', state: 'active' }],
    ['the organisation', { kind: 'organisation', id: tenant.id }],
    ['nothing at all', { kind: 'all', of: [] }],
    ['one of two', { kind: 'any', of: [named('phone', '+42', true), named('phone', '+41', true)] }],
    ['not being another', { kind: 'not', of: { kind: 'user-ids', values: ['bo'] } }],
  ])('is meant by %s', (_, filter) => {
    expect(matchesUser(filter, ann, tenant)).toBe(true);
    expect(matchesUser({ kind: 'not', of: filter }, ann, tenant)).toBe(false);
  });

  it.each<[string, UserFilter]>([
    ['another id', { kind: 'user-ids', values: ['Ann', 'an', 'ann '] }],
    ['the name in another case', named('username', 'ANN', true)],
    ['the name in another field', named('email', 'Ann', false)],
    ['a part of the name', named('login-name', 'An', false)],
    ['another state', { kind: 'state', state: 'locked' }],
    ['another organisation', { kind: 'organisation', id: 'other' }],
    ['one of none', { kind: 'any', of: [] }],
    [
      'half of both',
      { kind: 'all', of: [named('phone', '+41', true), named('phone', '+42', true)] },
    ],
  ])('is not meant by %s', (_, filter) => {
    expect(matchesUser(filter, ann, tenant)).toBe(false);
  });

  it('is in the state that counts most', () => {
    expect(readUserState({ ...ann, lockedAt: 1 })).toBe('locked');
    expect(readUserState({ ...ann, disabledAt: 1 })).toBe('inactive');
    expect(readUserState({ ...ann, disabledAt: 1, lockedAt: 1 })).toBe('inactive');
  });

  it('without a name is not found by the absence of it', () => {
    expect(matchesUser(named('phone', '', false), { ...ann, phone: null }, tenant)).toBe(false);
  });
});

describe('the keys', () => {
  it.each<[string, UserFilter, object | null]>([
    ['ids', { kind: 'user-ids', values: ['ann'] }, { userIds: ['ann'], loginNames: [] }],
    [
      'names in the form in which they are looked up',
      named('email', 'Ann@Mail.Example', true),
      { userIds: [], loginNames: ['nobody', 'ann@mail.example'] },
    ],
    ['of a state are none', { kind: 'state', state: 'active' }, null],
    [
      'of both are those of the first that has some',
      {
        kind: 'all',
        of: [
          { kind: 'state', state: 'active' },
          { kind: 'user-ids', values: ['ann'] },
        ],
      },
      { userIds: ['ann'], loginNames: [] },
    ],
    [
      'of either are those of both',
      {
        kind: 'any',
        of: [{ kind: 'user-ids', values: ['ann'] }, named('phone', '+41', true)],
      },
      { userIds: ['ann'], loginNames: ['nobody', '+41'] },
    ],
    [
      'of either are none when one has none',
      {
        kind: 'any',
        of: [
          { kind: 'user-ids', values: ['ann'] },
          { kind: 'state', state: 'active' },
        ],
      },
      null,
    ],
    ['of a negation are none', { kind: 'not', of: { kind: 'user-ids', values: ['ann'] } }, null],
    [
      'of what nobody is are empty',
      { kind: 'constant', value: false },
      { userIds: [], loginNames: [] },
    ],
  ])('are %s', (_, filter, keys) => {
    expect(collectKeys(filter)).toEqual(keys);
  });
});

describe('a search', () => {
  const one: UserFilter = { kind: 'user-ids', values: ['ann'] };
  const here: UserFilter = { kind: 'organisation', id: tenant.id };
  const nobody: UserFilter = { kind: 'constant', value: false };

  it.each<[string, UserFilter]>([
    ['users by id', one],
    ['users by name', named('email', 'a@b', true)],
    ['users by state', { kind: 'state', state: 'locked' }],
    ['users of an organisation', { kind: 'all', of: [here, one] }],
    ['an organisation, and users', { kind: 'any', of: [here, one] }],
    ['all but some', { kind: 'not', of: one }],
  ])('for %s has to know the users', (_, search) => {
    expect(tellsUsersApart(search)).toBe(true);
  });

  it.each<[string, UserFilter]>([
    ['an organisation', here],
    ['nobody', nobody],
    ['whatever there is', { kind: 'all', of: [] }],
    ['one organisation of several', { kind: 'any', of: [nobody, here] }],
    ['an organisation in several ways', { kind: 'all', of: [here, here] }],
    ['all other organisations', { kind: 'not', of: here }],
  ])('for %s needs none of them', (_, search) => {
    expect(tellsUsersApart(search)).toBe(false);
  });
});

const NAMES = ['ann', 'Ann', 'bo', 'a@b', 'A@B', '+41'];
const name = fc.constantFrom(...NAMES);
const account = fc.record({
  userId: fc.constantFrom('ann', 'bo', 'cy'),
  username: fc.option(name),
  email: fc.option(name),
  phone: fc.option(name),
  disabledAt: fc.option(fc.constant(1)),
  lockedAt: fc.option(fc.constant(1)),
});

const { filter } = fc.letrec<{ filter: UserFilter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('user-ids' as const),
      values: fc.array(fc.constantFrom('ann', 'bo')),
    }),
    fc.record({
      kind: fc.constant('named' as const),
      by: fc.constantFrom('username', 'email', 'phone', 'login-name'),
      values: fc.array(name),
      exact: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('state' as const),
      state: fc.constantFrom('active', 'inactive', 'locked'),
    }),
    fc.record({
      kind: fc.constant('organisation' as const),
      id: fc.constantFrom(tenant.id, 'other'),
    }),
    fc.record({ kind: fc.constant('constant' as const), value: fc.boolean() }),
    fc.record({
      kind: fc.constantFrom('all', 'any'),
      of: fc.array(tie('filter'), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('filter') }),
  ),
}));

describe('every filter', () => {
  it('means only users whom its keys find', () => {
    fc.assert(
      fc.property(filter, account, (any, names) => {
        const user: Account = { ...ann, ...names };
        const keys = collectKeys(any);
        if (keys === null || !matchesUser(any, user, tenant)) return;
        const isFound =
          keys.userIds.includes(user.userId) ||
          listLoginNames(user).some((loginName) => keys.loginNames.includes(loginName));
        expect(isFound).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('that tells no users apart means all of the tenant or none', () => {
    fc.assert(
      fc.property(filter, account, (any, names) => {
        if (tellsUsersApart(any)) return;
        const isMeant = matchesUser(any, { ...ann, ...names }, tenant);
        expect(isMeant).toBe(meansTenant(any, tenant));
      }),
      { numRuns: 2000 },
    );
  });
});
