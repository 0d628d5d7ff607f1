// Who may not know whether a user is there cannot tell: status, headers, body and derivations are the same.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Answer, type Cost, type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { call, mustStep } from '../support/zitadel-users.ts';

cheapenHashes();

let tenant: t.TestTenant;
let foreign: t.TestTenant;
let caller: t.TestUser;
let callerToken: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  foreign = await t.makeTenant();
  caller = await t.makeUser(tenant);
  callerToken = await t.zapToken(tenant, caller);
});

/** Users whom nobody can sign in as, by why. A name is one for VBA and ZITADEL, an address for ZAP. */
async function makeUsers(): Promise<{ why: string; userId: string; email: string }[]> {
  const known = await t.makeUser(tenant);
  const elsewhere = await t.makeUser(foreign);
  const disabled = await t.makeUser(tenant);
  await t.disableUser(tenant, disabled.userId);
  const locked = await t.makeUser(tenant);
  await mustStep(tenant, locked.userId, 'lock');
  const bare = await t.makeUser(tenant, { withoutPassword: true });
  const reset = await t.makeUser(tenant);
  await setCredential(reset.userId, 'reset_required = 1');
  const expired = await t.makeUser(tenant, { temporary: true });
  await setCredential(expired.userId, 'temporary_expires_at = 1');
  return [
    { why: 'known, wrong password', ...known },
    { why: 'unknown', userId: `nobody-${t.nextSerial()}`, email: 'nobody@mail.example' },
    { why: 'of another tenant', ...elsewhere },
    { why: 'disabled', ...disabled },
    { why: 'locked by an administrator', ...locked },
    { why: 'without a password', ...bare },
    { why: 'temporary and expired, wrong password', ...expired },
    { why: 'with a password that was taken back, wrong password', ...reset },
  ];
}

async function setCredential(userId: string, change: string): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare(`UPDATE credential SET ${change} WHERE tenant_id = ? AND user_id = ?`)
    .bind(tenant.orgId, userId)
    .run();
}

const CHANGING = /"activityI[Dd]":"[^"]*"|"instance":"[^"]*"/g;

function readAnswer(answer: Answer, cost: Cost): unknown {
  const headers = Object.fromEntries(answer.headers);
  delete headers['x-request-id'];
  // The caller's own bucket: what is left in it is of its requests, whoever they are about.
  expect('ratelimit' in headers).toBe('ratelimit-policy' in headers);
  delete headers['ratelimit'];
  return {
    status: answer.status,
    headers,
    text: answer.text.replaceAll(CHANGING, ''),
    links: cost.links,
    trips: cost.trips,
  };
}

const DOORS: [string, (user: { userId: string; email: string }, on: Env) => Promise<Answer>][] = [
  ['VBA sign-in', (user, on) => t.vbaSignIn(tenant, user.userId, 'a wrong password for all', on)],
  ['ZAP login', (user, on) => t.zapLogin(tenant, user.email, 'a wrong password for all', on)],
  [
    'ZITADEL session, as a plain user',
    ({ userId }, on) => {
      const checks = { user: { userId }, password: { password: 'a wrong password for all' } };
      return call(callerToken, 'POST', 'sessions', { checks }, on);
    },
  ],
  [
    'ZITADEL current password, as a plain user',
    (user, on) =>
      t.zitadelChange(
        callerToken,
        user.userId,
        {
          newPassword: { password: 'some new password for all' },
          currentPassword: 'a wrong password for all',
        },
        on,
      ),
  ],
  [
    'ZITADEL code, as a plain user',
    (user, on) =>
      t.zitadelChange(
        callerToken,
        user.userId,
        { newPassword: { password: 'some new password for all' }, verificationCode: 'WRNGCD22' },
        on,
      ),
  ],
  [
    'ZITADEL without proof, as a plain user',
    (user, on) =>
      t.zitadelChange(
        callerToken,
        user.userId,
        { newPassword: { password: 'some new password for all' } },
        on,
      ),
  ],
  [
    'ZAP change, as a plain user',
    (user, on) =>
      t.zapChange(
        tenant,
        callerToken,
        {
          userId: user.userId,
          email: user.email,
          oldPassword: 'a wrong password for all',
          newPassword: 'some new password for all',
        },
        on,
      ),
  ],
  [
    'VBA change with a made-up session',
    (user, on) =>
      t.vbaChange(
        tenant,
        {
          userID: user.userId,
          newPassword: 'some new password for all',
          session: `rks_db_${'C'.repeat(43)}`,
        },
        on,
      ),
  ],
];

describe.each(DOORS)('%s', (_, knock) => {
  it('answers alike for every user that it will not let in', async () => {
    const users = await makeUsers();
    const answers = new Map<string, unknown>();
    for (const user of users) {
      const { value, cost } = await measure((on) => knock(user, on));
      answers.set(user.why, readAnswer(value, cost));
    }
    const [[, first] = []] = answers;
    for (const [why, answer] of answers) expect(answer, why).toEqual(first);
  });
});

describe('a locked subject', () => {
  it('is locked alike, known or not', async () => {
    const known = await t.makeUser(tenant);
    const answers: unknown[] = [];
    for (const userId of [known.userId, `nobody-${t.nextSerial()}`]) {
      for (let i = 0; i < 10; i += 1) await t.vbaSignIn(tenant, userId, 'a wrong password for all');
      const { value, cost } = await measure((on) =>
        t.vbaSignIn(tenant, userId, 'a wrong password for all', on),
      );
      expect(value.status).toBe(429);
      expect(Number(value.headers.get('retry-after'))).toBeGreaterThan(25);
      value.headers.set('retry-after', 'about 30');
      answers.push(readAnswer(value, cost));
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});
