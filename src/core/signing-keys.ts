// The keys that sign our tokens, imported: one signs, one will, and those of before verify for as long as a token lives.
import { calculateJwkThumbprint, importJWK, type CryptoKey as JoseKey, type JWK } from 'jose';
import { utf8 } from './bytes.ts';

export const SIGNING_ALGORITHM = 'ES256';

/** An EC P-256 key. */
export interface SigningJwk extends JWK {
  /** When it stopped signing, in seconds; such a key has no `d`. */
  readonly retired_at?: number;
}

/** Whether it has the form of one. By hand: to begin with zod takes a new isolate longer than all of its configuration. */
export function isSigningJwk(value: unknown): value is SigningJwk {
  if (typeof value !== 'object' || value === null) return false;
  const { kty, crv, x, y, d, kid, retired_at } = value as Readonly<Record<string, unknown>>;
  const isEllipticKey = kty === 'EC' && crv === 'P-256' && isCoordinate(x) && isCoordinate(y);
  return (
    isEllipticKey &&
    (d === undefined || isCoordinate(d)) &&
    (kid === undefined || typeof kid === 'string') &&
    (retired_at === undefined || (Number.isSafeInteger(retired_at) && Number(retired_at) >= 0))
  );
}

function isCoordinate(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);
}

/**
 * How long after it has retired a key still verifies: a day for the longest life of a token, and one for the secrets to
 * reach every Worker. Milliseconds.
 */
export const RETIRED_LIFE = 2 * 24 * 3_600_000;

interface VerificationKey {
  readonly key: JoseKey;
  readonly published: JWK;
  /** Milliseconds; null while it signs, or will. */
  readonly retiredAt: number | null;
}

export async function importSigningKeys(jwks: readonly SigningJwk[]) {
  const byKid = new Map<string, VerificationKey>();
  let active: { kid: string; key: JoseKey } | null = null;
  for (const { x = '', y = '', d, retired_at } of jwks) {
    // Built from the named members, so that no private member can ever be published.
    const publicJwk: JWK = { kty: 'EC', crv: 'P-256', x, y };
    const kid = await calculateJwkThumbprint(publicJwk);
    const key = (await importJWK(publicJwk, SIGNING_ALGORITHM)) as JoseKey;
    const published = { ...publicJwk, kid, use: 'sig', alg: SIGNING_ALGORITHM };
    byKid.set(kid, {
      key,
      published,
      retiredAt: retired_at === undefined ? null : retired_at * 1000,
    });
    if (d === undefined) continue;
    const signing = (await importJWK({ ...publicJwk, d }, SIGNING_ALGORITHM)) as JoseKey;
    await provePair(signing, key);
    active ??= { kid, key: signing };
  }
  if (active === null) throw new Error('no signing key');
  return { active, byKid };
}

/** Not every import compares the two halves: what one signed, the other would refuse later, at every door. */
async function provePair(signing: JoseKey, verifying: JoseKey): Promise<void> {
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const message = utf8('one key');
  const signature = await crypto.subtle.sign(algorithm, signing, message);
  if (!(await crypto.subtle.verify(algorithm, verifying, signature, message))) {
    throw new Error('the halves of a signing key do not fit');
  }
}

/** Whether a token that it signed may still be alive. Milliseconds. */
export function isHonoured(
  { retiredAt }: { readonly retiredAt: number | null },
  now: number,
): boolean {
  return retiredAt === null || now < retiredAt + RETIRED_LIFE;
}
