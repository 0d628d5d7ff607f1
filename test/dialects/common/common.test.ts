// What belongs to no dialect: keys, metadata, health, and the headers that every answer carries.
import { env } from 'cloudflare:workers';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWK,
  jwtVerify,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { watchLogs } from '../../support/logs.ts';
import { type Answer, type Env, measure, ORIGIN, send } from '../../support/rekey.ts';
import {
  admin,
  makeTenant,
  makeUser,
  type TestTenant,
  type TestUser,
  vbaHeaders,
  vbaSignIn,
  zapLogin,
  zitadel,
} from '../../support/tenant.ts';

const JWKS = '/.well-known/jwks.json';
const METADATA = '/.well-known/openid-configuration';
const HEALTH = '/healthz';

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant);
});

describe('the key document', () => {
  it('holds two public keys, named by their thumbprints', async () => {
    const answer = await send(JWKS);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual(['keys']);
    const keys: JWK[] = answer.body.keys;
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(key).toMatchObject({ alg: 'ES256', crv: 'P-256', kty: 'EC', use: 'sig' });
      expect(key.kid).toBe(await calculateJwkThumbprint(key, 'sha256'));
    }
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
  });

  it('holds nothing private', async () => {
    const { text } = await send(JWKS);
    const secrets: JWK[] = JSON.parse(env.SIGNING_JWKS).keys;
    expect(secrets[0]?.d).toBeTruthy();
    for (const { d } of secrets) if (d !== undefined) expect(text).not.toContain(d);
  });

  it('may be kept for a while, and has its own media type', async () => {
    const { headers } = await send(JWKS);
    expect(headers.get('content-type')).toBe('application/jwk-set+json');
    expect(headers.get('cache-control')).toMatch(/^public, max-age=[1-9]\d*$/);
  });

  it('verifies the tokens that were issued, by any library', async () => {
    const keys = createLocalJWKSet((await send(JWKS)).body as JSONWebKeySet);
    const { issuer } = (await send(METADATA)).body;
    const signedIn = await vbaSignIn(tenant, user.userId, user.password);
    const { accessToken, idToken } = signedIn.body.data.authenticationResult;
    const options = { issuer, algorithms: ['ES256'] };
    const access = await jwtVerify(accessToken, keys, {
      ...options,
      audience: tenant.orgId,
      typ: 'at+jwt',
    });
    const id = await jwtVerify(idToken, keys, { ...options, audience: tenant.clientId });
    expect([access.payload.sub, id.payload.sub]).toEqual([user.userId, user.userId]);
    const zap = await zapLogin(tenant, user.email, user.password);
    await jwtVerify(zap.body.data.token, keys, { ...options, audience: tenant.orgId });
    const published = (await send(JWKS)).body.keys[0].kid;
    expect(decodeProtectedHeader(accessToken).kid).toBe(published);
  });
});

describe('the metadata', () => {
  it('tells the issuer and where the keys are', async () => {
    const answer = await send(METADATA);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toMatch(/^public, max-age=[1-9]\d*$/);
    expect(answer.body).toMatchObject({
      issuer: env.ISSUER,
      jwks_uri: `${env.ISSUER}${JWKS}`,
      id_token_signing_alg_values_supported: ['ES256'],
    });
    const keys = await send(answer.body.jwks_uri.replace(env.ISSUER, ORIGIN));
    expect(keys.status).toBe(200);
  });

  it('does not follow the host that a request names', async () => {
    const answer = await send(`https://attacker.example${METADATA}`, {
      headers: { 'x-forwarded-host': 'attacker.example', forwarded: 'host=attacker.example' },
    });
    expect(answer.text).not.toContain('attacker');
  });
});

describe('health', () => {
  it('is answered without asking any database', async () => {
    const { value, cost } = await measure((on) => send(HEALTH, {}, on));
    expect([value.status, value.body]).toEqual([200, { status: 'ok' }]);
    expect(cost).toMatchObject({ trips: 0, links: 0 });
    expect(value.headers.get('cache-control')).toBe('no-store');
  });
});

describe('their paths', () => {
  it.each([HEALTH, JWKS, METADATA])('%s is there for GET and HEAD alone', async (path) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await send(path, { method });
      expect([method, answer.status]).toEqual([method, 405]);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    const head = await send(path, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe((await send(path)).headers.get('content-type'));
  });

  it.each([
    '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200',
    '/.well-known/',
    '/.well-known/jwks.json/',
    '/.well-known/JWKS.json',
    '/.well-known/change-password',
  ])('%s is none', async (path) => {
    const answer = await send(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ title: 'Not Found', status: 404, instance: path });
  });
});

const SECURITY_HEADERS = {
  'strict-transport-security': /max-age=\d{8,}/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'content-security-policy': /^default-src 'none'; frame-ancestors 'none'$/,
  'x-request-id': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

describe('every answer', () => {
  const big = { method: 'POST', body: 'x'.repeat(16 * 1024 + 1) };
  const chunked = () => ({ method: 'POST', body: new Blob([big.body]).stream() });
  const broken = () => {
    const database = {
      prepare: () => ({ bind: () => ({}) }),
      batch: () => Promise.reject(new Error('down')),
    };
    return { ...(env as unknown as Env), DB: database };
  };
  it.each<[string, number, () => Promise<Answer>]>([
    ['health', 200, () => send(HEALTH)],
    ['keys', 200, () => send(JWKS)],
    ['a VBA sign-in', 200, () => vbaSignIn(tenant, user.userId, user.password)],
    ['a refused VBA sign-in', 401, () => vbaSignIn(tenant, 'nobody', 'x')],
    ['a VBA sign-in of a broken database', 500, () => vbaSignIn(tenant, 'nobody', 'x', broken())],
    ['a ZAP login', 200, () => zapLogin(tenant, user.email, user.password)],
    ['a refused ZAP login', 401, () => zapLogin(tenant, 'nobody', 'x')],
    [
      'a ZITADEL reset',
      200,
      () => zitadel(tenant.serviceToken, `${user.userId}/password_reset`, { returnCode: {} }),
    ],
    ['a refused ZITADEL call', 401, () => zitadel('unknown', 'x/password', {})],
    [
      'a key of the operator',
      201,
      () => admin('POST', `/tenants/${tenant.orgId}/keys`, { name: 'k', scopes: ['signin'] }),
    ],
    ['a shut door', 401, () => send('/admin/tenants')],
    ['an unknown path', 404, () => send('/nothing')],
    ['a wrong method', 405, () => send('/user-authentication')],
    ['a body that is too large', 413, () => send('/v1/login', big)],
    ['a stream that is too large', 413, () => send('/v1/login', chunked())],
  ])('carries the security headers: %s', async (_, status, work) => {
    const logs = watchLogs();
    const answer = await work().finally(logs.stop);
    expect(answer.status).toBe(status);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      expect([name, answer.headers.get(name)]).toEqual([name, expect.stringMatching(value)]);
    }
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('server')).toBeNull();
    const isPublic = answer.headers.get('content-type') === 'application/jwk-set+json';
    const cache = answer.headers.get('cache-control');
    if (!isPublic) expect(cache).toBe('no-store');
  });

  it('has a request id of its own, whatever the request says', async () => {
    const headers = { ...vbaHeaders(tenant), 'x-request-id': 'mine' };
    const ids = await Promise.all(
      [1, 2].map(async () => (await send(HEALTH, { headers })).headers.get('x-request-id')),
    );
    expect(ids).not.toContain('mine');
    expect(new Set(ids).size).toBe(2);
  });
});
