// What holds of every route that is mounted, whatever comes of a request: its headers, and that no method but its own
// does anything. What is mounted is read off the app, so that a new route is in here.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDialectApp, DIALECTS } from '../src/app.ts';
import type { Dialect } from '../src/wire/dialect.ts';
import { watchLogs } from './support/logs.ts';
import { type Answer, type Env, send } from './support/rekey.ts';
import * as t from './support/tenant.ts';
import { dumpTenant } from './support/tenant-rows.ts';

const PATHS_OF = await Promise.all(
  DIALECTS.map(async (one) => ({ one, paths: await listPaths(one) })),
);
const PATHS = PATHS_OF.flatMap(({ paths }) => paths);
const VALID = env as unknown as Env;

async function listPaths(dialect: Dialect): Promise<readonly string[]> {
  const loaded = await dialect.load();
  if ('paths' in loaded) return loaded.paths;
  const { routes } = createDialectApp({ listOrigins: () => [] }, dialect, loaded);
  const patterns = routes.map(({ path }) => path).filter((path) => path !== '/*');
  return [...new Set(patterns)].map((path) => path.replaceAll(/:\w+|\*/g, 'x'));
}

const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

function expectHeaders(what: string, { headers, status }: Answer): void {
  const carried = Object.keys(SECURITY_HEADERS).map((name) => [name, headers.get(name)]);
  expect([what, Object.fromEntries(carried)]).toEqual([what, SECURITY_HEADERS]);
  const isMetadata = status === 200 && what.includes('/.well-known/');
  const cache = isMetadata ? 'public, max-age=300' : 'no-store';
  expect([what, headers.get('cache-control')]).toEqual([what, cache]);
}

const JSON_TYPE = { 'content-type': 'application/json' };
const LISTED = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
const UNLISTED = { ...LISTED, origin: 'https://evil.example' };
const LARGE = 'x'.repeat(16_385);

it('every route lies where its dialect is found by it', () => {
  for (const { one, paths } of PATHS_OF) {
    expect([one.name, paths.length > 0]).toEqual([one.name, true]);
    for (const path of paths) {
      const owner = DIALECTS.find((dialect) => dialect.owns(path));
      expect([path, owner?.name]).toEqual([path, one.name]);
    }
  }
});

describe('every route carries the security headers', () => {
  it.each<[string, RequestInit, Env]>([
    ['with nothing', { method: 'POST', headers: JSON_TYPE, body: '{}' }, VALID],
    ['with what is no JSON', { method: 'POST', headers: JSON_TYPE, body: '{' }, VALID],
    ['with too much', { method: 'POST', body: LARGE }, VALID],
    ['read', { method: 'GET' }, VALID],
    ['read by its head', { method: 'HEAD' }, VALID],
    ['deleted', { method: 'DELETE' }, VALID],
    ['by a method of WebDAV', { method: 'PROPFIND' }, VALID],
    ['traced', { method: 'TRACE' }, VALID],
    ['asked by a listed page', { method: 'OPTIONS', headers: LISTED }, VALID],
    ['asked by another page', { method: 'OPTIONS', headers: UNLISTED }, VALID],
    ['of a Worker without its secrets', { method: 'POST' }, { ...VALID, MAC_KEYS: undefined }],
    ['of a Worker without a database', { method: 'POST' }, { ...VALID, DATABASES: undefined }],
  ])('%s', async (what, init, on) => {
    expect(PATHS.length).toBeGreaterThan(100);
    const logs = watchLogs();
    for (const path of PATHS) {
      const answer = await send(path, init, on);
      expectHeaders(`${path} ${what}`, answer);
      expect([path, answer.status === 500]).toEqual([path, on !== VALID]);
      if (on !== VALID) expect(answer.body.title).toBe('Misconfigured');
    }
    logs.stop();
  });
});

describe('no other method does anything', () => {
  let tenant: t.TestTenant;
  let user: t.TestUser;
  let token: string;

  beforeAll(async () => {
    tenant = await t.makeTenant();
    user = await t.makeUser(tenant);
    token = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
  });

  it.each(['TRACE', 'PROPFIND', 'OPTIONS'])('%s is refused, and told what is', async (method) => {
    for (const [path, allow] of [
      ['/user-authentication', 'POST'],
      ['/v1/changePassword', 'POST'],
      [`/v1/users/${user.userId}`, 'GET, PUT, DELETE, HEAD'],
      [`/v2/users/${user.userId}/password`, 'POST'],
      [`/v2/users/${user.userId}`, 'GET, DELETE, PATCH, HEAD'],
      ['/zitadel.user.v2.UserService/SetPassword', 'POST'],
    ] as const) {
      const headers = { authorization: `Bearer ${tenant.serviceToken}` };
      const answer = await send(path, { method, headers });
      expect([path, answer.status]).toEqual([path, 405]);
      expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allow.split(', ').sort());
    }
  });

  it('a method that is smuggled in takes the place of none', async () => {
    const before = await dumpTenant(tenant);
    const names = ['x-http-method-override', 'x-http-method', 'x-method-override', '_method'];
    const zap = `http://${tenant.host}:8787/v1/users/${user.userId}`;
    for (const [path, bearer] of [
      [`/v2/users/${user.userId}`, tenant.serviceToken],
      [zap, token],
    ] as const) {
      const authorization = { authorization: `Bearer ${bearer}` };
      for (const name of names) {
        const headers = { ...authorization, ...JSON_TYPE, [name]: 'DELETE' };
        const body = JSON.stringify({ [name]: 'DELETE' });
        const answer = await send(`${path}?${name}=DELETE`, { method: 'POST', headers, body });
        expect([name, answer.status]).toEqual([name, 405]);
        const read = await send(`${path}?${name}=DELETE`, { headers });
        expect([name, read.status < 500]).toEqual([name, true]);
      }
    }
    expect(await dumpTenant(tenant)).toBe(before);
  });
});
