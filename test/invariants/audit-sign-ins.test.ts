// How a sign-in and a challenge ended is in the user's audit, in a word: for each cause.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AuditedCase, audit } from '../support/audited.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import * as t from '../support/tenant.ts';
import { mustStep } from '../support/zitadel-users.ts';

cheapenHashes();

const WRONG = 'a wrong password for all';
const HOUR = 3_600_000;

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

afterEach(() => {
  vi.useRealTimers();
});

function passBy(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

const wrongSignIn = (user: t.TestUser) => () => t.vbaSignIn(tenant, user.userId, WRONG);
const rightSignIn = (user: t.TestUser) => () => t.vbaSignIn(tenant, user.userId, user.password);

async function openChallenge() {
  const user = await t.makeUser(tenant, { temporary: true });
  const session = await t.openChallenge(tenant, user);
  const change = (over: { readonly session?: string; readonly newPassword?: string } = {}) =>
    t.vbaChange(tenant, { userID: user.userId, newPassword: t.newPassword(), session, ...over });
  return { user, session, change };
}

const CASES: readonly AuditedCase[] = [
  [
    'a wrong password',
    ['sign-in.refused by key reason=wrong-password'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: wrongSignIn(user) };
    },
  ],
  [
    'the password of a deactivated user',
    ['sign-in.refused by key reason=disabled'],
    async () => {
      const user = await t.makeUser(tenant);
      await t.disableUser(tenant, user.userId);
      return { userId: user.userId, act: rightSignIn(user) };
    },
  ],
  [
    'the password of a locked user',
    ['sign-in.refused by key reason=locked'],
    async () => {
      const user = await t.makeUser(tenant);
      await mustStep(tenant, user.userId, 'lock');
      return { userId: user.userId, act: rightSignIn(user) };
    },
  ],
  [
    'a password of a user who has none',
    ['sign-in.refused by key reason=no-password'],
    async () => {
      const user = await t.makeUser(tenant, { withoutPassword: true });
      return { userId: user.userId, act: wrongSignIn(user) };
    },
  ],
  [
    'a sign-in',
    ['sign-in.succeeded by key'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: rightSignIn(user) };
    },
  ],
  [
    'a sign-in with a temporary password',
    ['sign-in.challenged by key'],
    async () => {
      const user = await t.makeUser(tenant, { temporary: true });
      return { userId: user.userId, act: rightSignIn(user) };
    },
  ],
  [
    'a temporary password that is over',
    ['sign-in.refused by key reason=temporary-password-expired'],
    async () => {
      const user = await t.makeUser(tenant, { temporary: true });
      passBy(400 * 24 * HOUR);
      return { userId: user.userId, act: rightSignIn(user) };
    },
  ],
  [
    'a challenge that nobody knows',
    ['password.change-refused by key proof=challenge reason=challenge-unknown'],
    async () => {
      const { user, session, change } = await openChallenge();
      const other = `${session.slice(0, -1)}${session.endsWith('A') ? 'B' : 'A'}`;
      return { userId: user.userId, act: () => change({ session: other }) };
    },
  ],
  [
    'the challenge of another user',
    ['password.change-refused by key proof=challenge reason=challenge-foreign'],
    async () => {
      const { session } = await openChallenge();
      const { user, change } = await openChallenge();
      return { userId: user.userId, act: () => change({ session }) };
    },
  ],
  [
    'a challenge that is over',
    ['password.change-refused by key proof=challenge reason=challenge-expired'],
    async () => {
      const { user, change } = await openChallenge();
      passBy(HOUR);
      return { userId: user.userId, act: () => change() };
    },
  ],
  [
    'a challenge that was tried too often',
    ['password.change-refused by key proof=challenge reason=challenge-dead'],
    async () => {
      const { user, session, change } = await openChallenge();
      const other = await t.makeUser(tenant);
      for (let tries = 0; tries < 5; tries += 1) {
        await t.vbaChange(tenant, {
          userID: other.userId,
          newPassword: t.newPassword(),
          session,
        });
      }
      return { userId: user.userId, act: () => change() };
    },
  ],
  [
    'a challenge, and once more to another password',
    [
      'password.changed by key mustChange=false proof=challenge version=2',
      'password.change-refused by key proof=challenge reason=challenge-spent',
    ],
    async () => {
      const { user, change } = await openChallenge();
      return { userId: user.userId, act: async () => [await change(), await change()] };
    },
  ],
  [
    'a challenge, and once more the same',
    ['password.changed by key mustChange=false proof=challenge version=2'],
    async () => {
      const { user, change } = await openChallenge();
      const newPassword = t.newPassword();
      const act = async () => [await change({ newPassword }), await change({ newPassword })];
      return { userId: user.userId, act };
    },
  ],
  [
    'a challenge, and once more the same after another change',
    ['password.change-refused by key proof=challenge reason=challenge-unknown'],
    async () => {
      const { user, change } = await openChallenge();
      const newPassword = t.newPassword();
      await change({ newPassword });
      const changed = { newPassword: { password: t.newPassword() } };
      await t.zitadelChange(tenant.serviceToken, user.userId, changed);
      return { userId: user.userId, act: () => change({ newPassword }) };
    },
  ],
  [
    'the challenge of a user who was deactivated since',
    ['password.change-refused by key proof=challenge reason=challenge-unknown'],
    async () => {
      const { user, change } = await openChallenge();
      await t.disableUser(tenant, user.userId);
      return { userId: user.userId, act: () => change() };
    },
  ],
  [
    'the challenge of a user who was locked since',
    ['password.change-refused by key proof=challenge reason=challenge-unknown'],
    async () => {
      const { user, change } = await openChallenge();
      await mustStep(tenant, user.userId, 'lock');
      return { userId: user.userId, act: () => change() };
    },
  ],
];

describe('the audit', () => {
  it.each(CASES)('tells %s', async (_, expected, prepare) => {
    expect(await audit(tenant, await prepare())).toEqual(expected);
  });
});
