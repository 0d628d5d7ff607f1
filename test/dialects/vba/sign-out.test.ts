// The two ways to end a session: the caller's own, and the one that has run longest.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  callAs,
  expectError,
  expectNothing,
  expectTokens,
  refillBuckets,
  signIn,
  type Tokens,
} from './call.ts';

let tenant: t.TestTenant;
let user: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(async () => {
  await refillBuckets();
  user = await t.makeUser(tenant);
});

/** Several sessions of the user, the oldest first, each begun at a time of its own. */
async function signInTimes(times: number): Promise<Tokens[]> {
  const all: Tokens[] = [];
  for (let i = 0; i < times; i += 1) all.push(await signIn(tenant, user));
  const rows = await t
    .databaseOf(tenant)
    .prepare(
      'SELECT count(DISTINCT created_at) AS n FROM family WHERE tenant_id = ? AND user_id = ?',
    )
    .bind(tenant.orgId, user.userId)
    .first<{ n: number }>();
  expect(rows?.n).toBe(times);
  return all;
}

async function expectEnded(tokens: Tokens): Promise<void> {
  expectError(await t.vbaRefresh(tenant, tokens), 401, '/user-refresh-tokens');
  expectError(await callAs(tenant, tokens, '/logout'), 401, '/logout');
  const body = { oldPassword: user.password, newPassword: t.newPassword() };
  const { userId, email } = user;
  const zap = await t.zapChange(tenant, tokens.accessToken, { userId, email, ...body });
  expect(zap.status).toBe(401);
}

describe('/logout', () => {
  it('ends this session, at every door, and no other', async () => {
    const [first, second, third] = (await signInTimes(3)) as [Tokens, Tokens, Tokens];
    const { value, cost } = await measure((on) => callAs(tenant, second, '/logout', { on }));
    expectNothing(value);
    expect(cost).toMatchObject({ links: 0, trips: 2 });
    await expectEnded(second);
    expectTokens(await t.vbaRefresh(tenant, first));
    expectTokens(await t.vbaRefresh(tenant, third));
  });

  it('ends what was refreshed from it, and by any of its tokens', async () => {
    const first = await signIn(tenant, user);
    const next = expectTokens(await t.vbaRefresh(tenant, first));
    expectNothing(await callAs(tenant, first, '/logout'));
    await expectEnded(next);
  });

  it.each([undefined, '', '{', 'text', { userID: 'other' }])(
    'ignores the body %j',
    async (body) => {
      for (const type of ['application/json', 'text/plain', null]) {
        const tokens = await signIn(tenant, user);
        const options = { body, headers: { 'content-type': type } };
        expectNothing(await callAs(tenant, tokens, '/vbasoftware/logout', options));
        await expectEnded(tokens);
      }
    },
  );

  it('is in the audit', async () => {
    const tokens = await signIn(tenant, user);
    const answer = await callAs(tenant, tokens, '/logout');
    expect((await t.listEvents(tenant, user.userId)).at(-1)).toMatchObject({
      type: 'sign-out',
      dialect: 'vba',
      actor: { kind: 'user', userId: user.userId },
      activityId: answer.headers.get('x-request-id'),
    });
  });
});

describe('/kick', () => {
  it('ends the longest-running session, one at a call', async () => {
    const [first, second, third] = (await signInTimes(3)) as [Tokens, Tokens, Tokens];
    const { value, cost } = await measure((on) => callAs(tenant, third, '/kick', { on }));
    expectNothing(value);
    expect(cost).toMatchObject({ links: 0, trips: 2 });
    await expectEnded(first);
    const successor = expectTokens(await t.vbaRefresh(tenant, second));
    expectNothing(await callAs(tenant, third, '/vbasoftware/kick'));
    await expectEnded(successor);
    expectTokens(await t.vbaRefresh(tenant, third));
  });

  it('ends its own session when that is the only one', async () => {
    const only = await signIn(tenant, user);
    expectNothing(await callAs(tenant, only, '/kick'));
    await expectEnded(only);
  });

  it('touches no session of another user', async () => {
    const other = await t.makeUser(tenant);
    const theirs = await signIn(tenant, other);
    const own = await signIn(tenant, user);
    expectNothing(await callAs(tenant, own, '/kick'));
    expectTokens(await t.vbaRefresh(tenant, theirs));
  });
});
