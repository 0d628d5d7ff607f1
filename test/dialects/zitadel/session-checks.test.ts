// The password check of a session: what it tells to whom, and that its guesses stand under the one throttle.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  addHuman,
  call,
  describeHuman,
  getSession,
  mustStep,
  openSession,
  setSession,
} from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError, NO_MEMBERSHIP, NOT_PERMITTED } from './wire.ts';

let tenant: t.TestTenant;
let user: t.TestUser;
let plain: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
});

const WRONG = 'a wrong password for all';
const NOT_ACTIVE: ErrorRow = [400, 9, 'SESSION-Gj4ko', 'Errors.User.NotActive'];

function check(token: string, named: object, password?: string): Promise<Answer> {
  const checks = { user: named, ...(password === undefined ? {} : { password: { password } }) };
  return call(token, 'POST', 'sessions', { checks });
}

/** The wrong password's own detail says how many there were in a row. */
function expectWrong({ status, body }: Answer, failedAttempts: number): void {
  expect([status, body]).toEqual([
    400,
    {
      code: 3,
      message: 'Password is invalid (COMMAND-3M0fs)',
      details: [
        {
          '@type': 'type.googleapis.com/zitadel.v1.CredentialsCheckError',
          id: 'COMMAND-3M0fs',
          message: 'Password is invalid',
          failedAttempts,
        },
      ],
    },
  ]);
}

async function countSessions(userId: string): Promise<number> {
  const queries = [{ userIdQuery: { id: userId } }];
  const { body } = await call(tenant.readerToken, 'POST', 'sessions/search', { queries });
  return body.sessions?.length ?? 0;
}

describe('a wrong password', () => {
  it('is counted up, at both methods, and a right one forgives', async () => {
    const own = await t.makeUser(tenant);
    expectWrong(await check(tenant.readerToken, { userId: own.userId }, WRONG), 1);
    expectWrong(await check(tenant.readerToken, { userId: own.userId }, WRONG), 2);
    expect(await countSessions(own.userId)).toBe(0);
    const made = await check(tenant.readerToken, { userId: own.userId });
    const { sessionId, sessionToken } = made.body;
    const guess = (password: string) =>
      setSession(tenant.readerToken, sessionId, {
        sessionToken,
        checks: { password: { password } },
      });
    expectWrong(await guess(WRONG), 3);
    // A refusal changes nothing of the session: its token is still the newest.
    expect((await guess(own.password)).status).toBe(200);
    expect(await t.readUser(tenant, own.userId)).toMatchObject({ failedAttempts: 0 });
    expectWrong(await check(tenant.readerToken, { userId: own.userId }, WRONG), 1);
  });

  it('is counted together with those of every other door', async () => {
    const own = await t.makeUser(tenant);
    const made = await check(tenant.readerToken, { userId: own.userId });
    const { sessionId, sessionToken } = made.body;
    const checks = { password: { password: WRONG } };
    for (let i = 0; i < 4; i += 1) await t.vbaSignIn(tenant, own.userId, WRONG);
    expectWrong(await check(plain, { userId: own.userId }, WRONG), 5);
    for (const count of [6, 7, 8]) {
      const answer = await setSession(tenant.readerToken, sessionId, { sessionToken, checks });
      expectWrong(answer, count);
    }
    const change = { newPassword: { password: t.newPassword() }, currentPassword: WRONG };
    await t.zitadelChange(tenant.readerToken, own.userId, change);
    expectWrong(await check(tenant.readerToken, { userId: own.userId }, WRONG), 10);
    const right = { password: { password: own.password } };
    const refused = [
      await check(tenant.readerToken, { userId: own.userId }, own.password),
      await setSession(tenant.readerToken, sessionId, { sessionToken, checks: right }),
    ];
    for (const answer of refused) {
      expectError(answer, [429, 8, null, 'Too many attempts']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(25);
    }
    expect((await t.vbaSignIn(tenant, own.userId, own.password)).status).toBe(429);
  });

  it('of a login name is counted as the other doors count that name', async () => {
    const own = await t.makeUser(tenant);
    for (let i = 0; i < 3; i += 1) await t.zapLogin(tenant, own.email, WRONG);
    const loginName = own.email.toUpperCase();
    expectWrong(await check(tenant.readerToken, { loginName }, WRONG), 4);
  });

  it('that is no text is a wrong password, and no guess', async () => {
    const bell = 'a bell \u0007';
    const { value, cost } = await measure(() => check(plain, { userId: user.userId }, bell));
    expectError(value, [400, 3, 'COMMAND-3M0fs', 'Password is invalid']);
    expect(cost.links).toBe(0);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ failedAttempts: 0 });
  });

  it('hashes at most as often as the limit when many come at once', async () => {
    const own = await t.makeUser(tenant);
    const guess = (_: unknown, i: number) =>
      check(i % 2 === 0 ? plain : tenant.readerToken, { userId: own.userId }, `${WRONG} ${i}`);
    const { value: answers, cost } = await measure(() =>
      Promise.all(Array.from({ length: 60 }, guess)),
    );
    expect(cost.links).toBe(10 * 6);
    const { length } = answers.filter(({ status }) => status === 400);
    expect([length, answers.filter(({ status }) => status === 429).length]).toEqual([10, 50]);
  });
});

