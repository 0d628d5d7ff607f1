// Changes of an account: who may make which without a proof of its password, and what follows from them.
import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/core/account.ts';
import { describePatch, isPatched, refusePatch } from '../../src/core/account-change.ts';
import type { Principal } from '../../src/core/store.ts';

const user: Principal = { kind: 'user', userId: 'u', role: 'user', familyId: 'f', repeats: false };
const admin: Principal = { ...user, role: 'admin' };
const service: Principal = { kind: 'key', keyId: 'k', scopes: ['user.write'] };

it.each([
  ['a name', { name: 'Ann' }, false, false],
  ['an email without a proof', { email: 'a@b.c' }, false, true],
  ['an email with a proof', { email: 'a@b.c' }, true, false],
  ['a phone without a proof', { phone: '+41791234567' }, false, true],
  ['a phone with a proof', { phone: '+41791234567' }, true, false],
  ['no address any more, without a proof', { email: null }, false, true],
  ['a word for an address', { profile: { emailVerified: true } }, true, true],
  ['a word for a phone', { profile: { phoneVerified: true } }, true, true],
  ['that an address is not vouched for', { profile: { emailVerified: false } }, false, false],
  ['a role, even with a proof', { role: 'admin' }, true, true],
  ['a role that it has', { role: 'user' }, false, true],
] as const)('a user of itself: %s', (_, patch, isProved, isRefused) => {
  const refusal = { kind: 'not-permitted', member: true };
  expect(refusePatch(user, patch, isProved)).toEqual(isRefused ? refusal : null);
  expect(refusePatch(admin, patch, isProved)).toBeNull();
  expect(refusePatch(service, patch, isProved)).toBeNull();
});

const ann: Account = {
  ...{ userId: 'u', role: 'user', createdAt: 1, updatedAt: 2, disabledAt: null, lockedAt: null },
  ...{ username: 'Ann', email: 'ann@mail.example', phone: null, name: 'Ann Other' },
  profile: { givenName: 'Ann', emailVerified: true },
};

describe('a patch', () => {
  const actor = { kind: 'operator' } as const;

  it('keeps what it does not speak of, moves the login names, and is told in the audit by its fields', () => {
    const patch = { email: 'Ann@New.example', profile: { givenName: 'Anna' } };
    const details = {
      ...ann,
      email: 'Ann@New.example',
      profile: { givenName: 'Anna', emailVerified: true },
    };
    expect(describePatch(ann, patch, actor)).toEqual([
      {
        kind: 'update-account',
        details,
        role: 'user',
        oldLoginNames: ['ann', 'ann@mail.example'],
        newLoginNames: ['ann', 'ann@new.example'],
      },
      {
        kind: 'event',
        event: { type: 'user.updated', actor, facts: { fields: 'email givenName' } },
      },
    ]);
  });

  it('that says nothing changes nothing', () => {
    expect(describePatch(ann, {}, actor)).toEqual([]);
    expect(describePatch(ann, { profile: {} }, actor)).toEqual([]);
  });

  it.each([
    [{}, true],
    [{ email: 'ann@mail.example', profile: { givenName: 'Ann' } }, true],
    [{ email: 'Ann@mail.example' }, false],
    [{ phone: null }, true],
    [{ email: 'ann@mail.example', name: 'Ann' }, false],
    [{ profile: { givenName: 'Ann', familyName: 'Other' } }, false],
    [{ email: 'other@mail.example', profile: { givenName: 'Ann' } }, false],
  ])('%j was made already: %s', (patch, isMade) => {
    expect(isPatched(ann, patch)).toBe(isMade);
  });
});
