// Section 5.2, tokens and sessions: what is forged, of another kind or of before, at the doors of all three dialects.

import { env } from 'cloudflare:workers';
import { createPublicKey } from 'node:crypto';
import { CompactSign, importJWK, type JWK } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BODIES, call, callAs, MEMBER_ROUTES, refillBuckets } from '../dialects/vba/call.ts';
import { call as zapCall } from '../dialects/zap/call.ts';
import { decodeJws, encodePart, signHs256 } from '../support/jws.ts';
import { measure } from '../support/rekey.ts';
import { makeSigningJwk } from '../support/secrets.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { openSession, call as zitadelCall } from '../support/zitadel-users.ts';

interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

let tenant: t.TestTenant;
let other: t.TestTenant;
let user: t.TestUser;
let tokens: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  user = await t.makeUser(tenant);
  tokens = await signIn(tenant, user);
});

beforeEach(refillBuckets);

afterEach(() => {
  vi.restoreAllMocks();
});

async function signIn(at: t.TestTenant, who: t.TestUser): Promise<Tokens> {
  const answer = await t.vbaSignIn(at, who.userId, who.password);
  expect(answer.status).toBe(200);
  return answer.body.data.authenticationResult;
}

/** Each with a request of the user's that changes nothing, and whether it wants the access token or the ID token. */
const DOORS = {
  vba: {
    takes: 'idToken',
    ask: (token: string) =>
      callAs(tenant, { idToken: token }, '/users', { body: BODIES['/users'] }),
  },
  zap: {
    takes: 'accessToken',
    ask: (token: string) => zapCall(tenant, '/v1/users/token', { method: 'GET', token }),
  },
  zitadel: {
    takes: 'accessToken',
    ask: (token: string) => zitadelCall(token, 'GET', `users/${user.userId}`),
  },
} as const;

type DoorName = keyof typeof DOORS;
const DOOR_NAMES = Object.keys(DOORS) as DoorName[];

/** A JWS of any header and claims; ES256, whatever is asked beside it. */
async function sign(header: object, payload: object, jwk: JWK): Promise<string> {
  const signer = new CompactSign(new TextEncoder().encode(JSON.stringify(payload)));
  return signer.setProtectedHeader({ ...header, alg: 'ES256' }).sign(await importJWK(jwk, 'ES256'));
}

describe.each(DOOR_NAMES)('A12, A13, A15, A16, A18: a forged token at %s', (name) => {
  const { takes, ask } = DOORS[name];
  const foreign = makeSigningJwk();
  const ours = (JSON.parse(env.SIGNING_JWKS) as { keys: JWK[] }).keys[0] as JWK;
  const published = { kty: ours.kty, crv: ours.crv, x: ours.x, y: ours.y };
  const pem = createPublicKey({ key: published as Record<string, string>, format: 'jwk' });

  it('signed by us without a change is taken', async () => {
    const { header, payload } = decodeJws(tokens[takes]);
    expect((await ask(await sign(header, payload, ours))).status).not.toBe(401);
  });

  it('is refused for no derivation, no call to anybody and no fault of ours', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const { header, payload } = decodeJws(tokens[takes]);
    const forge = (claims: object, more: object = {}) =>
      sign({ ...header, ...more }, { ...payload, ...claims }, ours);
    const byForeign = (more: object) => sign({ ...header, ...more }, payload, foreign);
    const hs256 = (secret: string) => signHs256({ ...header, alg: 'HS256' }, payload, secret);
    const [head = '', body = '', signature = ''] = tokens[takes].split('.');
    const forged: Record<string, string | Promise<string>> = {
      ...Object.fromEntries(
        ['none', 'noNE', 'None', ''].map((alg) => [
          `alg ${alg}`,
          `${encodePart({ ...header, alg })}.${body}.`,
        ]),
      ),
      'HS256 by our JWK': hs256(JSON.stringify(published)),
      'HS256 by our PEM': hs256(pem.export({ format: 'pem', type: 'spki' }).toString()),
      jwk: byForeign({ jwk: { kty: foreign.kty, crv: foreign.crv, x: foreign.x, y: foreign.y } }),
      jku: byForeign({ jku: 'https://evil.example/jwks.json' }),
      x5u: byForeign({ x5u: 'https://evil.example/cert.pem' }),
      x5c: byForeign({ x5c: [btoa('a certificate')] }),
      'a kid that is a path': byForeign({ kid: '../../etc/passwd' }),
      'a kid that is SQL': byForeign({ kid: "' OR 1=1--" }),
      'a kid of 10 KB': byForeign({ kid: 'k'.repeat(10_240) }),
      'an unknown kid': byForeign({ kid: 'unknown' }),
      'exp as text': forge({ exp: '9999999999' }),
      'exp null': forge({ exp: null }),
      'exp a list': forge({ exp: [] }),
      'exp 0': forge({ exp: 0 }),
      'no exp': forge({ exp: undefined }),
      'nbf as text': forge({ nbf: '0' }),
      'no aud': forge({ aud: undefined }),
      'another aud': forge({ aud: takes === 'idToken' ? other.clientId : other.orgId }),
      'a list with our aud': forge({ aud: [payload['aud'], 'another'] }),
      'our issuer with a slash': forge({ iss: `${env.ISSUER}/` }),
      'another tenant': forge({ tenant: other.orgId }),
      'another place': forge({ place: 'db-eu' }),
      'SQL as the family': forge({ fam: "' OR '1'='1" }),
      'JSON serialised': encodePart({ protected: head, payload: body, signature }),
      'five parts, as JWE has': `${head}.${body}.${signature}.${body}.${signature}`,
      'a costly JWE': `${encodePart({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31, zip: 'DEF' })}.AA.AA.AA.AA`,
    };
    const before = await dumpTenant(tenant);
    for (const [why, token] of Object.entries(forged)) {
      const { value, cost } = await measure(async () => ask(await token));
      expect([why, value.status, cost.links]).toEqual([why, 401, 0]);
    }
    expect(fetched).not.toHaveBeenCalled();
    expect(await dumpTenant(tenant)).toBe(before);
  });
});