describe('who may read the user', () => {
  it.each<[string, () => Promise<object>, ErrorRow, ErrorRow | null]>([
    [
      'that nobody is of that id',
      async () => ({ userId: 'nobody' }),
      [404, 5, 'QUERY-Dfbg2', 'User could not be found'],
      [400, 9, 'COMMAND-3n77z', 'User could not be found'],
    ],
    [
      'that nobody is of that name',
      async () => ({ loginName: 'nobody@mail.example' }),
      [404, 5, 'QUERY-Dfbg2', 'User could not be found'],
      [400, 9, 'COMMAND-3n77z', 'User could not be found'],
    ],
    [
      'that there is no password',
      async () => ({ userId: (await t.makeUser(tenant, { withoutPassword: true })).userId }),
      // Without a check of the password, none is needed.
      [201, 0, null, ''],
      [400, 9, 'COMMAND-3nJ4t', 'User has not set a password'],
    ],
    ['that the user is locked', () => barred('lock'), NOT_ACTIVE, NOT_ACTIVE],
    ['that the user is inactive', () => barred('deactivate'), NOT_ACTIVE, NOT_ACTIVE],
  ])('is told %s, at no cost', async (_, name, bare, checked) => {
    const named = await name();
    const asked = await measure(() => check(tenant.readerToken, named));
    if (bare[0] === 201) expect(asked.value.status).toBe(201);
    else expectError(asked.value, bare);
    const { value, cost } = await measure(() => check(tenant.readerToken, named, user.password));
    if (checked !== null) expectError(value, checked);
    expect([asked.cost.links, cost.links]).toEqual([0, 0]);
    expect(value.text).not.toContain('failedAttempts');
  });

  async function barred(step: 'lock' | 'deactivate'): Promise<object> {
    const { userId } = await t.makeUser(tenant);
    await mustStep(tenant, userId, step);
    return { userId };
  }
});

