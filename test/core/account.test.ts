// The states of a credential, and the names under which an account is found.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Credential,
  isChangeDue,
  listLoginNames,
  normaliseLoginName,
  readCredentialState,
} from '../../src/core/account.ts';

describe('the state of a credential', () => {
  const NOW = 1_000_000;
  const active: Credential = {
    version: 1,
    hash: 'hash',
    mustChange: false,
    temporaryExpiresAt: null,
    resetRequired: false,
    changedAt: 0,
    operationId: 'operation-1',
    replayTag: null,
  };
  const temporary = { ...active, mustChange: true };

  it.each([
    ['active', active],
    ['active', { ...active, temporaryExpiresAt: NOW - 1 }],
    ['temporary', temporary],
    ['temporary', { ...temporary, temporaryExpiresAt: NOW + 1 }],
    ['temporary-expired', { ...temporary, temporaryExpiresAt: NOW }],
    ['temporary-expired', { ...temporary, temporaryExpiresAt: NOW - 1 }],
    ['reset-required', { ...active, resetRequired: true }],
    ['reset-required', { ...temporary, resetRequired: true, temporaryExpiresAt: NOW - 1 }],
    ['no-password', { ...active, hash: null, resetRequired: true }],
    ['no-password', { ...active, hash: null }],
    ['no-password', { ...temporary, hash: null, temporaryExpiresAt: NOW - 1 }],
  ] as const)('is %s for %j', (state, credential) => {
    expect(readCredentialState(credential, undefined, NOW)).toBe(state);
  });
});

describe('a password that grows old', () => {
  const credential: Credential = {
    ...{ version: 1, hash: 'hash', mustChange: false, temporaryExpiresAt: null },
    ...{ resetRequired: false, changedAt: 5000, operationId: 'operation-1', replayTag: null },
  };

  it.each([
    ['active', false, 14_999, credential],
    ['overdue', true, 15_000, credential],
    ['temporary', true, 15_000, { ...credential, mustChange: true }],
    ['reset-required', false, 15_000, { ...credential, resetRequired: true }],
    ['no-password', false, 15_000, { ...credential, hash: null }],
  ] as const)('is %s, to be changed: %s, at %i', (state, isDue, now, aged) => {
    expect(readCredentialState(aged, 10, now)).toBe(state);
    expect(isChangeDue(aged, 10, now)).toBe(isDue);
  });

  it('is never so where passwords do not grow old', () => {
    expect(isChangeDue(credential, undefined, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});

describe('the form of a login name', () => {
  it.each([
    ['Mike@Mail.Example', 'mike@mail.example'],
    ['ABCXYZ', 'abcxyz'],
    ['rene\u0301', 'ren\u00e9'],
    ['+1 555 123', '+1 555 123'],
    ['  mike  ', '  mike  '],
    ['[\\]^_`@', '[\\]^_`@'],
    ['', ''],
  ])('of %j is %j', (name, expected) => {
    expect(normaliseLoginName(name)).toBe(expected);
  });

  it.each([
    ['a dotless i', 'm\u0131ke', 'mike'],
    ['a dotted capital I', 'M\u0130KE', 'mike'],
    ['a Kelvin sign', 'mi\u212ae', 'mike'],
    ['a sharp s', 'stra\u00dfe', 'strasse'],
    ['a capital sharp s', 'stra\u1e9ee', 'stra\u00dfe'],
    ['a long s', 'ja\u017fon', 'jason'],
    ['a fullwidth letter', '\uff4dike', 'mike'],
    ['a Cyrillic look-alike', 'm\u0456ke', 'mike'],
    ['a capital with an accent', 'REN\u00c9', 'ren\u00e9'],
    ['a trailing space', 'mike ', 'mike'],
    ['a zero width space', 'mi\u200bke', 'mike'],
  ])('does not merge %s', (_, name, other) => {
    expect(normaliseLoginName(name)).not.toBe(normaliseLoginName(other));
  });

  it('is its own form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const once = normaliseLoginName(name);
        expect(normaliseLoginName(once)).toBe(once);
      }),
    );
  });
});

it('finds an account by each of its names, once', () => {
  const account = { username: 'Mike', email: 'MIKE@mail.example', phone: '+1555' };
  expect(listLoginNames(account)).toEqual(['mike', 'mike@mail.example', '+1555']);
  expect(listLoginNames({ username: 'A@B', email: 'a@b', phone: null })).toEqual(['a@b']);
  expect(listLoginNames({ username: null, email: null, phone: null })).toEqual([]);
});
