// What was done to a user, or was refused, is in the user's audit, in a word: changes, codes, sessions, states.
import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditedCase, audit } from '../support/audited.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import * as t from '../support/tenant.ts';
import { call as callZitadel, mustStep, setSession } from '../support/zitadel-users.ts';

cheapenHashes();

const WRONG = 'a wrong password for all';

let tenant: t.TestTenant;
let adminToken: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  adminToken = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

const zapChange = (user: t.TestUser, over: object) =>
  t.zapChange(tenant, adminToken, {
    userId: user.userId,
    email: user.email,
    oldPassword: user.password,
    newPassword: t.newPassword(),
    ...over,
  });

const zitadelChange = (user: t.TestUser, proof: object) =>
  t.zitadelChange(tenant.serviceToken, user.userId, {
    newPassword: { password: t.newPassword() },
    ...proof,
  });

const CASES: readonly AuditedCase[] = [
  [
    'a wrong old password',
    ['password.change-refused by admin proof=password reason=wrong-password'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: () => zapChange(user, { oldPassword: WRONG }) };
    },
  ],
  [
    'a wrong secureOTP',
    ['password.change-refused by admin proof=password reason=wrong-code'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: () => zapChange(user, { secureOTP: '00000000' }) };
    },
  ],
  [
    'a change by an administrator with the old password',
    ['password.changed by admin mustChange=false proof=password version=2'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: () => zapChange(user, {}) };
    },
  ],
  [
    'a wrong current password',
    ['password.change-refused by key proof=password reason=wrong-password'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: () => zitadelChange(user, { currentPassword: WRONG }) };
    },
  ],
  [
    'a wrong code',
    ['password.change-refused by key proof=code reason=wrong-code'],
    async () => {
      const user = await t.makeUser(tenant);
      await t.resetCode(tenant, user.userId);
      const act = () => zitadelChange(user, { verificationCode: 'AAAAAAAA' });
      return { userId: user.userId, act };
    },
  ],
  [
    'a code, and once more to another password',
    [
      'password.changed by key mustChange=false proof=code version=2',
      'password.change-refused by key proof=code reason=wrong-code',
    ],
    async () => {
      const user = await t.makeUser(tenant);
      const verificationCode = await t.resetCode(tenant, user.userId);
      const act = async () => [
        await zitadelChange(user, { verificationCode }),
        await zitadelChange(user, { verificationCode }),
      ];
      return { userId: user.userId, act };
    },
  ],
  [
    'a change by authority',
    ['password.changed by key mustChange=false proof=authority version=2'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: () => zitadelChange(user, {}) };
    },
  ],
  [
    'a change by the current password',
    ['password.changed by key mustChange=false proof=password version=2'],
    async () => {
      const user = await t.makeUser(tenant);
      const act = () => zitadelChange(user, { currentPassword: user.password });
      return { userId: user.userId, act };
    },
  ],
  [
    'a code that is made',
    ['code.issued by key delivery=returned purpose=reset'],
    async () => {
      const user = await t.makeUser(tenant);
      return { userId: user.userId, act: () => t.resetCode(tenant, user.userId) };
    },
  ],
  [
    'a session without a password, then with a wrong one, then with the right one',
    [
      'session.checked by key factors=user',
      'session.check-refused by key reason=wrong-password',
      'session.checked by key factors=password',
      'session.ended by key',
    ],
    async () => {
      const user = await t.makeUser(tenant);
      const key = tenant.serviceToken;
      const act = async () => {
        const checks = { user: { userId: user.userId } };
        const made = await callZitadel(key, 'POST', 'sessions', { checks });
        const { sessionId, sessionToken } = made.body;
        const check = (password: string) =>
          setSession(key, sessionId, { sessionToken, checks: { password: { password } } });
        await check(WRONG);
        await check(user.password);
        await callZitadel(key, 'DELETE', `sessions/${sessionId}`, {});
      };
      return { userId: user.userId, act };
    },
  ],
  [
    'a session with a password at once',
    ['session.checked by key factors=user password'],
    async () => {
      const user = await t.makeUser(tenant);
      const checks = { user: { userId: user.userId }, password: { password: user.password } };
      const act = () => callZitadel(tenant.serviceToken, 'POST', 'sessions', { checks });
      return { userId: user.userId, act };
    },
  ],
  [
    'what is done to a user',
    [
      'user.locked by key',
      'user.unlocked by key',
      'user.deactivated by key',
      'user.reactivated by key',
    ],
    async () => {
      const user = await t.makeUser(tenant);
      const act = async () => {
        for (const step of ['lock', 'unlock', 'deactivate', 'reactivate'] as const) {
          await mustStep(tenant, user.userId, step);
        }
      };
      return { userId: user.userId, act };
    },
  ],
  [
    'a refresh token that was used before',
    ['refresh.reused by anonymous'],
    async () => {
      const user = await t.makeUser(tenant);
      const { data } = (await t.vbaSignIn(tenant, user.userId, user.password)).body;
      const tokens = data.authenticationResult ?? data;
      const next = await t.vbaRefresh(tenant, tokens);
      const after = next.body.data.authenticationResult ?? next.body.data;
      await t.vbaRefresh(tenant, { ...tokens, ...after });
      return { userId: user.userId, act: () => t.vbaRefresh(tenant, tokens) };
    },
  ],
];

describe('the audit', () => {
  it.each(CASES)('tells %s', async (_, expected, prepare) => {
    expect(await audit(tenant, await prepare())).toEqual(expected);
  });
});
