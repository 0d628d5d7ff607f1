// Who may change what of an account without a proof of its password.
import { expect, it } from 'vitest';
import { refusePatch } from '../../src/core/account-change.ts';
import type { Principal } from '../../src/core/store.ts';

const user: Principal = { kind: 'user', userId: 'u', role: 'user', familyId: 'f', repeats: false };
const admin: Principal = { ...user, role: 'admin' };
const service: Principal = { kind: 'key', keyId: 'k', scopes: ['user.write'] };

it.each([
  ['a name', { name: 'Ann' }, false, false],
  ['an email without a proof', { email: 'a@b.c' }, false, true],
  ['an email with a proof', { email: 'a@b.c' }, true, false],
  ['a word for an address', { profile: { emailVerified: true } }, true, true],
  ['a role, even with a proof', { role: 'admin' }, true, true],
  ['a role that it has', { role: 'user' }, false, true],
] as const)('a user of itself: %s', (_, patch, isProved, isRefused) => {
  expect(refusePatch(user, patch, isProved) !== null).toBe(isRefused);
  expect(refusePatch(admin, patch, isProved)).toBeNull();
  expect(refusePatch(service, patch, isProved)).toBeNull();
});
