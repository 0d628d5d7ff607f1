// Parses the environment once into a frozen Config. The only file that knows a variable's name.
import * as z from 'zod/mini';
import { readBase64 } from './core/bytes.ts';
import type { Secrets } from './core/keyring.ts';
import type { Place, Placement, PlaceRule } from './core/place.ts';

export interface Config {
  readonly issuer: string;
  readonly adminKey: string;
  readonly secrets: Secrets;
  readonly placement: Placement;
  /** Place → the name of its D1 binding. */
  readonly bindings: ReadonlyMap<Place, string>;
  /** The name of the binding that sends e-mail; null when this deployment sends none. */
  readonly mailBinding: string | null;
  /** The name of the binding that bounds what one source may ask for; null: nothing does before the database. */
  readonly limiterBinding: string | null;
  /** How many requests of one isolate may hash or wait to. */
  readonly hashSeats: number;
  /** Answers carry Server-Timing with what they cost. */
  readonly timing: boolean;
}

/** Names the variable and what is wrong with it, never its value. */
export class ConfigError extends Error {
  readonly variable: string;
  constructor(variable: string, problem: string) {
    super(`${variable}: ${problem}`);
    this.name = 'ConfigError';
    this.variable = variable;
  }
}

const KEY_BYTES = 32;
const MIN_ADMIN_KEY_LENGTH = 32;

const coordinate = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const signingKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: z.optional(coordinate),
});
const signingJwks = z.object({ keys: z.array(signingKey).check(z.minLength(1)) });

/** @throws ConfigError naming the first variable that is missing or wrong. */
export function parseConfig(env: Readonly<Record<string, unknown>>): Config {
  const bindings = new Map<Place, string>();
  const placement: Omit<Placement, 'places'> = {
    databases: readRules(env, 'DATABASES', bindings),
    hosts: readRules(env, 'HOSTS', bindings),
    organisations: readRules(env, 'ORGS', bindings),
  };
  return Object.freeze({
    issuer: readIssuer(env),
    adminKey: readAdminKey(env),
    secrets: {
      peppers: readNamedKeys(env, 'PEPPER_KEYS'),
      macKey: readKey('MAC_KEY', readText(env, 'MAC_KEY')),
      chainKeys: readChainKeys(env),
      signingKeys: readSigningKeys(env),
    },
    placement: { ...placement, places: [...bindings.keys()] },
    bindings,
    mailBinding: readBinding(env, 'EMAIL', 'send', 'a send_email binding'),
    limiterBinding: readBinding(env, 'SOURCE_LIMIT', 'limit', 'a ratelimit binding'),
    hashSeats: readHashSeats(env),
    timing: readSwitch(env, 'TIMING'),
  });
}

function readText(env: Readonly<Record<string, unknown>>, variable: string): string {
  const value = env[variable];
  if (typeof value !== 'string' || value.trim() === '') throw new ConfigError(variable, 'missing');
  return value;
}

function readIssuer(env: Readonly<Record<string, unknown>>): string {
  const text = readText(env, 'ISSUER');
  if (!URL.canParse(text)) throw new ConfigError('ISSUER', 'must be a URL');
  const { protocol, hostname, origin, pathname } = new URL(text);
  const isLoopback = hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) {
    throw new ConfigError('ISSUER', 'must be https');
  }
  // RFC 8414 section 2: no query, no fragment. Compared as text, so that every reader has the same.
  if (text !== `${origin}${pathname === '/' ? '' : pathname}` || text.endsWith('/')) {
    throw new ConfigError('ISSUER', 'must be an origin with at most a path, no slash at its end');
  }
  return text;
}

function readAdminKey(env: Readonly<Record<string, unknown>>): string {
  const key = readText(env, 'ADMIN_KEY');
  if (key.length < MIN_ADMIN_KEY_LENGTH) {
    throw new ConfigError('ADMIN_KEY', `must be at least ${MIN_ADMIN_KEY_LENGTH} characters`);
  }
  return key;
}

