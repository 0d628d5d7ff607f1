// The keys of an environment: what is refused at the start, by the variable's name alone, before anything is served.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigError, openKeyring, parseConfig } from '../src/config.ts';
import { type Env, send } from './support/rekey.ts';
import { drawSigningKey, retire } from './support/signing-keys.ts';

const VALID = env as unknown as Env & Record<string, string>;
const KEY = btoa('k'.repeat(32));
const OTHER_KEY = btoa('o'.repeat(32));
const THIRD_KEY = btoa('t'.repeat(32));
const [FIRST, SECOND] = (JSON.parse(env.SIGNING_JWKS) as { keys: Record<string, string>[] }).keys;
const LISTS = ['PEPPER_KEYS', 'MAC_KEYS', 'CHAIN_KEYS'] as const;
const RETIRED = retire(await drawSigningKey(), 1_790_000_000_000);

async function findProblem(change: Env): Promise<ConfigError | null> {
  try {
    await openKeyring(parseConfig({ ...VALID, ...change }).secrets);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

describe('sound keys', () => {
  it.each([
    ['peppers', 'PEPPER_KEYS'],
    ['macKeys', 'MAC_KEYS'],
    ['chainKeys', 'CHAIN_KEYS'],
  ] as const)('are kept in their order: %s', (name, variable) => {
    const list = `k2=${KEY}, k3=${OTHER_KEY},k1=${THIRD_KEY.replace('=', '')}`;
    const { secrets } = parseConfig({ ...VALID, [variable]: list });
    expect(secrets[name].map(({ id }) => id)).toEqual(['k2', 'k3', 'k1']);
    expect(secrets[name][0]?.key).toEqual(new Uint8Array(32).fill('k'.charCodeAt(0)));
  });

  it('are of a signing key what signing needs', () => {
    const more = { kid: 'mine', use: 'sig', alg: 'ES256', key_ops: ['sign'], n: 'n', made_at: 1 };
    const keys = [{ ...FIRST, ...more }, SECOND, RETIRED];
    const { secrets } = parseConfig({
      ...VALID,
      SIGNING_JWKS: JSON.stringify({ keys, more: 1 }),
    });
    const members = secrets.signingKeys.map((key) => Object.keys(key).sort());
    expect(members[0]).toEqual(['crv', 'd', 'kty', 'x', 'y']);
    expect(members[2]).toEqual(['crv', 'kty', 'retired_at', 'x', 'y']);
  });

  it('may be a retired signing key beside the two', async () => {
    expect(await findProblem({ SIGNING_JWKS: jwks(FIRST, SECOND, RETIRED) })).toBeNull();
  });
});

const CASES: [variable: string, what: string, value: string][] = [
  ...LISTS.flatMap((variable): [string, string, string][] => [
    [variable, 'without a next key', `k1=${KEY}`],
    [variable, 'without an id', `${KEY},${OTHER_KEY}`],
    [variable, 'with an empty id', `=${KEY},k1=${OTHER_KEY}`],
    [variable, 'with an id that nothing can name', `k$1=${KEY},k2=${OTHER_KEY}`],
    [variable, 'with an id of 33 characters', `${'k'.repeat(33)}=${KEY},k2=${OTHER_KEY}`],
    [variable, 'with a short key', `k1=${btoa('k'.repeat(31))},k2=${OTHER_KEY}`],
    [variable, 'with a short second key', `k1=${KEY},k2=${btoa('k'.repeat(16))}`],
    [variable, 'with a long key', `k1=${KEY},k2=${btoa('k'.repeat(33))}`],
    [variable, 'with a key that is not base64', `k1=${KEY.slice(0, -2)}!=,k2=${OTHER_KEY}`],
    [variable, 'with a key that is text', `k1=short-secret-text,k2=${OTHER_KEY}`],
    [variable, 'with an id given twice', `k1=${KEY},k1=${OTHER_KEY}`],
    [variable, 'with a key given twice', `k1=${KEY},k2=${KEY}`],
    [variable, 'with an old key that is the next one', `k1=${KEY},k2=${OTHER_KEY},k0=${OTHER_KEY}`],
    [variable, 'with a comma behind', `k1=${KEY},k2=${OTHER_KEY},`],
  ]),
  ['SIGNING_JWKS', 'that is no JSON', 'secret-jwks'],
  ['SIGNING_JWKS', 'that is one key', JSON.stringify(FIRST)],
  ['SIGNING_JWKS', 'that is a list', JSON.stringify([FIRST, SECOND])],
  ['SIGNING_JWKS', 'without keys', jwks()],
  ['SIGNING_JWKS', 'without a next key', jwks(FIRST)],
  ['SIGNING_JWKS', 'with a retired key and no next one', jwks(FIRST, RETIRED)],
  ['SIGNING_JWKS', 'whose next key has lost its private half', jwks(FIRST, publicOf(SECOND))],
  ['SIGNING_JWKS', 'whose first key is public', jwks(publicOf(FIRST), SECOND)],
  ['SIGNING_JWKS', 'whose first key has retired', jwks({ ...FIRST, retired_at: 1 }, SECOND)],
  [
    'SIGNING_JWKS',
    'with three keys that sign',
    jwks(FIRST, SECOND, without(RETIRED, 'retired_at')),
  ],
  [
    'SIGNING_JWKS',
    'whose retired key is still private',
    jwks(FIRST, SECOND, { ...RETIRED, d: FIRST?.['d'] }),
  ],
  [
    'SIGNING_JWKS',
    'whose retired key says a date',
    jwks(FIRST, SECOND, { ...RETIRED, retired_at: '2026' }),
  ],
  ['SIGNING_JWKS', 'with a key of another curve', jwks(FIRST, { ...SECOND, crv: 'P-384' })],
  [
    'SIGNING_JWKS',
    'whose first key is of another curve',
    jwks({ ...FIRST, crv: 'secp256k1' }, SECOND),
  ],
  ['SIGNING_JWKS', 'with a key of another type', jwks(FIRST, { kty: 'oct', k: KEY })],
  ['SIGNING_JWKS', 'with a key without y', jwks(FIRST, without(SECOND, 'y'))],
  ['SIGNING_JWKS', 'with a short x', jwks({ ...FIRST, x: FIRST?.['x']?.slice(1) }, SECOND)],
  ['SIGNING_JWKS', 'with a short d', jwks({ ...FIRST, d: FIRST?.['d']?.slice(1) }, SECOND)],
  ['SIGNING_JWKS', 'with a key given twice', jwks(FIRST, FIRST)],
  ['SIGNING_JWKS', 'with a kid given twice', jwks({ ...FIRST, kid: 'a' }, { ...SECOND, kid: 'a' })],
  ['SIGNING_JWKS', 'with a point off the curve', jwks({ ...FIRST, y: SECOND?.['y'] }, SECOND)],
  ['SIGNING_JWKS', 'with a next point off the curve', jwks(FIRST, { ...SECOND, y: FIRST?.['y'] })],
  [
    'SIGNING_JWKS',
    'with a retired point off the curve',
    jwks(FIRST, SECOND, { ...RETIRED, y: FIRST?.['y'] }),
  ],
  ['SIGNING_JWKS', 'whose d is that of another key', jwks({ ...FIRST, d: SECOND?.['d'] }, SECOND)],
  [
    'SIGNING_JWKS',
    'whose next d is that of another key',
    jwks(FIRST, { ...SECOND, d: FIRST?.['d'] }),
  ],
];

describe('refuses, and tells no secret,', () => {
  it.each(CASES)('%s %s', async (variable, _, value) => {
    const problem = await findProblem({ [variable]: value });
    expect(problem?.variable).toBe(variable);
    expect(problem?.message.startsWith(`${variable}: `)).toBe(true);
    const told = `${problem?.message} ${problem?.stack} ${problem?.cause}`;
    for (const secret of listSecrets(value)) expect(told).not.toContain(secret);
  });
});

describe('a Worker whose keys are wrong', () => {
  const logged: string[] = [];
  beforeEach(() => {
    logged.length = 0;
    vi.spyOn(console, 'error').mockImplementation((line: string) => logged.push(line));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(['/healthz', '/.well-known/jwks.json', '/user-authentication', '/admin/tenants'])(
    'serves nothing, from the first request on: %s',
    async (path) => {
      const keys = jwks({ ...FIRST, d: SECOND?.['d'] }, SECOND);
      const answer = await send(path, {}, { ...VALID, SIGNING_JWKS: keys });
      expect(answer.status).toBe(500);
      expect(answer.body).toEqual({ type: 'about:blank', title: 'Misconfigured', status: 500 });
      expect(logged).toEqual([expect.stringContaining('SIGNING_JWKS')]);
      for (const secret of listSecrets(keys)) {
        expect(answer.text + logged.join()).not.toContain(secret);
      }
    },
  );
});

function jwks(...keys: (Record<string, unknown> | undefined)[]): string {
  return JSON.stringify({ keys });
}

function without(jwk: Record<string, unknown> | undefined, name: string): Record<string, unknown> {
  const { [name]: _, ...members } = jwk ?? {};
  return members;
}

function publicOf(jwk: Record<string, string> | undefined): Record<string, unknown> {
  return without(jwk, 'd');
}

/** Every run of characters in the value that could be a secret. */
function listSecrets(value: string): string[] {
  return (value.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []).filter((run) => run !== 'secp256k1');
}
