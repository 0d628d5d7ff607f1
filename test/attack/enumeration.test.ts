// Section 5.3, enumeration: what a refusal tells of who is there, and of the rules for a new password.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, callAs, refillBuckets, signIn, userPath } from '../dialects/vba/call.ts';
import { call as zapCall } from '../dialects/zap/call.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Answer, type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { changeUser, call as zitadelCall } from '../support/zitadel-users.ts';

cheapenHashes();

const WRONG = 'a wrong password for all';
const WRONG_CODE = 'WRNGCD22';

let tenant: t.TestTenant;
/** Of a plain user, who may read nobody. */
let plain: string;
let admin: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
  admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

beforeEach(refillBuckets);

/** What a client sees, without what is the request's own or the key's. */
function see({ status, headers, text }: Answer): unknown {
  const own = /^(?:x-request-id|ratelimit|server-timing)$/;
  return {
    status,
    headers: [...headers].filter(([name]) => !own.test(name)),
    text: text.replaceAll(/"activityI[Dd]":"[^"]*"|"instance":"[^"]*"/g, ''),
  };
}

type Names = Pick<t.TestUser, 'userId' | 'email'>;

describe('A28: a password of 201 code points', () => {
  const long = '\u{1f600}'.repeat(201);
  const DOORS: [string, (user: Names, on: Env) => Promise<Answer>][] = [
    ['VBA’s sign-in', ({ userId }, on) => t.vbaSignIn(tenant, userId, long, on)],
    ['ZAP’s login', ({ email }, on) => t.zapLogin(tenant, email, long, on)],
    [
      'ZITADEL’s session',
      ({ userId }, on) => {
        const checks = { user: { userId }, password: { password: long } };
        return zitadelCall(plain, 'POST', 'sessions', { checks }, on);
      },
    ],
    [
      'VBA’s reset',
      ({ userId: userID }, on) => {
        const body = { userID, confirmationCode: '12345678', newPassword: long };
        return call(tenant, '/confirm-forgot-password', { body, on });
      },
    ],
    [
      'ZAP’s reset',
      ({ email: identity }, on) => {
        const body = { identity, otp: '12345678', newPassword: long };
        return zapCall(tenant, '/v1/forgotPassword', { body, on });
      },
    ],
    [
      'ZITADEL’s change',
      ({ userId }, on) =>
        t.zitadelChange(
          plain,
          userId,
          { newPassword: { password: WRONG }, currentPassword: long },
          on,
        ),
    ],
  ];

  it.each(DOORS)(
    'is refused alike for whoever is there at %s, for no hash and no guess',
    async (_, ask) => {
      const known = await t.makeUser(tenant);
      const disabled = await t.makeUser(tenant);
      await t.disableUser(tenant, disabled.userId);
      const unknown = { userId: `nobody-${t.nextSerial()}`, email: 'nobody@mail.example' };
      const answers: unknown[] = [];
      for (const user of [known, disabled, unknown]) {
        const { value, cost } = await measure((on) => ask(user, on));
        expect(value.status).toBeGreaterThanOrEqual(400);
        expect(value.status).toBeLessThan(500);
        expect(cost.links).toBe(0);
        answers.push({ ...(see(value) as object), trips: cost.trips });
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
      expect((await t.readUser(tenant, known.userId)).failedAttempts).toBe(0);
    },
  );
});

describe('A37: a wrong proof beside a new password', () => {
  type Ask = (newPassword: string) => Promise<Answer>;
  const DOORS: [string, (user: t.TestUser) => Promise<Ask> | Ask][] = [
    [
      'VBA, current password',
      async (user) => {
        const tokens = await signIn(tenant, user);
        const path = userPath(user.userId, 'change-password');
        return (newPassword) =>
          callAs(tenant, tokens, path, { body: { currentPassword: WRONG, newPassword } });
      },
    ],
    [
      'VBA, code',
      ({ userId: userID }) =>
        (newPassword) => {
          const body = { userID, confirmationCode: '00000000', newPassword };
          return call(tenant, '/confirm-forgot-password', { body });
        },
    ],
    [
      'VBA, session',
      ({ userId: userID }) =>
        (newPassword) =>
          t.vbaChange(tenant, { userID, newPassword, session: `rks_db_${'D'.repeat(43)}` }),
    ],
    [
      'ZAP, old password',
      ({ userId, email }) =>
        (newPassword) =>
          t.zapChange(tenant, admin, { userId, email, oldPassword: WRONG, newPassword }),
    ],
    [
      'ZAP, code',
      ({ email: identity }) =>
        (newPassword) =>
          zapCall(tenant, '/v1/forgotPassword', {
            body: { identity, otp: '00000000', newPassword },
          }),
    ],
    [
      'ZITADEL, current password',
      ({ userId }) =>
        (password) =>
          t.zitadelChange(tenant.readerToken, userId, {
            newPassword: { password },
            currentPassword: WRONG,
          }),
    ],
    [
      'ZITADEL, code',
      ({ userId }) =>
        (password) =>
          t.zitadelChange(tenant.readerToken, userId, {
            newPassword: { password },
            verificationCode: WRONG_CODE,
          }),
    ],
    [
      'ZITADEL, with the user',
      async (user) => {
        const own = await t.zapToken(tenant, user);
        return (password) =>
          changeUser(own, user.userId, {
            password: { password: { password }, currentPassword: WRONG },
          });
      },
    ],
  ];

  it.each(DOORS)('is all that is told, whichever rule the new one breaks: %s', async (_, open) => {
    const user = await t.makeUser(tenant);
    const ask = await open(user);
    const [local = ''] = user.email.split('@');
    const answers: unknown[] = [];
    for (const next of [
      t.newPassword(),
      'short',
      'password1234567',
      local.padEnd(15, '1'),
      user.password,
    ]) {
      const answer = await ask(next);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      // How many wrong ones there were is the proof's to tell.
      answers.push(JSON.parse(JSON.stringify(see(answer)).replace(/"failedAttempts[^,}]*/g, '')));
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
  });
});
