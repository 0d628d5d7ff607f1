// One and the same 401 for everything that is not right about a key, a tenant, a user or a proof.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { type Call, call, expectError, refillBuckets } from './call.ts';

const SIGN_IN = '/user-authentication';
const CHANGE = '/change-temporary-password';
const REFRESH = '/user-refresh-tokens';
const GUESS = 'no password of anyone here';

let tenant: t.TestTenant;
let other: t.TestTenant;
let european: t.TestTenant;
let user: t.TestUser;
let disabled: t.TestUser;
let bare: t.TestUser;
let foreigner: t.TestUser;
let reference: Answer;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  european = await t.makeTenant({ place: 'eu' });
  user = await t.makeUser(tenant);
  disabled = await t.makeUser(tenant, { temporary: true });
  await t.disableUser(tenant, disabled.userId);
  bare = await t.makeUser(tenant, { withoutPassword: true });
  foreigner = await t.makeUser(other, { temporary: true });
  reference = await t.vbaSignIn(tenant, user.userId, GUESS);
});

beforeEach(refillBuckets);

/** As a key, session or refresh token of the tenant's place looks, and of nobody. */
function strangeKey(of: t.TestTenant, kind = 'rk'): string {
  return of.apiKey.replace(/^rk/, kind).slice(0, -43) + 'A'.repeat(43);
}

/** All that a client sees, without the ids, the path, the time, the local counters and what is left to the key. */
function see(answer: Answer) {
  const { debug, error, ...rest } = answer.body;
  const { instance, ...told } = error;
  const own = /^(?:x-request-id|server-timing|date|content-length|ratelimit|ratelimit-policy)$/;
  const headers = [...answer.headers].filter(([name]) => !own.test(name));
  return { status: answer.status, headers, rest, told, ids: Object.keys(debug), path: !!instance };
}

function signIn(headers: Call['headers'] = {}): Promise<Answer> {
  const authorization = t.basic(user.userId, user.password);
  return call(tenant, SIGN_IN, { headers: { authorization, ...headers } });
}

function change(over: object, of = tenant): Promise<Answer> {
  const body = { userID: user.userId, newPassword: t.newPassword(), session: 'none', ...over };
  return call(of, CHANGE, { body });
}

async function signInTokens(): Promise<{ idToken: string; refreshToken: string }> {
  const answer = await t.vbaSignIn(tenant, user.userId, user.password);
  return answer.body.data.authenticationResult;
}

