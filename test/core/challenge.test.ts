// The verdict on a NEW_PASSWORD_REQUIRED session.
import { expect, it } from 'vitest';
import { judgeChallenge, referToSession } from '../../src/core/challenge.ts';

const NOW = 1_000_000;
const open = { userId: 'user-1', expiresAt: NOW + 1, tries: 0, spentVersion: null };

it.each([
  ['open', open],
  ['open', { ...open, tries: 4 }],
  ['dead', { ...open, tries: 5 }],
  // Of a spent one the present use is counted already.
  ['spent', { ...open, tries: 5, spentVersion: 2 }],
  ['dead', { ...open, tries: 6, spentVersion: 2 }],
  ['expired', { ...open, expiresAt: NOW }],
  ['expired', { ...open, expiresAt: NOW - 1 }],
  ['expired', { ...open, expiresAt: NOW, spentVersion: 2 }],
  ['spent', { ...open, spentVersion: 2 }],
  ['foreign', { ...open, userId: 'user-2' }],
  ['foreign', { ...open, userId: 'USER-1' }],
  ['foreign', { ...open, userId: 'user-2', expiresAt: NOW, tries: 6, spentVersion: 2 }],
  ['unknown', null],
] as const)('is %s for %j', (verdict, challenge) => {
  expect(judgeChallenge(challenge, 'user-1', NOW)).toBe(verdict);
});

it('bears five wrong uses', () => {
  expect(referToSession('hash')).toEqual({ hash: 'hash', maxTries: 5 });
});
