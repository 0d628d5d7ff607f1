// Environments as the secrets are rotated: a Worker of before and one of after serve side by side on the same databases.
import { env } from 'cloudflare:workers';
import type { Env } from './rekey.ts';
import { watchSecret } from './secret-watch.ts';

export type Secrets = Readonly<Record<string, string>>;

export interface Rotation {
  readonly kind: 'signing' | 'pepper' | 'mac' | 'chain';
  readonly secrets: Secrets;
}

/** One kind of key after the other, in the order of the commands: each on top of those before. */
export const ROTATIONS = JSON.parse(env.ROTATIONS) as readonly Rotation[];

export function findRotation(kind: Rotation['kind']): Secrets {
  const secrets = ROTATIONS.find((rotation) => rotation.kind === kind)?.secrets;
  if (secrets === undefined) throw new Error('no such rotation');
  return secrets;
}

/** Watched, as those of the environment are. */
export function makeEnv(secrets: Secrets): Env {
  for (const variable of ['PEPPER_KEYS', 'MAC_KEYS', 'CHAIN_KEYS']) {
    for (const key of (secrets[variable] ?? '').split(',')) {
      watchSecret(key.slice(key.indexOf('=') + 1), variable);
    }
  }
  for (const [, secret = ''] of (secrets['SIGNING_JWKS'] ?? '').matchAll(/"d":"([^"]+)"/g)) {
    watchSecret(secret, 'SIGNING_JWKS');
  }
  return { ...(env as unknown as Env), ...secrets };
}

/** Without the keys of before, as a drop leaves them. */
export function withoutOld(secrets: Secrets, variable: 'PEPPER_KEYS' | 'MAC_KEYS'): Secrets {
  const [active, next] = (secrets[variable] ?? '').split(',');
  return { ...secrets, [variable]: `${active},${next}` };
}

/** The id of the key that makes new ones. */
export function readActiveId(secrets: Secrets, variable: 'PEPPER_KEYS' | 'MAC_KEYS'): string {
  return (secrets[variable] ?? '').split('=', 1)[0] ?? '';
}