/** "id=base64,id=base64": the first is the active one. */
function readNamedKeys(
  env: Readonly<Record<string, unknown>>,
  variable: string,
): Secrets['peppers'] {
  const keys = readText(env, variable)
    .split(',')
    .map((entry) => {
      const [, id, key] = /^\s*([A-Za-z0-9_-]{1,32})=(\S+)\s*$/.exec(entry) ?? [];
      if (id === undefined || key === undefined) {
        throw new ConfigError(variable, 'must be a list of id=base64, parted by commas');
      }
      return { id, key: readKey(variable, key) };
    });
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    throw new ConfigError(variable, 'names an id twice');
  }
  return keys;
}

/** For who has the keys of the audit alone. @throws ConfigError */
export function readChainKeys(env: Readonly<Record<string, unknown>>): Secrets['chainKeys'] {
  return readNamedKeys(env, 'CHAIN_KEYS');
}

function readKey(variable: string, text: string): Uint8Array<ArrayBuffer> {
  const key = readBase64(text.trim());
  if (key?.length !== KEY_BYTES) {
    throw new ConfigError(variable, `each key must be ${KEY_BYTES} bytes in base64`);
  }
  return key;
}

function readSigningKeys(env: Readonly<Record<string, unknown>>): Secrets['signingKeys'] {
  const problem = 'must be a JWKS of EC P-256 keys, the first of them private';
  const parsed = signingJwks.safeParse(parseJson('SIGNING_JWKS', readText(env, 'SIGNING_JWKS')));
  if (!parsed.success || parsed.data.keys[0]?.d === undefined) {
    throw new ConfigError('SIGNING_JWKS', problem);
  }
  const { keys } = parsed.data;
  if (new Set(keys.map(({ x }) => x)).size !== keys.length) {
    throw new ConfigError('SIGNING_JWKS', 'holds a key twice');
  }
  return keys.map(({ kty, crv, x, y, d }) => ({
    kty,
    crv,
    x,
    y,
    ...(d === undefined ? {} : { d }),
  }));
}

function parseJson(variable: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(variable, 'is not JSON');
  }
}

/** "pattern=BINDING,…". Adds the bindings that it names. */
function readRules(
  env: Readonly<Record<string, unknown>>,
  variable: string,
  bindings: Map<Place, string>,
): PlaceRule[] {
  return readText(env, variable)
    .split(',')
    .map((entry) => {
      const [, pattern, binding] =
        /^\s*([^=*\s]*\*?[^=*\s]*)=([A-Za-z][A-Za-z0-9_]*)\s*$/.exec(entry) ?? [];
      if (!pattern || binding === undefined) {
        throw new ConfigError(variable, 'must be a list of pattern=BINDING, parted by commas');
      }
      if (typeof env[binding] !== 'object' || env[binding] === null) {
        throw new ConfigError(variable, `names the database ${binding}, which is not bound`);
      }
      const place = binding.toLowerCase().replaceAll('_', '-');
      if ((bindings.get(place) ?? binding) !== binding) {
        throw new ConfigError(variable, 'names two databases that differ only in case');
      }
      bindings.set(place, binding);
      return { pattern, place };
    });
}

function readBinding(
  env: Readonly<Record<string, unknown>>,
  variable: string,
  method: string,
  kind: string,
): string | null {
  const binding = env[variable];
  if (binding === undefined) return null;
  const isOne =
    typeof binding === 'object' &&
    binding !== null &&
    typeof (binding as Readonly<Record<string, unknown>>)[method] === 'function';
  if (!isOne) throw new ConfigError(variable, `must be ${kind}`);
  return variable;
}

/** At about 70 ms a hash the last of them waits for five seconds. */
const DEFAULT_HASH_SEATS = '64';

function readHashSeats(env: Readonly<Record<string, unknown>>): number {
  const text = env['HASH_SEATS'] ?? DEFAULT_HASH_SEATS;
  if (typeof text !== 'string' || !/^[1-9]\d{0,3}$/.test(text)) {
    throw new ConfigError('HASH_SEATS', 'must be a whole number from 1 to 9999');
  }
  return Number(text);
}

function readSwitch(env: Readonly<Record<string, unknown>>, variable: string): boolean {
  const value = env[variable] ?? 'off';
  if (value !== 'on' && value !== 'off') throw new ConfigError(variable, 'must be on or off');
  return value === 'on';
}
