// Parses the environment once into a frozen Config. The only file that knows a variable's name.
import { readBase64, toBase64 } from './core/bytes.ts';
import { createKeyring, type KeyList, type Keyring, type Secrets } from './core/keyring.ts';
import type { Place, Placement, PlaceRule } from './core/place.ts';
import { isSigningJwk } from './core/signing-keys.ts';

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
  /** By the host that is called, which origins' pages may call it; first match wins. */
  readonly origins: readonly OriginRule[];
  /** Whom to ask for breached passwords; null: nobody. */
  readonly breachRangeUrl: string | null;
  /** Answers carry Server-Timing with what they cost. */
  readonly timing: boolean;
}

/** `pattern`: as of a place. `origins`: as browsers send them. */
export interface OriginRule {
  readonly pattern: string;
  readonly origins: readonly string[];
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

const SIGNING = 'SIGNING_JWKS';

/** @throws ConfigError naming the first variable that is missing or wrong. What a key is in itself, `openKeyring` sees. */
export function parseConfig(env: Readonly<Record<string, unknown>>): Config {
  const bindings = new Map<Place, string>();
  const placement: Omit<Placement, 'places'> = {
    databases: readRules(env, 'DATABASES', bindings),
    hosts: readRules(env, 'HOSTS', bindings).map(matchAnyCase),
    organisations: readRules(env, 'ORGS', bindings),
  };
  return Object.freeze({
    issuer: readIssuer(env),
    adminKey: readAdminKey(env),
    secrets: {
      peppers: readKeys(env, 'PEPPER_KEYS'),
      macKeys: readKeys(env, 'MAC_KEYS'),
      chainKeys: readKeys(env, 'CHAIN_KEYS'),
      signingKeys: readSigningKeys(env),
    },
    placement: { ...placement, places: [...bindings.keys()] },
    bindings,
    mailBinding: readBinding(env, 'EMAIL', 'send', 'a send_email binding'),
    limiterBinding: readBinding(env, 'SOURCE_LIMIT', 'limit', 'a ratelimit binding'),
    hashSeats: readHashSeats(env),
    origins: readOrigins(env, 'ORIGINS').map(matchAnyCase),
    breachRangeUrl: readRangeUrl(env, 'BREACH_RANGE_URL'),
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
  const { origin, pathname } = new URL(text);
  if (!isConfidential(text)) throw new ConfigError('ISSUER', 'must be https');
  // RFC 8414 section 2: no query, no fragment. Compared as text, so that every reader has the same.
  if (text !== `${origin}${pathname === '/' ? '' : pathname}` || text.endsWith('/')) {
    throw new ConfigError('ISSUER', 'must be an origin with at most a path, no slash at its end');
  }
  return text;
}

/** HTTPS, or this machine itself. */
function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  const isLoopback = hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}

function readAdminKey(env: Readonly<Record<string, unknown>>): string {
  const key = readText(env, 'ADMIN_KEY');
  if (key.length < MIN_ADMIN_KEY_LENGTH) {
    throw new ConfigError('ADMIN_KEY', `must be at least ${MIN_ADMIN_KEY_LENGTH} characters`);
  }
  return key;
}

/** "id=base64,id=base64": the active one, the next one, then those of before. */
function readKeys(env: Readonly<Record<string, unknown>>, variable: string): KeyList {
  const form = /^\s*([A-Za-z0-9_-]{1,32})=(\S+)\s*$/;
  const keys = readEntries(env, variable, form, 'id=base64').map(([id, key]) => ({
    id,
    key: readKey(variable, key),
  }));
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) {
    throw new ConfigError(variable, 'names an id twice');
  }
  if (new Set(keys.map(({ key }) => toBase64(key))).size !== keys.length) {
    throw new ConfigError(variable, 'holds a key twice');
  }
  if (keys.length < 2) throw new ConfigError(variable, 'has no next key');
  return keys;
}

/** For who has the keys of the audit alone. @throws ConfigError */
export function readChainKeys(env: Readonly<Record<string, unknown>>): Secrets['chainKeys'] {
  return readKeys(env, 'CHAIN_KEYS');
}

function readKey(variable: string, text: string): Uint8Array<ArrayBuffer> {
  const key = readBase64(text.trim());
  if (key?.length !== KEY_BYTES) {
    throw new ConfigError(variable, `each key must be ${KEY_BYTES} bytes in base64`);
  }
  return key;
}

/** The active one, the next one, and the public halves of those of before. */
function readSigningKeys(env: Readonly<Record<string, unknown>>): Secrets['signingKeys'] {
  const { keys } = (parseJson(SIGNING, readText(env, SIGNING)) ?? {}) as {
    readonly keys?: unknown;
  };
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isSigningJwk)) {
    throw new ConfigError(SIGNING, 'must be a JWKS of EC P-256 keys');
  }
  const kids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(keys.map(({ x }) => x)).size !== keys.length || new Set(kids).size !== kids.length) {
    throw new ConfigError(SIGNING, 'holds a key twice');
  }
  const [active, next, ...retired] = keys;
  if (active?.d === undefined || active.retired_at !== undefined) {
    throw new ConfigError(SIGNING, 'must begin with the private key that signs');
  }
  if (next?.d === undefined || next.retired_at !== undefined) {
    throw new ConfigError(SIGNING, 'has no next key, whose private half is there, too');
  }
  if (retired.some(({ d, retired_at }) => d !== undefined || retired_at === undefined)) {
    throw new ConfigError(SIGNING, 'must say of every further key when it retired, and no d');
  }
  return keys.map(({ x = '', y = '', d, retired_at }) => ({
    ...{ kty: 'EC', crv: 'P-256', x, y },
    ...(d === undefined ? {} : { d }),
    ...(retired_at === undefined ? {} : { retired_at }),
  }));
}

