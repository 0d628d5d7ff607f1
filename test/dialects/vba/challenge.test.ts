// The session of a challenge: what spends it, what does not, what ends it, and the way out of each dead end.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../../support/cheap-hashes.ts';
import * as t from '../../support/tenant.ts';
import { expectChallenge, expectError, expectTokens, refillBuckets } from './call.ts';

cheapenHashes();

const SIGN_IN = '/user-authentication';
const CHANGE = '/change-temporary-password';

let tenant: t.TestTenant;
let user: t.TestUser;
let session: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

afterEach(() => {
  vi.useRealTimers();
});

/** A new user with a temporary password and an open session. */
async function open(within = tenant): Promise<void> {
  user = await t.makeUser(within, { temporary: true });
  session = await t.openChallenge(within, user);
}

function change(over: { userID?: string; newPassword?: string; session?: string } = {}) {
  const body = { userID: user.userId, newPassword: t.newPassword(), session, ...over };
  return t.vbaChange(tenant, body);
}

function passBy(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

async function expireChallenges(): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare('UPDATE challenge SET expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, user.userId)
    .run();
}

describe('a new password that is refused', () => {
  it('does not spend the session, and each broken rule is named', async () => {
    await open();
    const before = await t.readUser(tenant, user.userId);
    const short = expectError(await change({ newPassword: 'fourteen chars' }), 400, CHANGE);
    expect(short).toContain('15');
    const own = user.email.split('@')[0] ?? '';
    const named = `${own} ${user.username} ${user.userId}`;
    expect(expectError(await change({ newPassword: named }), 400, CHANGE)).toMatch(/name/i);
    const long = expectError(await change({ newPassword: 'a b'.repeat(67) }), 400, CHANGE);
    expect(long).toContain('200');
    const control = await change({ newPassword: 'violet harbour\u0000 at dawn' });
    expect(expectError(control, 400, CHANGE)).toContain('newPassword');
    const lone = await change({ newPassword: 'violet harbour\ud800 at dawn' });
    expect(expectError(lone, 400, CHANGE)).toContain('newPassword');
    expect(await t.readUser(tenant, user.userId)).toEqual(before);
    expectTokens(await change());
  });

  it('may be refused more often than a session bears wrong tries', async () => {
    await open();
    for (let i = 0; i < 12; i += 1) {
      expectError(await change({ newPassword: 'too short' }), 400, CHANGE);
    }
    expectTokens(await change());
  });

  it('is refused when it is the temporary one, and does not spend the session', async () => {
    await open();
    expectError(await change({ newPassword: user.password }), 400, CHANGE);
    expectError(await change({ newPassword: user.password }), 400, CHANGE);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
    expectTokens(await change());
  });

  it('is refused when only its Unicode form differs from the temporary one', async () => {
    const temporary = 'caf\u00e9 by the harbour';
    user = await t.makeUser(tenant, { temporary: true, password: temporary });
    session = await t.openChallenge(tenant, user);
    expectError(await change({ newPassword: temporary.normalize('NFD') }), 400, CHANGE);
    expectTokens(await change());
  });

  it('breaks the rules of its own tenant, all of which are listed', async () => {
    const strict = await t.makeTenant({
      settings: {
        policy: { minLength: 8, maxLength: 30, requireClasses: ['digit', 'symbol', 'upper'] },
      },
    });
    const temporary = await t.makeUser(strict, { temporary: true, password: 'Temp0rary!' });
    const opened = await t.openChallenge(strict, temporary);
    const attempt = (newPassword: string) =>
      t.vbaChange(strict, { userID: temporary.userId, newPassword, session: opened });
    const all = expectError(await attempt('short'), 400, CHANGE);
    for (const rule of [/8/, /digit/, /special/, /upper/]) expect(all).toMatch(rule);
    const digit = expectError(await attempt('Harbour!'), 400, CHANGE);
    expect(digit).toMatch(/digit/);
    expect(digit).not.toMatch(/8|special|upper/);
    expect(expectError(await attempt('Harbour1!'.repeat(4)), 400, CHANGE)).toContain('30');
    expectTokens(await attempt('n3wP@ssw0rd'));
  });
});

describe('a new password', () => {
  it.each([
    ['of 15 characters', 'fifteen letters'],
    ['of 200 characters', `${'ab cd'.repeat(39)}e fgh`],
    ['of 15 emoji', `${'\u{1f600}'.repeat(14)}\u{1f4a1}`],
    ['with spaces around it', '  violet harbour  '],
    ['without any digit or capital', 'violetharbourdawn'],
  ])('%s is taken exactly as it is', async (_, newPassword) => {
    await open();
    expectTokens(await change({ newPassword }));
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
    const trimmed = newPassword.trim();
    const near = trimmed === newPassword ? newPassword.slice(0, -1) : trimmed;
    expectError(await t.vbaSignIn(tenant, user.userId, near), 401, SIGN_IN);
  });

  it('is one and the same in both Unicode forms', async () => {
    await open();
    const newPassword = 're\u0301sume\u0301 of the harbour';
    expectTokens(await change({ newPassword }));
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword.normalize('NFC')));
  });

  it('counts characters, not UTF-16 units', async () => {
    await open();
    expectError(await change({ newPassword: '\u{1f600}'.repeat(14) }), 400, CHANGE);
  });
});

