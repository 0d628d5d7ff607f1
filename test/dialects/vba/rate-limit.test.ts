// The bucket of an API key: 50 requests at once, 25 a second for as long as one likes, and what the headers tell of it.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeFaultyEnv } from '../../support/faulty.ts';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  BODIES,
  CLIENT_ROUTES,
  call,
  callAs,
  expectError,
  expectNothing,
  expectTokens,
  MEMBER_ROUTES,
  MFA_ROUTES,
  refillBuckets,
  signIn,
  type Tokens,
} from './call.ts';

const REFRESH = '/user-refresh-tokens';
const BURST = 50;
/** Milliseconds that one request takes to fill again. */
const INTERVAL = 40;
const POLICY = '"key";q=50;w=2';

let tenant: t.TestTenant;
let admin: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
  admin = await signIn(tenant, await t.makeUser(tenant, { role: 'admin' }));
});

/** The clock stands still, so that nothing fills while requests are under way. */
beforeEach(async () => {
  await refillBuckets();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function passBy(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

/** Costs no hash: the tokens are nobody's. */
function refresh(of = tenant): Promise<Answer> {
  const headers = { 'expired-id-token': 'a.b.c', 'refresh-token': 'none' };
  return call(of, REFRESH, { headers });
}

function refreshAtOnce(times: number, of = tenant): Promise<Answer[]> {
  return Promise.all(Array.from({ length: times }, () => refresh(of)));
}

function readRemaining(answer: Answer): number {
  const [, remaining] = /^"key";r=(\d+);t=\d+$/.exec(answer.headers.get('ratelimit') ?? '') ?? [];
  expect(remaining).toBeDefined();
  return Number(remaining);
}

function expectLimited(answer: Answer, path = REFRESH): void {
  expectError(answer, 429, path);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.headers.get('ratelimit-policy')).toBe(POLICY);
  expect(answer.headers.get('ratelimit')).toBe('"key";r=0;t=2');
}

function expectNoBucket(answer: Answer): void {
  expect(answer.headers.has('ratelimit')).toBe(false);
  expect(answer.headers.has('ratelimit-policy')).toBe(false);
}

describe('of more than fifty at once', () => {
  it('fifty are let in, each told what is left, and the others are not', async () => {
    const answers = await refreshAtOnce(BURST + 10);
    const admitted = answers.filter(({ status }) => status !== 429);
    expect(admitted).toHaveLength(BURST);
    for (const answer of admitted) {
      expectError(answer, 401, REFRESH);
      expect(answer.headers.get('ratelimit-policy')).toBe(POLICY);
      expect(answer.headers.has('retry-after')).toBe(false);
    }
    const remaining = admitted.map(readRemaining).sort((a, b) => a - b);
    expect(remaining).toEqual(Array.from({ length: BURST }, (_, left) => left));
    for (const answer of answers) if (answer.status === 429) expectLimited(answer);
  });

  it('the routes share the bucket, before the sign-in and after it', async () => {
    await refreshAtOnce(BURST);
    for (const path of CLIENT_ROUTES) {
      const proof = { authorization: t.basic('nobody', 'words'), 'refresh-token': 'none' };
      const headers = { ...proof, 'expired-id-token': 'a.b.c' };
      expectLimited(await call(tenant, path, { headers, body: BODIES[path] }), path);
    }
    for (const path of MEMBER_ROUTES) {
      expectLimited(await callAs(tenant, admin, path, { body: BODIES[path] }), path);
    }
  });

  it('another key is let in, of the same tenant and of another', async () => {
    const scopes = ['signin'];
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/keys`, { name: 'second', scopes });
    const other = await t.makeTenant();
    await refreshAtOnce(BURST);
    expectLimited(await refresh());
    expectError(await refresh({ ...tenant, apiKey: made.body.key }), 401, REFRESH);
    expectError(await refresh(other), 401, REFRESH);
  });
});

describe('an empty bucket', () => {
  it('of an isolate whose clock runs ahead is one that fills like any other, to the rest', async () => {
    const now = Date.now();
    passBy(3_600_000);
    expectError(await refresh(), 401, REFRESH);
    vi.setSystemTime(now);
    expectLimited(await refresh());
    passBy(INTERVAL);
    expectError(await refresh(), 401, REFRESH);
    passBy(2000);
    expect((await refresh()).headers.get('ratelimit')).toBe(`"key";r=${BURST - 1};t=1`);
  });

  it('fills by one in 40 ms, and is full after two seconds', async () => {
    await refreshAtOnce(BURST);
    passBy(INTERVAL - 1);
    expect((await refresh()).status).toBe(429);
    passBy(1);
    expectError(await refresh(), 401, REFRESH);
    expectLimited(await refresh());
    passBy(1000);
    const afterASecond = await refreshAtOnce(30);
    expect(afterASecond.filter(({ status }) => status !== 429)).toHaveLength(25);
    passBy(60_000);
    const full = await refresh();
    expect(full.headers.get('ratelimit')).toBe(`"key";r=${BURST - 1};t=1`);
  });

  it('lets nothing be tried: no guess is counted, no hash is computed, nothing is written', async () => {
    const user = await t.makeUser(tenant);
    const tokens = await signIn(tenant, user);
    await refreshAtOnce(BURST);
    const { value, cost } = await measure((on) =>
      t.vbaSignIn(tenant, user.userId, 'a wrong password', on),
    );
    expectLimited(value, '/user-authentication');
    expect(cost).toMatchObject({ links: 0, trips: 1 });
    expectLimited(await t.vbaSignIn(tenant, user.userId, user.password), '/user-authentication');
    expectLimited(await t.vbaRefresh(tenant, tokens));
    expectLimited(await callAs(tenant, tokens, '/logout'), '/logout');
    passBy(2000);
    expect((await t.readUser(tenant, user.userId)).failedAttempts).toBe(0);
    expectNothing(await callAs(tenant, tokens, '/logout'));
  });

  it('says so whatever else is wrong', async () => {
    await refreshAtOnce(BURST);
    expectLimited(await refresh({ ...tenant, clientCode: 'unknown' }));
    const headers = { authorization: 'Bearer a.b.c' };
    // Who shows no token of ours asks no bucket.
    const answer = await callAs(tenant, admin, '/logout', { headers });
    expectError(answer, 401, '/logout');
    expectNoBucket(answer);
  });
});

describe('the headers', () => {
  it('come with every answer for which a bucket was asked', async () => {
    const user = await t.makeUser(tenant);
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    expectTokens(signedIn);
    const tokens = signedIn.body.data.authenticationResult as Tokens;
    const body = { userID: user.userId };
    const answers = [
      signedIn,
      await t.vbaRefresh(tenant, tokens),
      await call(tenant, '/forgot-password', { body }),
      await callAs(tenant, tokens, '/users', { body }),
      await callAs(tenant, admin, '/users', { body }),
      await callAs(tenant, admin, '/users', { body: { userID: `made-${t.nextSerial()}` } }),
      await callAs(tenant, tokens, '/logout'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 501, 403, 409, 201, 204]);
    expect(answers.map(readRemaining)).toEqual([49, 48, 47, 46, 45, 44, 43]);
    for (const { headers } of answers) expect(headers.get('ratelimit-policy')).toBe(POLICY);
  });

  it('do not come where none was asked', async () => {
    const unknown = `${tenant.apiKey.slice(0, -43)}${'A'.repeat(43)}`;
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/keys`, {
      name: 'short-lived',
      scopes: ['signin'],
    });
    await t.admin('DELETE', `/tenants/${tenant.orgId}/keys/${made.body.keyId}`);
    for (const apiKey of [unknown, made.body.key, 'no key']) {
      const answer = await refresh({ ...tenant, apiKey });
      expectError(answer, 401, REFRESH);
      expectNoBucket(answer);
    }
    for (const path of [...MFA_ROUTES, '/nowhere']) expectNoBucket(await call(tenant, path));
    expectNoBucket(await call(tenant, '/forgot-password', { body: '{' }));
  });

  it('come with what is our own fault too', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const user = await t.makeUser(tenant);
    const { on } = makeFaultyEnv({ kind: 'at-statement', batch: 1, statement: 0 });
    const answer = await t.vbaSignIn(tenant, user.userId, user.password, on);
    expectError(answer, 500, '/user-authentication');
    expect(readRemaining(answer)).toBe(BURST - 1);
  });
});