describe('A14, A21: what is secret opens the doors of its own kind alone', () => {
  interface Shown {
    readonly token: string;
    /** What a door answers; 401 where nothing is said, and 404 to who is known but not to this user. */
    readonly at: Partial<Record<DoorName, number>>;
  }

  async function gather(): Promise<Record<string, Shown>> {
    const forced = await t.makeUser(tenant, { temporary: true });
    const theirs = await signIn(other, await t.makeUser(other));
    const { sessionToken } = await openSession(tenant, user);
    return {
      'an access token': { token: tokens.accessToken, at: { zap: 200, zitadel: 200 } },
      'an ID token': { token: tokens.idToken, at: { vba: 403 } },
      'a refresh token': { token: tokens.refreshToken, at: {} },
      'the session of a challenge': { token: await t.openChallenge(tenant, forced), at: {} },
      'a reset code': { token: await t.resetCode(tenant, user.userId), at: {} },
      'the token of a login session': { token: sessionToken, at: {} },
      'a key for sign-ins': { token: tenant.apiKey, at: { zitadel: 404 } },
      'a key for users': { token: tenant.serviceToken, at: { zitadel: 200 } },
      "another tenant's access token": { token: theirs.accessToken, at: { zitadel: 404 } },
      "another tenant's ID token": { token: theirs.idToken, at: {} },
      "another tenant's key": { token: other.serviceToken, at: { zitadel: 404 } },
      'nothing at all': { token: 'x', at: {} },
    };
  }

  it('as a Bearer token', async () => {
    for (const [why, { token, at }] of Object.entries(await gather())) {
      for (const name of DOOR_NAMES) {
        const { status } = await DOORS[name].ask(token);
        expect([why, name, status]).toEqual([why, name, at[name] ?? 401]);
      }
      const headers = { authorization: `Bearer ${token}` };
      const answer = await call(tenant, '/admin/tenants', { headers, body: {} });
      expect([why, answer.status]).toEqual([why, 401]);
    }
  });

  it('as a refresh token, as a session and as an API key', async () => {
    const newPassword = t.newPassword();
    for (const [why, { token }] of Object.entries(await gather())) {
      if (why === 'a refresh token') continue;
      const asRefresh = [
        await zapCall(tenant, '/v1/refresh', { body: { refreshToken: token } }),
        await t.vbaRefresh(tenant, { idToken: tokens.idToken, refreshToken: token }),
      ];
      const body = { userID: user.userId, newPassword, session: token };
      const asSession = await call(tenant, '/change-temporary-password', { body });
      for (const { status } of [...asRefresh, asSession]) expect([why, status]).toEqual([why, 401]);
      if (why === 'a key for sign-ins') continue;
      const asKey = await call(tenant, '/user-authentication', {
        headers: {
          'x-api-key': token,
          authorization: t.basic(user.userId, user.password),
        },
      });
      expect([why, asKey.status]).toEqual([why, 401]);
    }
  });

  it('the session of a challenge at every route that wants a sign-in', async () => {
    const forced = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, forced);
    for (const path of MEMBER_ROUTES) {
      const answer = await callAs(tenant, { idToken: session }, path, { body: BODIES[path] });
      expect([path, answer.status]).toEqual([path, 401]);
    }
  });
});