describe('a session', () => {
  it('ends when its user signs in again', async () => {
    await open();
    const newer = await t.openChallenge(tenant, user);
    expectError(await change(), 401, CHANGE);
    expectTokens(await change({ session: newer }));
  });

  it('is of no use to another user, and bears four tries of that', async () => {
    await open();
    const other = await t.makeUser(tenant, { temporary: true });
    for (let i = 0; i < 4; i += 1) {
      expectError(await change({ userID: other.userId }), 401, CHANGE);
    }
    expect((await t.readUser(tenant, other.userId)).passwordVersion).toBe(1);
    expectTokens(await change());
  });

  it('is dead after five tries with another user, and a new sign-in leads out', async () => {
    await open();
    for (let i = 0; i < 5; i += 1) expectError(await change({ userID: 'nobody' }), 401, CHANGE);
    expectError(await change(), 401, CHANGE);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
    session = await t.openChallenge(tenant, user);
    expectTokens(await change());
  });

  it('is not spent by another tenant', async () => {
    await open();
    const foreign = await t.makeTenant();
    await t.makeUser(foreign, { userId: user.userId, temporary: true });
    const body = { userID: user.userId, newPassword: t.newPassword(), session };
    for (let i = 0; i < 6; i += 1) expectError(await t.vbaChange(foreign, body), 401, CHANGE);
    expect((await t.readUser(foreign, user.userId)).passwordVersion).toBe(1);
    expectTokens(await change());
  });

  it('expires, and a new sign-in leads out', async () => {
    await open();
    await expireChallenges();
    expectError(await change(), 401, CHANGE);
    session = await t.openChallenge(tenant, user);
    expectTokens(await change());
  });

  it('lives for 15 minutes', async () => {
    await open();
    passBy(14 * 60_000);
    expectError(await change({ newPassword: 'too short' }), 400, CHANGE);
    passBy(60_000);
    expectError(await change(), 401, CHANGE);
  });

  it('ends with the account', async () => {
    await open();
    await t.disableUser(tenant, user.userId);
    expectError(await change(), 401, CHANGE);
  });

  it('ends when the password is changed through another door', async () => {
    await open();
    const changed = await t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: t.newPassword() },
      verificationCode: await t.resetCode(tenant, user.userId),
    });
    expect(changed.status).toBe(200);
    expectError(await change(), 401, CHANGE);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
  });
});

describe('a temporary password past its life', () => {
  it('is told only to who knows it, and a reset code leads out', async () => {
    user = await t.makeUser(tenant, { temporary: true });
    await t
      .databaseOf(tenant)
      .prepare('UPDATE credential SET temporary_expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, user.userId)
      .run();
    const right = await t.vbaSignIn(tenant, user.userId, user.password);
    expectError(right, 401, SIGN_IN, 'TemporaryPasswordExpired');
    const wrong = await t.vbaSignIn(tenant, user.userId, t.newPassword());
    expectError(wrong, 401, SIGN_IN);
    const unknown = await t.vbaSignIn(tenant, 'nobody', user.password);
    expect(wrong.body.error).toEqual(unknown.body.error);

    const password = t.newPassword();
    const reset = await t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password },
      verificationCode: await t.resetCode(tenant, user.userId),
    });
    expect(reset.status).toBe(200);
    expectTokens(await t.vbaSignIn(tenant, user.userId, password));
  });

  it('lives for seven days, or as long as the tenant wants', async () => {
    user = await t.makeUser(tenant, { temporary: true });
    const hasty = await t.makeTenant({ settings: { temporaryPasswordLife: 3600 } });
    const brief = await t.makeUser(hasty, { temporary: true });
    passBy(3_600_000);
    expectChallenge(await t.vbaSignIn(tenant, user.userId, user.password));
    const past = await t.vbaSignIn(hasty, brief.userId, brief.password);
    expectError(past, 401, SIGN_IN, 'TemporaryPasswordExpired');
    passBy(7 * 24 * 3_600_000 - 3_600_000);
    const late = await t.vbaSignIn(tenant, user.userId, user.password);
    expectError(late, 401, SIGN_IN, 'TemporaryPasswordExpired');
  });
});
