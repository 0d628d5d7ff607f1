// Who may use a login session: the holder of its newest token, its user, and who holds the permission.
import { describe, expect, it } from 'vitest';
import { type LoginSession, refuseSession } from '../../src/core/login-session.ts';
import type { Principal } from '../../src/core/store.ts';

const session: LoginSession = {
  id: 'session',
  userId: 'ann',
  subject: 'subject',
  tokenHash: 'newest',
  sequence: 1,
  createdAt: 1,
  changedAt: 1,
  expiresAt: null,
  userVerifiedAt: 1,
  passwordVerifiedAt: null,
  userAgent: null,
  metadata: {},
};

const user = (userId: string, role: 'user' | 'admin' = 'user'): Principal => ({
  kind: 'user',
  userId,
  role,
  familyId: 'family',
  repeats: false,
});
const key = (...scopes: ('signin' | 'user.read' | 'user.write')[]): Principal => ({
  kind: 'key',
  keyId: 'key',
  scopes,
});
const nobody: Principal = { kind: 'nobody' };

const EVERYONE = [user('ann'), user('bo'), user('bo', 'admin'), key('signin'), key('user.write')];
const UNKNOWN = { kind: 'session-refused', fault: 'unknown' };

describe('with a token', () => {
  it.each([...EVERYONE, nobody])('the newest opens it to whoever shows it: %o', (principal) => {
    expect(refuseSession(session, principal, 'newest', 'user.write')).toBeNull();
  });

  it.each(EVERYONE)('another does not, whoever shows it: %o', (principal) => {
    for (const token of ['newes', 'newest ', 'Newest', '']) {
      const refused = refuseSession(session, principal, token, 'user.read');
      expect(refused).toEqual({ kind: 'session-refused', fault: 'token' });
    }
    expect(refuseSession(null, principal, 'newest', 'user.read')).toEqual(UNKNOWN);
  });
});

describe('without a token', () => {
  it.each<[string, Principal, 'user.read' | 'user.write']>([
    ['its user', user('ann'), 'user.write'],
    ['an admin', user('bo', 'admin'), 'user.write'],
    ['who may write users', key('user.write'), 'user.write'],
    ['who may write users, to read', key('user.write'), 'user.read'],
    ['who may read users, to read', key('user.read'), 'user.read'],
  ])('it is for %s', (_, principal, scope) => {
    expect(refuseSession(session, principal, null, scope)).toBeNull();
  });

  it.each<[string, Principal, boolean]>([
    ['another user', user('bo'), false],
    ['a key that may only sign in', key('signin'), true],
    ['a key that may only read, to write', key('user.read'), true],
    ['nobody', nobody, false],
  ])('it is not for %s, who learns nothing of it', (_, principal, member) => {
    const refused = { kind: 'not-permitted', member };
    expect(refuseSession(session, principal, null, 'user.write')).toEqual(refused);
    expect(refuseSession(null, principal, null, 'user.write')).toEqual(refused);
  });

  it('one that is not there is unknown to who might use it', () => {
    expect(refuseSession(null, key('user.write'), null, 'user.write')).toEqual(UNKNOWN);
    expect(refuseSession(null, user('bo', 'admin'), null, 'user.read')).toEqual(UNKNOWN);
    // It cannot be told to be one's own.
    expect(refuseSession(null, user('ann'), null, 'user.read')).toMatchObject({
      kind: 'not-permitted',
    });
  });
});
