// The refresh of a session: every token becomes the next, a lost answer can be asked for again, a stolen token ends all.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectData, expectFailure, see } from './call.ts';
import { isAlive, logIn, refresh, reset, type Tokens } from './people.ts';

let tenant: t.TestTenant;
let other: t.TestTenant;
let reference: Answer;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  reference = await refresh(tenant, 'garbage');
  expectFailure(reference, 401);
});

afterEach(() => {
  vi.useRealTimers();
});

async function start(): Promise<{ user: t.TestUser; first: Tokens }> {
  const user = await t.makeUser(tenant);
  return { user, first: await logIn(tenant, user) };
}

async function next(tokens: Tokens): Promise<Tokens> {
  return expectData(await refresh(tenant, tokens.refreshToken));
}

async function expectRefused(refreshToken: string, within = tenant): Promise<void> {
  expect(see(await refresh(within, refreshToken))).toEqual(see(reference));
}

describe('a refresh', () => {
  it('gives two new tokens, both of which work', async () => {
    const { user, first } = await start();
    const second = await next(first);
    expect(Object.keys(second).sort()).toEqual(['refreshToken', 'token']);
    expect(second.token).not.toBe(first.token);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    const own = await call(tenant, '/v1/users/token', { method: 'GET', token: second.token });
    expect(expectData(own).id).toBe(user.userId);
    await next(second);
  });

  it('of a lost answer gives the same successor, until that one is used', async () => {
    const { first } = await start();
    const second = await next(first);
    const again = await next(first);
    expect(again.refreshToken).toBe(second.refreshToken);
    const third = await next(again);
    expect(await isAlive(tenant, third)).toBe(true);
  });

  it('with a token whose successor was used ends the session, and no other', async () => {
    const { user, first } = await start();
    const bystander = await logIn(tenant, user);
    const third = await next(await next(first));
    await expectRefused(first.refreshToken);
    expect(await isAlive(tenant, third)).toBe(false);
    expect(await isAlive(tenant, bystander)).toBe(true);
    const events = await t.listEvents(tenant, user.userId);
    expect(events.filter(({ type }) => type === 'refresh.reused')).toHaveLength(1);
  });

  it('many times at once gives one successor', async () => {
    const { first } = await start();
    const answers = await Promise.all(Array.from({ length: 5 }, () => next(first)));
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
    expect(await isAlive(tenant, answers[0] ?? first)).toBe(true);
  });

  it('carries a session of VBA on', async () => {
    const user = await t.makeUser(tenant);
    const vba = await t.vbaSignIn(tenant, user.userId, user.password);
    const { refreshToken } = vba.body.data.authenticationResult;
    expectData(await refresh(tenant, refreshToken));
  });

  it('costs two trips and no derivation, and a refused one no more', async () => {
    const { first } = await start();
    for (const [status, refreshToken] of [
      [200, first.refreshToken],
      [401, `rkr_db_${'C'.repeat(43)}`],
    ] as const) {
      const { value, cost } = await measure((on) =>
        call(tenant, '/v1/refresh', { body: { refreshToken }, on }),
      );
      expect(value.status).toBe(status);
      expect(cost.links).toBe(0);
      expect(cost.trips).toBeLessThanOrEqual(2);
    }
  });
});

describe('a refresh is refused', () => {
  it.each<[string, (tokens: Tokens) => string]>([
    ['an access token', ({ token }) => token],
    ['an API key', () => tenant.apiKey],
    ['a token of nobody', () => `rkr_db_${'C'.repeat(43)}`],
    ['another ending', ({ refreshToken }) => `${refreshToken}A`],
    ['a token of another place', ({ refreshToken }) => refreshToken.replace('_db_', '_db-eu_')],
  ])('with %s', async (_, make) => {
    const { first } = await start();
    await expectRefused(make(first));
    expect(await isAlive(tenant, first)).toBe(true);
  });

  it("at another tenant's host, and the token stays good", async () => {
    const { first } = await start();
    await expectRefused(first.refreshToken, other);
    await expectRefused(first.refreshToken, { ...tenant, host: 'unknown.localhost' });
    expect(await isAlive(tenant, first)).toBe(true);
  });

  it('once the user is deactivated', async () => {
    const { user, first } = await start();
    await t.disableUser(tenant, user.userId);
    await expectRefused(first.refreshToken);
  });

  it('once the password was changed, by either of the two ways', async () => {
    const { user, first } = await start();
    const newPassword = t.newPassword();
    const { userId, email, password } = user;
    const body = { userId, email, oldPassword: password, newPassword };
    expectData(await t.zapChange(tenant, first.token, body));
    await expectRefused(first.refreshToken);

    const second = await logIn(tenant, { ...user, password: newPassword });
    expectData(await reset(tenant, email, await t.resetCode(tenant, userId)));
    await expectRefused(second.refreshToken);
  });

  it('after 90 days', async () => {
    const { first } = await start();
    const end = Date.now() + 90 * 24 * 3_600_000;
    vi.useFakeTimers({ toFake: ['Date'], now: end - 60_000 });
    const second = await next(first);
    vi.setSystemTime(end + 1000);
    await expectRefused(second.refreshToken);
  });
});
