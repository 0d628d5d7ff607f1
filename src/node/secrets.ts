// Random secrets for one deployment, as the Worker's environment wants them (src/config.ts).
import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface DeploymentSecrets {
  readonly ADMIN_KEY: string;
  readonly PEPPER_KEYS: string;
  readonly MAC_KEYS: string;
  readonly CHAIN_KEYS: string;
  readonly SIGNING_JWKS: string;
}

const KEY_BYTES = 32;

/** Of each kind the active key and a next one, which every Worker knows before it is used: see rotation.ts. */
export function makeSecrets(now = Date.now()): DeploymentSecrets {
  return {
    ADMIN_KEY: randomBytes(KEY_BYTES).toString('base64url'),
    PEPPER_KEYS: makeKeys(now),
    MAC_KEYS: makeKeys(now),
    CHAIN_KEYS: makeKeys(now),
    SIGNING_JWKS: JSON.stringify({ keys: [makeSigningJwk(now), makeSigningJwk(now)] }),
  };
}

function makeKeys(now: number): string {
  const active = makeKey(now, []);
  return [active, makeKey(now, [active])].map(({ id, key }) => `${id}=${key}`).join(',');
}

export interface NamedKey {
  /** Tells when it was made: `20261122T084812Z`, and a number behind it when that is taken. */
  readonly id: string;
  /** Base64. */
  readonly key: string;
}

export function makeKey(now: number, others: readonly NamedKey[]): NamedKey {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  let id = time;
  for (let n = 2; others.some((other) => other.id === id); n += 1) id = `${time}-${n}`;
  return { id, key: randomBytes(KEY_BYTES).toString('base64') };
}

export interface SigningKey {
  readonly x: string;
  readonly y: string;
  /** Gone once it has retired. */
  readonly d?: string;
  /** Seconds. */
  readonly made_at?: number;
  readonly retired_at?: number;
}

export function makeSigningJwk(now: number): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = privateKey.export({ format: 'jwk' }) as SigningKey;
  return { ...jwk, made_at: Math.floor(now / 1000) };
}
