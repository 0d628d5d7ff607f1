// The imported keys of one deployment, made once per isolate: importing anew costs as much as a signature.
import { calculateJwkThumbprint, importJWK, type CryptoKey as JoseKey, type JWK } from 'jose';
import { toBase64Url, utf8 } from './bytes.ts';
import { type Chain, type ChainKeys, createChain } from './chain.ts';

export const SIGNING_ALGORITHM = 'ES256';

/** Key material as configured. The first pepper and the first signing key are the active ones. */
export interface Secrets {
  /** 32 bytes each; the first seals new hashes, the others still open old ones. */
  readonly peppers: readonly { readonly id: string; readonly key: Uint8Array<ArrayBuffer> }[];
  /** At least 32 bytes. */
  readonly macKey: Uint8Array<ArrayBuffer>;
  /** The first seals the audit, all of them verify it. */
  readonly chainKeys: ChainKeys;
  /** EC P-256 JWKs. The first signs (so it has `d`); the others are published and honoured. */
  readonly signingKeys: readonly JWK[];
}

/** A set of keys by the ids of the peppers. */
export interface Pepper {
  active(): Promise<{ readonly id: string; readonly key: CryptoKey }>;
  find(id: string): Promise<CryptoKey | null>;
}

/** One HMAC key serves several purposes; the label keeps their outputs apart. */
export type MacPurpose =
  | 'code'
  | 'refresh-successor'
  | 'throttle-subject'
  | 'throttle-source'
  | 'replay';

/** What is sealed to be read again: each has keys of its own, derived from the peppers (HKDF, RFC 5869). */
export type SealPurpose = 'message' | 'webhook-secret';

export interface Keyring {
  readonly pepper: Pepper;
  readonly seals: Readonly<Record<SealPurpose, Pepper>>;
  readonly chain: Chain;
  /** HMAC-SHA-256 over the purpose and the JSON of the parts, base64url. */
  mac(purpose: MacPurpose, ...parts: readonly (string | number)[]): Promise<string>;
  signingKey(): Promise<{ readonly kid: string; readonly key: JoseKey }>;
  /** null for an unknown kid. The kid is attacker's input: it is only compared, never followed. */
  verificationKey(kid: string): Promise<JoseKey | null>;
  /** Public halves only, each with kid, use and alg. */
  publicKeys(): Promise<readonly JWK[]>;
}

export function createKeyring(secrets: Secrets): Keyring {
  const seal = (purpose: SealPurpose) => openPepper(secrets, (key) => deriveSealKey(key, purpose));
  const macKey = once(() =>
    crypto.subtle.importKey('raw', secrets.macKey, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]),
  );
  const signing = once(() => importSigningKeys(secrets.signingKeys));
  return {
    pepper: openPepper(secrets, importPepper),
    seals: { message: seal('message'), 'webhook-secret': seal('webhook-secret') },
    chain: createChain(secrets.chainKeys),
    mac: async (purpose, ...parts) => {
      const message = utf8(JSON.stringify([purpose, ...parts]));
      return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', await macKey(), message)));
    },
    signingKey: async () => (await signing()).active,
    verificationKey: async (kid) => (await signing()).byKid.get(kid) ?? null,
    publicKeys: async () => (await signing()).published,
  };
}

/** Runs `make` at the first call; a failure is not kept, so that the next request may try again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

const SEAL = { name: 'AES-GCM', length: 256 } as const;
const SEAL_USES: ('encrypt' | 'decrypt')[] = ['encrypt', 'decrypt'];

type ToKey = (bytes: Uint8Array<ArrayBuffer>) => Promise<CryptoKey>;

function openPepper(secrets: Secrets, toKey: ToKey): Pepper {
  const peppers = once(() => importPeppers(secrets, toKey));
  return {
    active: async () => (await peppers()).active,
    find: async (id) => (await peppers()).byId.get(id) ?? null,
  };
}

function importPepper(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, SEAL, false, SEAL_USES);
}

/** No salt: a pepper is uniform already. The purpose keeps the keys apart. */
async function deriveSealKey(
  bytes: Uint8Array<ArrayBuffer>,
  purpose: SealPurpose,
): Promise<CryptoKey> {
  const key = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(purpose) };
  return crypto.subtle.deriveKey(derivation, key, SEAL, false, SEAL_USES);
}

async function importPeppers(secrets: Secrets, toKey: ToKey) {
  const byId = new Map<string, CryptoKey>();
  for (const { id, key } of secrets.peppers) byId.set(id, await toKey(key));
  const id = secrets.peppers[0]?.id ?? '';
  const key = byId.get(id);
  if (key === undefined) throw new Error('no active pepper');
  return { active: { id, key }, byId };
}

async function importSigningKeys(jwks: readonly JWK[]) {
  const byKid = new Map<string, JoseKey>();
  const published: JWK[] = [];
  let active: { kid: string; key: JoseKey } | null = null;
  for (const jwk of jwks) {
    // Built from the named members, so that no private member can ever be published.
    const publicJwk: JWK = { kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' };
    const kid = await calculateJwkThumbprint(publicJwk);
    byKid.set(kid, (await importJWK(publicJwk, SIGNING_ALGORITHM)) as JoseKey);
    published.push({ ...publicJwk, kid, use: 'sig', alg: SIGNING_ALGORITHM });
    active ??= {
      kid,
      key: (await importJWK({ ...publicJwk, d: jwk.d ?? '' }, SIGNING_ALGORITHM)) as JoseKey,
    };
  }
  if (active === null) throw new Error('no signing key');
  return { active, byKid, published };
}
