// Random secrets for one deployment, as the Worker's environment wants them (src/config.ts).
import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface DeploymentSecrets {
  readonly ADMIN_KEY: string;
  readonly PEPPER_KEYS: string;
  readonly MAC_KEY: string;
  readonly CHAIN_KEYS: string;
  readonly SIGNING_JWKS: string;
}

const KEY_BYTES = 32;

/** The active signing key and a next one, already published: rotating is then moving it to the front. */
export function makeSecrets(): DeploymentSecrets {
  return {
    ADMIN_KEY: randomBytes(KEY_BYTES).toString('base64url'),
    PEPPER_KEYS: `p1=${randomBytes(KEY_BYTES).toString('base64')}`,
    MAC_KEY: randomBytes(KEY_BYTES).toString('base64'),
    CHAIN_KEYS: `c1=${randomBytes(KEY_BYTES).toString('base64')}`,
    SIGNING_JWKS: JSON.stringify({ keys: [makeSigningJwk(), makeSigningJwk()] }),
  };
}

function makeSigningJwk() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'jwk' });
}