describe('who may not read the user', () => {
  it('learns the same of every user, whatever the password', async () => {
    const seen: unknown[] = [];
    const locked = await t.makeUser(tenant);
    const inactive = await t.makeUser(tenant);
    await mustStep(tenant, locked.userId, 'lock');
    await mustStep(tenant, inactive.userId, 'deactivate');
    const bare = await t.makeUser(tenant, { withoutPassword: true });
    const known = await t.makeUser(tenant);
    for (const [userId, password] of [
      [known.userId, WRONG],
      ['no-such-user', WRONG],
      [bare.userId, WRONG],
      [locked.userId, locked.password],
      [inactive.userId, inactive.password],
    ] as const) {
      const { value, cost } = await measure((on) =>
        call(
          plain,
          'POST',
          'sessions',
          {
            checks: { user: { userId }, password: { password } },
          },
          on,
        ),
      );
      expectWrong(value, 1);
      const headers = [...value.headers].filter(([name]) => name !== 'x-request-id');
      seen.push({ headers, text: value.text, trips: cost.trips, links: cost.links });
    }
    for (const each of seen) expect(each).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ trips: 2, links: 6 });
  });

  it('may prove a password, and has no session without', async () => {
    expect((await check(plain, { userId: user.userId }, user.password)).status).toBe(201);
    for (const userId of [user.userId, 'no-such-user']) {
      expectError(await check(plain, { userId }), NO_MEMBERSHIP);
      expectError(await check(tenant.apiKey, { userId }), NOT_PERMITTED);
    }
  });

  it('may have a session of the own without', async () => {
    const own = await t.zapToken(tenant, user);
    expect((await check(own, { userId: user.userId })).status).toBe(201);
    expect((await check(own, { loginName: user.email })).status).toBe(201);
  });
});

describe('a temporary password', () => {
  it('passes, until its life is over', async () => {
    const own = await t.makeUser(tenant, { temporary: true });
    const { sessionId } = await openSession(tenant, own);
    await t
      .databaseOf(tenant)
      .prepare('UPDATE credential SET temporary_expires_at = 1 WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, own.userId)
      .run();
    const row: ErrorRow = [400, 9, null, 'The temporary password has expired'];
    expectError(await check(plain, { userId: own.userId }, own.password), row);
    const checks = { password: { password: own.password } };
    expectError(await setSession(tenant.serviceToken, sessionId, { checks }), row);
    expect(await countSessions(own.userId)).toBe(1);
    // It was right: no guess is left counted.
    expect(await t.readUser(tenant, own.userId)).toMatchObject({ failedAttempts: 0 });
  });
});

describe('a check of another user', () => {
  it('is not possible in a session, by whatever name', async () => {
    const human = await addHuman(tenant);
    const { sessionId } = await openSession(tenant, human);
    const row: ErrorRow = [400, 3, null, 'user change not possible'];
    for (const other of [
      { userId: user.userId },
      { loginName: user.email },
      { userId: 'nobody' },
    ]) {
      const answer = await setSession(tenant.serviceToken, sessionId, { checks: { user: other } });
      expectError(answer, row);
    }
    for (const same of [
      { userId: human.userId },
      { loginName: human.username.toLowerCase() },
      { loginName: human.email },
      { loginName: human.phone },
    ]) {
      const answer = await setSession(tenant.serviceToken, sessionId, { checks: { user: same } });
      expect(answer.status).toBe(200);
    }
  });
});

describe('what is not served', () => {
  it.each<[string, object]>([
    ['no user', { checks: {} }],
    ['no checks', {}],
    ['challenges', { challenges: { otpEmail: { returnCode: {} } } }],
    ['webAuthN', { checks: { webAuthN: { credentialAssertionData: {} } } }],
    ['idpIntent', { checks: { idpIntent: { idpIntentId: 'i', idpIntentToken: 't' } } }],
    ['totp', { checks: { totp: { code: '123456' } } }],
    ['otpSms', { checks: { otpSms: { code: '1' } } }],
    ['otpEmail', { checks: { otpEmail: { code: '1' } } }],
  ])('is refused whole: %s', async (name, part) => {
    const own = await addHuman(tenant, describeHuman());
    const named = { user: { userId: own.userId }, password: { password: own.password } };
    const isBare = name.startsWith('no ');
    const body = isBare
      ? part
      : { ...part, checks: { ...named, ...(part as { checks?: object }).checks } };
    const row: ErrorRow = [501, 12, null, / is not served$/];
    expectError(await call(tenant.serviceToken, 'POST', 'sessions', body), row);
    expect(await countSessions(own.userId)).toBe(0);
    if (isBare) return;
    const made = await openSession(tenant, own);
    expectError(await setSession(tenant.serviceToken, made.sessionId, body), row);
    expect((await getSession(tenant.readerToken, made)).body.session.sequence).toBe('1');
  });
});
