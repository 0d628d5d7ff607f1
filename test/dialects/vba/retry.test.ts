// The same forced change once more, after its answer was lost.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as t from '../../support/tenant.ts';
import { expectError, expectTokens, refillBuckets, type Tokens } from './call.ts';

const CHANGE = '/change-temporary-password';

let tenant: t.TestTenant;
let user: t.TestUser;
let session: string;
let newPassword: string;
let first: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

beforeEach(async () => {
  user = await t.makeUser(tenant, { temporary: true });
  session = await t.openChallenge(tenant, user);
  newPassword = t.newPassword();
  first = expectTokens(await change());
});

afterEach(() => {
  vi.useRealTimers();
});

function change(over: { userID?: string; newPassword?: string } = {}) {
  return t.vbaChange(tenant, { userID: user.userId, newPassword, session, ...over });
}

describe('the same request again', () => {
  it('answers with fresh tokens and changes nothing', async () => {
    const before = await t.readUser(tenant, user.userId);
    const events = await t.listEvents(tenant, user.userId);
    for (let i = 0; i < 2; i += 1) {
      const again = expectTokens(await change());
      expect(again.refreshToken).not.toBe(first.refreshToken);
      expect(again.accessToken).not.toBe(first.accessToken);
      expectTokens(await t.vbaRefresh(tenant, again));
    }
    expect(await t.readUser(tenant, user.userId)).toEqual(before);
    expect(await t.listEvents(tenant, user.userId)).toEqual(events);
    expectTokens(await t.vbaRefresh(tenant, first));
  });

  it('answers more often than a session bears wrong tries', async () => {
    for (let i = 0; i < 7; i += 1) expectTokens(await change());
  });

  it('is refused with another password', async () => {
    expectError(await change({ newPassword: t.newPassword() }), 401, CHANGE);
    expectError(await change({ newPassword: user.password }), 401, CHANGE);
    expectError(await change({ newPassword: 'too short' }), 401, CHANGE);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(2);
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
  });

  it('is refused with another user', async () => {
    const other = await t.makeUser(tenant, { password: newPassword });
    expectError(await change({ userID: other.userId }), 401, CHANGE);
  });

  it('cannot be used to guess the password', async () => {
    for (let i = 0; i < 5; i += 1) {
      expectError(await change({ newPassword: t.newPassword() }), 401, CHANGE);
    }
    expectError(await change(), 401, CHANGE);
    expectTokens(await t.vbaSignIn(tenant, user.userId, newPassword));
  });

  it('is refused once the session is past its life', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * 60_000 });
    expectError(await change(), 401, CHANGE);
  });

  it('is refused once the password was changed again', async () => {
    const changed = await t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: t.newPassword() },
      currentPassword: newPassword,
    });
    expect(changed.status).toBe(200);
    expectError(await change(), 401, CHANGE);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(3);
  });

  it('is refused once the account is disabled', async () => {
    await t.disableUser(tenant, user.userId);
    expectError(await change(), 401, CHANGE);
  });
});
