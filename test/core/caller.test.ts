// What a request shows about its caller becomes a claim, or nothing: without asking any database.
import { describe, expect, it } from 'vitest';
import {
  type Caller,
  describeActor,
  hasScope,
  isSelf,
  resolveCaller,
} from '../../src/core/caller.ts';
import { createTraffic } from '../../src/core/chain-pace.ts';
import type { Core } from '../../src/core/context.ts';
import { createHashQueue } from '../../src/core/hash-queue.ts';
import { drawOpaque, hashOpaque } from '../../src/core/opaque.ts';
import { createPasswordEngine } from '../../src/core/password/password.ts';
import type { Principal, Store } from '../../src/core/store.ts';
import { mintTokens } from '../../src/core/token.ts';
import { UNPACED, UNUSED_PORTS } from '../support/ports.ts';
import { platformRandom } from '../support/secrets.ts';
import { CLAIMS, context, ISSUER, NOW, SUBJECT } from '../support/tokens.ts';

/** A store that nothing may touch. */
const store = new Proxy({} as Store, {
  get: () => {
    throw new Error('a database was asked');
  },
});
const meter = { trips: 0, links: 0, allowance: null, tenantId: null, refusal: null };
const rest = async () => {};
const core: Core = {
  ports: {
    ...UNUSED_PORTS,
    store,
    meter,
    rest,
    random: platformRandom,
    clock: { now: () => NOW },
  },
  config: {
    issuer: ISSUER,
    keyring: context.keyring,
    screening: { findViolation: async () => null },
    hashQueue: createHashQueue(1, Date.now),
    traffic: createTraffic(),
    placement: {
      places: ['db', 'db-eu'],
      databases: [
        { pattern: 'globex_*', place: 'db-eu' },
        { pattern: 'acme_*', place: 'db' },
      ],
      hosts: [
        { pattern: '*.eu.localhost', place: 'db-eu' },
        { pattern: '*.localhost', place: 'db' },
      ],
      organisations: [{ pattern: 'acme-*', place: 'db' }],
    },
  },
  engine: createPasswordEngine(context.keyring, platformRandom, UNPACED),
};

const tenancy = (database: string) => ({ clientId: 'client-1', clientCode: 'code-1', database });
const key = drawOpaque('api-key', 'db-eu', platformRandom);
const keyHash = await hashOpaque(key);
const KEY_CLAIM = { kind: 'key', place: 'db-eu', keyHash };
const { accessToken, idToken } = await mintTokens(context, platformRandom, SUBJECT);

/** A bucket of 50, of 25 a second. */
const SIGNIN = { scope: 'signin', pace: { interval: 40, span: 2000 } } as const;