describe('a sign-in', () => {
  it.each<[string, () => Promise<Answer>]>([
    ['no x-api-key', () => signIn({ 'x-api-key': null })],
    ['an unknown key', () => signIn({ 'x-api-key': strangeKey(tenant) })],
    ['an unknown key of another place', () => signIn({ 'x-api-key': strangeKey(european) })],
    ['an unknown key of no place', () => signIn({ 'x-api-key': `rk_nowhere_${'A'.repeat(43)}` })],
    ['what is no key', () => signIn({ 'x-api-key': 'key' })],
    ["another tenant's key", () => signIn({ 'x-api-key': other.apiKey })],
    ["another place's key", () => signIn({ 'x-api-key': european.apiKey })],
    ['a key that may not sign in', () => signIn({ 'x-api-key': tenant.serviceToken })],
    ['an unknown client id', () => signIn({ 'vbasoftware-client-id': 'unknown' })],
    ['an unknown client code', () => signIn({ 'vbasoftware-client-code': 'unknown' })],
    ['an unknown database', () => signIn({ 'vbasoftware-database': 'unknown' })],
    ["another tenant's client id", () => signIn({ 'vbasoftware-client-id': other.clientId })],
    ["another tenant's code", () => signIn({ 'vbasoftware-client-code': other.clientCode })],
    ["another tenant's database", () => signIn({ 'vbasoftware-database': other.database })],
    ["another place's database", () => signIn({ 'vbasoftware-database': european.database })],
    ['no credentials', () => signIn({ authorization: null })],
    ['an unknown user', () => t.vbaSignIn(tenant, 'unknown', user.password)],
    ["another tenant's user", () => t.vbaSignIn(tenant, foreigner.userId, foreigner.password)],
    ['a disabled user', () => t.vbaSignIn(tenant, disabled.userId, disabled.password)],
    ['a disabled user, wrong password', () => t.vbaSignIn(tenant, disabled.userId, GUESS)],
    ['a user who has no password', () => t.vbaSignIn(tenant, bare.userId, GUESS)],
    ['an over-long password', () => t.vbaSignIn(tenant, user.userId, 'p'.repeat(201))],
    ['an over-long password, unknown user', () => t.vbaSignIn(tenant, 'u', 'p'.repeat(201))],
  ])('with %s looks like a wrong password', async (_, ask) => {
    const answer = await ask();
    expectError(answer, 401, SIGN_IN);
    expect(see(answer)).toEqual(see(reference));
  });

  it('with a revoked key looks like a wrong password', async () => {
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/keys`, {
      name: 'short-lived',
      scopes: ['signin'],
    });
    expect((await signIn({ 'x-api-key': made.body.key })).status).toBe(200);
    await t.admin('DELETE', `/tenants/${tenant.orgId}/keys/${made.body.keyId}`);
    expect(see(await signIn({ 'x-api-key': made.body.key }))).toEqual(see(reference));
  });
});

describe('a forced change', () => {
  it.each<[string, () => Promise<Answer>]>([
    ['of nobody', () => change({})],
    ['of an unknown user', () => change({ userID: 'unknown' })],
    ['of a disabled user', () => change({ userID: disabled.userId })],
    ['of a user who has no password', () => change({ userID: bare.userId })],
    ['well-formed', () => change({ session: strangeKey(tenant, 'rks') })],
    ['of another place', () => change({ session: strangeKey(european, 'rks') })],
    ['that is an API key', () => change({ session: tenant.apiKey })],
    ['of 2048 characters', () => change({ session: 's'.repeat(2048) })],
    ['of nobody, weak password', () => change({ newPassword: 'short' })],
    ['of nobody, over-long password', () => change({ newPassword: 'p'.repeat(201) })],
    ['of nobody, unknown tenant', () => change({}, { ...tenant, clientId: 'unknown' })],
    ["of nobody, another tenant's key", () => change({}, { ...tenant, apiKey: other.apiKey })],
  ])('by a session %s looks like a wrong password', async (_, ask) => {
    const answer = await ask();
    expectError(answer, 401, CHANGE);
    expect(see(answer)).toEqual(see(reference));
  });

  it('by a refresh token looks like a wrong password', async () => {
    const { refreshToken } = await signInTokens();
    expect(see(await change({ session: refreshToken }))).toEqual(see(reference));
  });

  it("by another's, an expired or a spent session looks like a wrong password", async () => {
    const temporary = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, temporary);
    const own = { userID: temporary.userId, session };
    expect(see(await change({ session }))).toEqual(see(reference));
    expect(see(await change(own, other))).toEqual(see(reference));
    const setExpiry = (at: number) =>
      t
        .databaseOf(tenant)
        .prepare('UPDATE challenge SET expires_at = ? WHERE tenant_id = ? AND user_id = ?')
        .bind(at, tenant.orgId, temporary.userId)
        .run();
    await setExpiry(1);
    expect(see(await change(own))).toEqual(see(reference));
    await setExpiry(Date.now() + 60_000);
    expect((await change(own)).status).toBe(200);
    expect(see(await change(own))).toEqual(see(reference));
  });
});

describe('a refresh', () => {
  it('looks like a wrong password with whatever is not right', async () => {
    const tokens = await signInTokens();
    const refresh = (idToken: string, refreshToken: string, of = tenant) =>
      t.vbaRefresh(of, { idToken, refreshToken });
    const answers = [
      await refresh(tokens.idToken, 'garbage'),
      await refresh('garbage', tokens.refreshToken),
      await refresh(tokens.idToken, strangeKey(tenant, 'rkr')),
      await refresh(tokens.idToken, tokens.refreshToken, other),
      await refresh(tokens.idToken, tokens.refreshToken, european),
      await refresh(tokens.idToken, tokens.refreshToken, { ...tenant, database: 'unknown' }),
      await refresh(tokens.idToken, tokens.refreshToken, { ...tenant, apiKey: 'unknown' }),
    ];
    for (const answer of answers) {
      expectError(answer, 401, REFRESH);
      expect(see(answer)).toEqual(see(reference));
    }
    expect((await refresh(tokens.idToken, tokens.refreshToken)).status).toBe(200);
  });
});
