// Who has signed in: the ID token, the API key and the database, which must belong together, at every route after it.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as t from '../../support/tenant.ts';
import {
  ADMIN_STEPS,
  BODIES,
  type Call,
  callAs,
  expectError,
  expectNothing,
  MEMBER_ROUTES,
  refillBuckets,
  signIn,
  type Tokens,
  userPath,
} from './call.ts';

let tenant: t.TestTenant;
let twin: t.TestTenant;
let european: t.TestTenant;
let user: t.TestUser;
let tokens: Tokens;
let theirs: Tokens;
let theEuropeans: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
  twin = await t.makeTenant();
  european = await t.makeTenant({ place: 'eu' });
  user = await t.makeUser(tenant, { role: 'admin' });
  tokens = await signIn(tenant, user);
  const { userId } = user;
  theirs = await signIn(twin, await t.makeUser(twin, { userId, role: 'admin' }));
  theEuropeans = await signIn(european, await t.makeUser(european, { userId, role: 'admin' }));
});

beforeEach(refillBuckets);

afterEach(() => {
  vi.useRealTimers();
});

function knock(path: string, headers: Call['headers'] = {}, as: Pick<Tokens, 'idToken'> = tokens) {
  const body = BODIES[path];
  return callAs(tenant, as, path, { ...(body === undefined ? {} : { body }), headers });
}

/** As the last letter of a signature that is not right. */
function spoil(token: string): string {
  return token.replace(/.(?=.{5}$)/, (letter) => (letter === 'A' ? 'B' : 'A'));
}

describe.each(MEMBER_ROUTES)('%s', (path) => {
  it('refuses whatever is not right about the token, the key or the tenant, alike', async () => {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const unsigned = `${btoa('{"alg":"none","typ":"JWT"}').replaceAll('=', '')}.${tokens.idToken.split('.')[1]}.`;
    const wrongs: [string, NonNullable<Call['headers']>][] = [
      ['no token', { authorization: null }],
      ['an empty header', { authorization: '' }],
      ['no scheme', { authorization: tokens.idToken }],
      ['Basic', { authorization: t.basic(user.userId, user.password) }],
      ['two tokens', { authorization: [`Bearer ${tokens.idToken}`, `Bearer ${tokens.idToken}`] }],
      ['the access token', bearer(tokens.accessToken)],
      ['the refresh token', bearer(tokens.refreshToken)],
      ['the API key', bearer(tenant.apiKey)],
      ['a key that may write users', bearer(tenant.serviceToken)],
      ['garbage', bearer('a.b.c')],
      ['no signature', bearer(unsigned)],
      ['a wrong signature', bearer(spoil(tokens.idToken))],
      ["another tenant's token", bearer(theirs.idToken)],
      ["another place's token", bearer(theEuropeans.idToken)],
      ["another tenant's key", { 'x-api-key': twin.apiKey }],
      ["another place's key", { 'x-api-key': european.apiKey }],
      ['a key that may not sign in', { 'x-api-key': tenant.serviceToken }],
      ["another tenant's database", { 'vbasoftware-database': twin.database }],
      ["another place's database", { 'vbasoftware-database': european.database }],
      ['an unknown database', { 'vbasoftware-database': 'unknown' }],
      ["another tenant's client id", { 'vbasoftware-client-id': twin.clientId }],
      ["another tenant's client code", { 'vbasoftware-client-code': twin.clientCode }],
    ];
    for (const [why, headers] of wrongs) {
      const answer = await knock(path, headers);
      expect([why, answer.status]).toEqual([why, 401]);
      expect(expectError(answer, 401, path)).toBe('Authentication failed.');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="vba"');
    }
  });

  it('refuses a token past its life', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_401_000 });
    expectError(await knock(path), 401, path);
  });

  it('refuses a token whose session has ended', async () => {
    const ended = await signIn(tenant, user);
    expectNothing(await callAs(tenant, ended, '/logout'));
    expectError(await knock(path, {}, ended), 401, path);
  });
});

it('the scheme of the token may come in any case', async () => {
  const ended = await signIn(tenant, user);
  const headers = { authorization: `bEARER ${ended.idToken}` };
  expectNothing(await callAs(tenant, ended, '/logout', { headers }));
});

it('the two other tenant headers may be sent, and agree', async () => {
  const ended = await signIn(tenant, user);
  const { clientId, clientCode } = tenant;
  const headers = { 'vbasoftware-client-id': clientId, 'vbasoftware-client-code': clientCode };
  expectNothing(await callAs(tenant, ended, '/logout', { headers }));
});

it('a token ends with its user', async () => {
  const doomed = await t.makeUser(tenant);
  const own = await signIn(tenant, doomed);
  await t.disableUser(tenant, doomed.userId);
  expectError(await callAs(tenant, own, '/logout'), 401, '/logout');
});

describe('who is no administrator', () => {
  it('may do nothing to users, and learns of none', async () => {
    const plain = await signIn(tenant, await t.makeUser(tenant));
    const known = await t.makeUser(tenant);
    const details = new Set<string>();
    for (const userId of [known.userId, 'nobody-at-all']) {
      for (const step of ADMIN_STEPS) {
        const path = userPath(userId, step);
        details.add(expectError(await callAs(tenant, plain, path), 403, path));
      }
      const body = { userID: userId, email: known.email };
      details.add(expectError(await callAs(tenant, plain, '/users', { body }), 403, '/users'));
    }
    expect(details.size).toBe(1);
    expect(await t.readUser(tenant, known.userId)).toMatchObject({ state: 'active' });
  });

  it('may not do to itself either what an administrator does', async () => {
    const self = await t.makeUser(tenant);
    const own = await signIn(tenant, self);
    for (const step of ADMIN_STEPS) {
      const path = userPath(self.userId, step);
      expectError(await callAs(tenant, own, path), 403, path);
    }
  });
});

describe('the id in a path', () => {
  const STEPS = ['change-password', ...ADMIN_STEPS] as const;

  it.each([
    ['an escape that is none', '%zz'],
    ['a lone per cent sign', '50%'],
    ['what is not UTF-8', '%ff'],
    ['a cut character', '%c3'],
    ['a NUL', 'a%00b'],
    ['a line break', 'a%0Ab'],
    ['a zero width space', 'a%E2%80%8Bb'],
    ['an encoded surrogate', '%ED%A0%80'],
    ['201 characters', 'n'.repeat(201)],
  ])('is refused with %s', async (_, id) => {
    const body = BODIES['/users/nobody/change-password'];
    for (const step of STEPS) {
      const path = `/users/${id}/${step}`;
      expect(expectError(await callAs(tenant, tokens, path, { body }), 400, path)).toContain(
        'userID',
      );
    }
  });
});
