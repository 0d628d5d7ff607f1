// The environment becomes a config, or names what is wrong with it. Never a value.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.ts';
import { type Env, send } from './support/rekey.ts';

const VALID = env as unknown as Env & Record<string, string>;

function findProblem(change: Env): ConfigError | null {
  try {
    parseConfig({ ...VALID, ...change });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

describe('a sound environment', () => {
  it('becomes a frozen config', () => {
    const config = parseConfig(VALID);
    expect(Object.isFrozen(config)).toBe(true);
    expect(config).toMatchObject({
      issuer: 'http://127.0.0.1:8787',
      adminKey: env.ADMIN_KEY,
      timing: true,
      placement: {
        databases: [
          { pattern: 'globex_*', place: 'db-eu' },
          { pattern: '*', place: 'db' },
        ],
        hosts: [
          { pattern: '*.eu.localhost', place: 'db-eu' },
          { pattern: '*', place: 'db' },
        ],
        organisations: [
          { pattern: 'globex-*', place: 'db-eu' },
          { pattern: '*', place: 'db' },
        ],
      },
    });
    expect([...config.placement.places].sort()).toEqual(['db', 'db-eu']);
    expect([...config.bindings].sort()).toEqual([
      ['db', 'DB'],
      ['db-eu', 'DB_EU'],
    ]);
    expect(config.mailBinding).toBe('EMAIL');
    const { peppers, macKeys, chainKeys, signingKeys } = config.secrets;
    for (const keys of [peppers, macKeys, chainKeys, signingKeys]) expect(keys).toHaveLength(2);
  });

  it.each<[string, Env]>([
    ['an admin key of 32 characters', { ADMIN_KEY: 'a'.repeat(32) }],
    ['an issuer by https', { ISSUER: 'https://auth.example' }],
    ['an issuer with a path', { ISSUER: 'https://auth.example/rekey' }],
    ['a local issuer', { ISSUER: 'http://localhost:8787' }],
    ['a local issuer in IPv6', { ISSUER: 'http://[::1]:8787' }],
    ['one database for all', { DATABASES: '*=DB', HOSTS: '*=DB', ORGS: '*=DB' }],
    ['an exact name', { DATABASES: 'acme_prod=DB' }],
    ['timing off', { TIMING: 'off' }],
  ])('may have %s', (_, change) => {
    expect(findProblem(change)).toBeNull();
  });

  it('says timing only when it is told to', () => {
    expect(parseConfig({ ...VALID, TIMING: undefined }).timing).toBe(false);
    expect(parseConfig({ ...VALID, TIMING: 'off' }).timing).toBe(false);
  });

  it('counts nothing before the database without a binding that does', () => {
    expect(parseConfig({ ...VALID, SOURCE_LIMIT: undefined }).limiterBinding).toBeNull();
  });

  it('finds a host in whatever case its pattern is written', () => {
    const { placement } = parseConfig({ ...VALID, HOSTS: '*.EU.Example=DB_EU,*=DB' });
    expect(placement.hosts[0]?.pattern).toBe('*.eu.example');
  });

  it('has 64 seats to hash unless it is told otherwise', () => {
    expect(parseConfig({ ...VALID, HASH_SEATS: undefined }).hashSeats).toBe(64);
    expect(parseConfig({ ...VALID, HASH_SEATS: '7' }).hashSeats).toBe(7);
    expect(parseConfig({ ...VALID, HASH_SEATS: 7 }).hashSeats).toBe(7);
  });

  it('knows that no e-mail can be sent', () => {
    expect(parseConfig({ ...VALID, EMAIL: undefined }).mailBinding).toBeNull();
  });
});

const REQUIRED = [
  'ADMIN_KEY',
  'PEPPER_KEYS',
  'MAC_KEYS',
  'CHAIN_KEYS',
  'SIGNING_JWKS',
  'ISSUER',
  'DATABASES',
  'HOSTS',
  'ORGS',
] as const;

describe('refuses', () => {
  const cases: [variable: string, what: string, value: unknown][] = [
    ...REQUIRED.flatMap((variable): [string, string, unknown][] => [
      [variable, 'missing', undefined],
      [variable, 'empty', ''],
      [variable, 'blank', ' \n'],
      [variable, 'null', null],
      [variable, 'a number', 7],
      [variable, 'an object', { value: VALID[variable] }],
    ]),
    ['ADMIN_KEY', 'of 31 characters', 's'.repeat(31)],
    ['ISSUER', 'that is no URL', 'auth.example'],
    ['ISSUER', 'with a slash at its end', 'https://auth.example/'],
    ['ISSUER', 'by http', 'http://auth.example'],
    [
      'ISSUER',
      'by http of a host that only begins like a local one',
      'http://localhost.evil.example',
    ],
    ['ISSUER', 'by ftp of a local host', 'ftp://localhost'],
    ['ISSUER', 'with a query', 'https://auth.example?tenant=1'],
    ['ISSUER', 'with a fragment', 'https://auth.example#issuer'],
    ['ISSUER', 'with a password', 'https://user:word@auth.example'],
    ['ISSUER', 'with blanks around', ' https://auth.example '],
    ['EMAIL', 'that is a text', 'ann@mail.example'],
    ['EMAIL', 'that is empty', ''],
    ['EMAIL', 'that is null', null],
    ['EMAIL', 'that cannot send', {}],
    ['EMAIL', 'whose send is no function', { send: 'send' }],
    ['EMAIL', 'that is a database', env.DB],
    ['SOURCE_LIMIT', 'that is a text', '600'],
    ['SOURCE_LIMIT', 'that limits nothing', {}],
    ...['0', '-1', '1.5', '10000', 'many', '', ' 4', '0x10'].map(
      (seats): [string, string, unknown] => ['HASH_SEATS', JSON.stringify(seats), seats],
    ),
    ...[0, 1.5, 1e21, [], { seats: 64 }, true].map((seats): [string, string, unknown] => [
      'HASH_SEATS',
      JSON.stringify(seats),
      seats,
    ]),
    ['TIMING', 'yes', 'yes'],
    ['TIMING', 'true', 'true'],
    ['TIMING', 'empty', ''],
    ['TIMING', 'a boolean', true],
    ...(['DATABASES', 'HOSTS', 'ORGS'] as const).flatMap(
      (variable): [string, string, unknown][] => [
        [variable, 'without a binding', 'acme_*'],
        [variable, 'with an empty binding', 'acme_*='],
        [variable, 'with an empty pattern', '=DB'],
        [variable, 'with two stars', 'a*b*=DB'],
        [variable, 'with a comma behind', '*=DB,'],
        [variable, 'with a binding that is not there', '*=DB_US'],
        [variable, 'with a binding that is a text', '*=ADMIN_KEY'],
        [variable, 'with a binding that is no name', '*=DB-EU'],
      ],
    ),
  ];

  it.each(cases)('%s %s', (variable, _, value) => {
    const problem = findProblem({ [variable]: value });
    expect(problem?.variable).toBe(variable);
    expect(problem?.message.startsWith(`${variable}: `)).toBe(true);
  });

  it('two bindings that would be one place', () => {
    const change = { DATABASES: 'a=DB_EU,*=db_eu', db_eu: VALID['DB'] };
    expect(findProblem(change)?.variable).toBe('DATABASES');
  });
});

describe('a Worker whose environment is wrong', () => {
  const logged: string[] = [];
  beforeEach(() => {
    logged.length = 0;
    vi.spyOn(console, 'error').mockImplementation((line: string) => logged.push(line));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each<[string, string]>([
    ['/healthz', 'MAC_KEYS'],
    ['/.well-known/jwks.json', 'SIGNING_JWKS'],
    ['/user-authentication', 'PEPPER_KEYS'],
    ['/admin/tenants', 'ADMIN_KEY'],
    ['/v1/login', 'ISSUER'],
    ['/nowhere', 'DATABASES'],
  ])('answers %s with 500 and logs %s by its name alone', async (path, variable) => {
    const value = 'short-secret';
    const answer = await send(path, {}, { ...VALID, [variable]: value });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({ type: 'about:blank', title: 'Misconfigured', status: 500 });
    expect(answer.text).not.toContain(variable);
    expect(answer.text).not.toContain(value);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain(variable);
    expect(logged[0]).not.toContain(value);
  });

  it.each(REQUIRED)('serves nothing without %s', async (variable) => {
    const answer = await send('/healthz', {}, { ...VALID, [variable]: undefined });
    expect(answer.status).toBe(500);
    expect(logged[0]).toContain(variable);
  });

  it('serves without a binding for e-mail', async () => {
    expect((await send('/healthz', {}, { ...VALID, EMAIL: undefined })).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('serves nothing with a wrong one', async () => {
    expect((await send('/healthz', {}, { ...VALID, EMAIL: 'ann@mail.example' })).status).toBe(500);
    expect(logged[0]).toContain('EMAIL');
    expect(logged[0]).not.toContain('ann@mail.example');
  });

  it('serves once it is right', async () => {
    expect((await send('/healthz', {}, { ...VALID })).status).toBe(200);
    expect(logged).toEqual([]);
  });
});
