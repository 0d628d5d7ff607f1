// An isolate takes on so many hashes and no more: who comes too late is told when to come again, before any work, and has
// lost nothing.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countDerivations } from '../support/iteration-cap.ts';
import { type Answer, type Env, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

const LINKS_PER_HASH = 6;

let tenant: t.TestTenant;
let other: t.TestTenant;
let on: Env;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
});

beforeEach(() => {
  on = withSeats(2);
});

/** An isolate of its own. */
function withSeats(seats: number): Env {
  return { ...(env as unknown as Env), HASH_SEATS: String(seats) };
}

/** A sign-in of somebody else of the other tenant that hashes now; resolves when it begins to. */
async function hashMeanwhile(
  user: t.TestUser,
  at: t.TestTenant,
): Promise<{ readonly answer: Promise<Answer> }> {
  // The code of each dialect has come before, so that what is asked next is asked while the hash goes on.
  for (const path of ['/user-authentication', '/v1/login', '/v2/sessions']) {
    await send(path, { method: 'POST' }, on);
  }
  const before = countDerivations();
  const answer = t.vbaSignIn(at, user.userId, user.password, on);
  while (countDerivations() === before) await scheduler.wait(1);
  return { answer };
}

function expectBusy(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

function post(path: string, body: unknown, watched: Env): Promise<Answer> {
  return send(
    path,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tenant.serviceToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    },
    watched,
  );
}

type Call = (user: t.TestUser, watched: Env) => Promise<Answer>;

const DOORS: Readonly<Record<string, Call>> = {
  'vba sign-in': (user, watched) => t.vbaSignIn(tenant, user.userId, user.password, watched),
  'zap login': (user, watched) => t.zapLogin(tenant, user.email, user.password, watched),
  'zitadel change': ({ userId, password }, watched) =>
    post(
      `/v2/users/${userId}/password`,
      { newPassword: { password: t.newPassword() }, currentPassword: password },
      watched,
    ),
  'zitadel change by authority': ({ userId }, watched) =>
    post(`/v2/users/${userId}/password`, { newPassword: { password: t.newPassword() } }, watched),
  'zitadel session': ({ userId, password }, watched) =>
    post('/v2/sessions', { checks: { user: { userId }, password: { password } } }, watched),
};

describe('when all seats are taken', () => {
  it.each(Object.entries(DOORS))(
    '%s is refused at once, without a trip or a link',
    async (_, call) => {
      on = withSeats(1);
      const user = await t.makeUser(tenant);
      const hashing = await hashMeanwhile(await t.makeUser(other), other);
      const refused = await call(user, on);
      expectBusy(refused);
      expect(refused.headers.get('server-timing')).toBe('trips;desc="0", links;desc="0"');
      expect((await hashing.answer).status).toBe(200);
      expect(await t.readUser(tenant, user.userId)).toMatchObject({
        failedAttempts: 0,
        passwordVersion: 1,
      });
      expect((await call(user, on)).status).toBeLessThan(300);
    },
  );

  it('speaks the words of each dialect', async () => {
    on = withSeats(1);
    const user = await t.makeUser(tenant);
    const hashing = await hashMeanwhile(await t.makeUser(other), other);
    const vba = await DOORS['vba sign-in']?.(user, on);
    const zap = await DOORS['zap login']?.(user, on);
    const zitadel = await DOORS['zitadel change']?.(user, on);
    await hashing.answer;
    expect(vba?.body).toMatchObject({ data: null, error: { status: 503 } });
    expect(zap?.body).toMatchObject({ success: false });
    expect(zitadel?.body).toMatchObject({ code: 14 });
  });

  it('what hashes nothing is served', async () => {
    on = withSeats(1);
    const user = await t.makeUser(tenant);
    const tokens = (await t.vbaSignIn(tenant, user.userId, user.password, on)).body.data;
    const hashing = await hashMeanwhile(await t.makeUser(other), other);
    const refreshed = await t.vbaRefresh(tenant, tokens.authenticationResult, on);
    expect(refreshed.status).toBe(200);
    expect((await send('/.well-known/jwks.json', {}, on)).status).toBe(200);
    await hashing.answer;
  });
});

describe('when the last seat goes while a request is being opened', () => {
  it('the guess that it reserved is given back, and it costs no link', async () => {
    on = withSeats(1);
    const user = await t.makeUser(tenant);
    const before = countDerivations();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => t.vbaSignIn(tenant, user.userId, user.password, on)),
    );
    const busy = answers.filter(({ status }) => status === 503);
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThanOrEqual(1);
    expect(busy.length).toBeGreaterThanOrEqual(1);
    expect(done.length + busy.length).toBe(answers.length);
    busy.forEach(expectBusy);
    expect(countDerivations() - before).toBe(done.length * LINKS_PER_HASH);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ failedAttempts: 0 });
  });

  it('a challenge and a code are not spent', async () => {
    on = withSeats(1);
    const user = await t.makeUser(tenant);
    const verificationCode = await t.resetCode(tenant, user.userId);
    const hashing = t.vbaSignIn(other, (await t.makeUser(other)).userId, 'x', on);
    const change = () =>
      post(
        `/v2/users/${user.userId}/password`,
        { newPassword: { password: t.newPassword() }, verificationCode },
        on,
      );
    const [first, second] = await Promise.all([change(), change(), hashing]);
    const statuses = [first.status, second.status];
    if (!statuses.includes(200)) expect((await change()).status).toBe(200);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 2 });
  });
});

describe('a crowd at one tenant', () => {
  it('takes half of the seats, and another tenant is served in its turn', async () => {
    on = withSeats(8);
    const users = await Promise.all(Array.from({ length: 8 }, () => t.makeUser(tenant)));
    const someone = await t.makeUser(other);
    const crowd = users.map((user) => t.vbaSignIn(tenant, user.userId, user.password, on));
    const served: string[] = [];
    const all = crowd.map(async (answer) => {
      const { status } = await answer;
      served.push(`crowd ${status}`);
      return status;
    });
    const alone = t.vbaSignIn(other, someone.userId, someone.password, on).then(({ status }) => {
      served.push(`other ${status}`);
    });
    const statuses = await Promise.all(all);
    await alone;
    expect(served).toContain('other 200');
    expect(served.filter((name) => name === 'crowd 200').length).toBeGreaterThanOrEqual(1);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(4);
    // Not after the whole crowd.
    const successes = served.filter((name) => name.endsWith('200'));
    expect(successes.indexOf('other 200')).toBeLessThanOrEqual(2);
  });
});