describe('a caller', () => {
  it.each<[string, Caller, object]>([
    [
      'an API key with a tenant of its place',
      { kind: 'api-key', key, tenancy: tenancy('globex_1') },
      { ...KEY_CLAIM, tenancy: tenancy('globex_1'), organisationId: null, ...SIGNIN },
    ],
    [
      'an ID token beside an API key',
      { kind: 'id-token', key, token: idToken, tenancy: { database: 'globex_1' } },
      {
        kind: 'token',
        ...CLAIMS,
        tenancy: { clientId: 'client-1', database: 'globex_1' },
        host: null,
        organisationId: null,
        key: { hash: KEY_CLAIM.keyHash, pace: SIGNIN.pace },
      },
    ],
    [
      'an ID token beside an API key, with the client id that it names',
      { kind: 'id-token', key, token: idToken, tenancy: tenancy('globex_1') },
      {
        kind: 'token',
        ...CLAIMS,
        tenancy: tenancy('globex_1'),
        host: null,
        organisationId: null,
        key: { hash: KEY_CLAIM.keyHash, pace: SIGNIN.pace },
      },
    ],
    [
      'an API key as Bearer',
      { kind: 'bearer', token: key, organisationId: 'acme-1' },
      { ...KEY_CLAIM, tenancy: null, organisationId: 'acme-1', scope: null, pace: null },
    ],
    [
      'an access token as Bearer',
      { kind: 'bearer', token: accessToken, organisationId: 'acme-1' },
      { kind: 'token', ...CLAIMS, tenancy: null, host: null, organisationId: 'acme-1', key: null },
    ],
    [
      'an access token with a tenant of its place and a host',
      { kind: 'access-token', token: accessToken, tenancy: tenancy('globex_1'), host: 'any' },
      {
        kind: 'token',
        ...CLAIMS,
        tenancy: tenancy('globex_1'),
        host: 'any',
        organisationId: null,
        key: null,
      },
    ],
    [
      'a tenant',
      { kind: 'tenancy', tenancy: tenancy('acme_1') },
      { kind: 'tenancy', place: 'db', tenancy: tenancy('acme_1') },
    ],
    [
      'a host',
      { kind: 'host', host: 't1.eu.localhost' },
      { kind: 'host', place: 'db-eu', host: 't1.eu.localhost' },
    ],
    [
      'the operator over an id of ours',
      { kind: 'operator', organisationId: 'db-eu_1' },
      { kind: 'operator', place: 'db-eu', tenantId: 'db-eu_1' },
    ],
    [
      'the operator over an id of its own',
      { kind: 'operator', organisationId: 'acme-1' },
      { kind: 'operator', place: 'db', tenantId: 'acme-1' },
    ],
  ])('is %s', async (_, caller, claim) => {
    expect(await resolveCaller(core, caller)).toEqual(claim);
  });

  const refresh = drawOpaque('refresh', 'db-eu', platformRandom);
  const session = drawOpaque('session', 'db-eu', platformRandom);

  it.each<[string, Caller]>([
    [
      'an API key with a tenant of another place',
      { kind: 'api-key', key, tenancy: tenancy('acme_1') },
    ],
    ['an API key with a tenant of no place', { kind: 'api-key', key, tenancy: tenancy('other') }],
    ['no API key', { kind: 'api-key', key: '', tenancy: tenancy('globex_1') }],
    ['a refresh token as API key', { kind: 'api-key', key: refresh, tenancy: tenancy('globex_1') }],
    ['a session as API key', { kind: 'api-key', key: session, tenancy: tenancy('globex_1') }],
    [
      'an access token as API key',
      { kind: 'api-key', key: accessToken, tenancy: tenancy('globex_1') },
    ],
    [
      'an access token beside an API key',
      { kind: 'id-token', key, token: accessToken, tenancy: { database: 'globex_1' } },
    ],
    [
      'an ID token with a database of another place',
      { kind: 'id-token', key, token: idToken, tenancy: { database: 'acme_1' } },
    ],
    [
      'an ID token with another client id',
      { kind: 'id-token', key, token: idToken, tenancy: { ...tenancy('globex_1'), clientId: 'x' } },
    ],
    [
      'an ID token beside no key',
      { kind: 'id-token', key: '', token: idToken, tenancy: { database: 'globex_1' } },
    ],
    ['an ID token as Bearer', { kind: 'bearer', token: idToken, organisationId: null }],
    ['a refresh token as Bearer', { kind: 'bearer', token: refresh, organisationId: null }],
    ['a session as Bearer', { kind: 'bearer', token: session, organisationId: null }],
    ['nothing as Bearer', { kind: 'bearer', token: '', organisationId: null }],
    [
      'an API key where only a token will do',
      { kind: 'access-token', token: key, tenancy: null, host: null },
    ],
    [
      'no token with a tenant',
      { kind: 'access-token', token: 'none', tenancy: tenancy('globex_1'), host: null },
    ],
    [
      'no token with a host',
      { kind: 'access-token', token: 'none', tenancy: null, host: 't1.eu.localhost' },
    ],
    [
      'an API key of a place that is not there any more',
      {
        kind: 'bearer',
        token: drawOpaque('api-key', 'db-us', platformRandom),
        organisationId: null,
      },
    ],
    [
      'an access token with a tenant of another place',
      { kind: 'access-token', token: accessToken, tenancy: tenancy('acme_1'), host: null },
    ],
    [
      'an access token with a tenant of no place',
      { kind: 'access-token', token: accessToken, tenancy: tenancy('other'), host: null },
    ],
    [
      'an access token on a host of another place',
      { kind: 'access-token', token: accessToken, tenancy: null, host: 't1.localhost' },
    ],
    ['a tenant of no place', { kind: 'tenancy', tenancy: tenancy('other') }],
    ['a host of no place', { kind: 'host', host: 'elsewhere.example' }],
    ['an organisation of no place', { kind: 'operator', organisationId: 'db-us_1' }],
  ])('is nobody with %s', async (_, caller) => {
    expect(await resolveCaller(core, caller)).toBeNull();
  });
});

describe('the permissions of a principal', () => {
  const keyWith = (...scopes: ('signin' | 'user.read' | 'user.write')[]): Principal => ({
    kind: 'key',
    keyId: 'key-1',
    scopes,
  });
  const user: Principal = {
    kind: 'user',
    userId: 'user-1',
    role: 'user',
    repeats: false,
    familyId: 'family',
  };
  const admin: Principal = {
    kind: 'user',
    userId: 'admin-1',
    role: 'admin',
    repeats: false,
    familyId: 'family',
  };
  const operator: Principal = { kind: 'operator' };
  const nobody: Principal = { kind: 'nobody' };

  it.each<[string, Principal, readonly string[]]>([
    ['a key for sign-ins', keyWith('signin'), []],
    ['a key that reads', keyWith('user.read'), ['user.read']],
    ['a key that writes, and so may know', keyWith('user.write'), ['user.read', 'user.write']],
    ['a key for nothing', keyWith(), []],
    ['a user', user, []],
    ['an admin', admin, ['user.read', 'user.write']],
    ['the operator', operator, ['user.read', 'user.write']],
    ['nobody', nobody, []],
  ])('of %s', (_, principal, expected) => {
    const all = ['user.read', 'user.write'] as const;
    expect(all.map((scope) => hasScope(principal, scope))).toEqual(
      all.map((scope) => expected.includes(scope)),
    );
  });

  it('tell a user from all others', () => {
    expect(isSelf(user, 'user-1')).toBe(true);
    expect(isSelf(user, 'USER-1')).toBe(false);
    expect(isSelf(admin, 'user-1')).toBe(false);
    for (const other of [keyWith('user.write'), operator, nobody]) {
      expect(isSelf(other, 'user-1')).toBe(false);
    }
  });

  it.each<[Principal, object]>([
    [user, { kind: 'user', userId: 'user-1' }],
    [admin, { kind: 'admin', userId: 'admin-1' }],
    [keyWith('signin'), { kind: 'key', keyId: 'key-1' }],
    [operator, { kind: 'operator' }],
    [nobody, { kind: 'anonymous' }],
  ])('are named in the audit: $kind', (principal, actor) => {
    expect(describeActor(principal)).toEqual(actor);
  });
});