/**
 * The keys, imported: before anything is served.
 * @throws ConfigError for a signing key that is no point of the curve, or whose d is another's.
 */
export async function openKeyring(secrets: Secrets): Promise<Keyring> {
  const keyring = createKeyring(secrets);
  try {
    await keyring.prove();
  } catch {
    // What the platform says of a key may hold some of it.
    throw new ConfigError(SIGNING, 'holds a key whose x, y and d do not belong together');
  }
  return keyring;
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
  const form = /^\s*([^=*\s]*\*?[^=*\s]*)=([A-Za-z][A-Za-z0-9_]*)\s*$/;
  return readEntries(env, variable, form, 'pattern=BINDING').map(([pattern, binding]) => {
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

/** Of a pattern of hosts: a request's is in lower case, however it was written. */
function matchAnyCase<Rule extends { readonly pattern: string }>(rule: Rule): Rule {
  return { ...rule, pattern: rule.pattern.toLowerCase() };
}

/** "name=value,…", each entry of the form that has two groups, and is told as `told`. */
function readEntries(
  env: Readonly<Record<string, unknown>>,
  variable: string,
  form: RegExp,
  told: string,
): (readonly [name: string, value: string])[] {
  return readText(env, variable)
    .split(',')
    .map((entry) => {
      const [, name, value] = form.exec(entry) ?? [];
      if (name && value !== undefined) return [name, value];
      throw new ConfigError(variable, `must be a list of ${told}, parted by commas`);
    });
}

/** "pattern=https://a.example https://b.example,…". Absent: no page of another origin may call. */
function readOrigins(env: Readonly<Record<string, unknown>>, variable: string): OriginRule[] {
  if (env[variable] === undefined) return [];
  const form = /^\s*([^=*\s]*\*?[^=*\s]*)=(\S.*?)\s*$/;
  return readEntries(env, variable, form, 'pattern=origins').map(([pattern, list]) => {
    const origins = list.split(/\s+/);
    if (!origins.every(isOrigin)) {
      throw new ConfigError(
        variable,
        'each origin must be https:// and a host, with its port if it has one, and nothing after it',
      );
    }
    return { pattern, origins };
  });
}

/** As a browser writes it, or it would never be found: no default port, no slash, no capital, no star. */
function isOrigin(text: string): boolean {
  return !text.includes('*') && isConfidential(text) && new URL(text).origin === text;
}

function readRangeUrl(env: Readonly<Record<string, unknown>>, variable: string): string | null {
  if (env[variable] === undefined) return null;
  const text = readText(env, variable);
  if (isConfidential(text) && text.endsWith('/')) {
    const { origin, pathname } = new URL(text);
    // No user, no query, no fragment.
    if (text === `${origin}${pathname}`) return text;
  }
  throw new ConfigError(variable, 'must be an https URL that ends with a slash');
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

/** By default 64: at 70 to 140 ms a hash the last of them waits for five to ten seconds. In TOML it may stand without quotes. */
function readHashSeats(env: Readonly<Record<string, unknown>>): number {
  const text = String(env['HASH_SEATS'] ?? 64);
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new ConfigError('HASH_SEATS', 'must be a whole number from 1 to 9999');
  }
  return Number(text);
}

function readSwitch(env: Readonly<Record<string, unknown>>, variable: string): boolean {
  const value = env[variable] ?? 'off';
  if (value !== 'on' && value !== 'off') throw new ConfigError(variable, 'must be on or off');
  return value === 'on';
}
