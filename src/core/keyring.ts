// The imported keys of one deployment, made once per isolate: importing anew costs as much as a signature.
import type { CryptoKey as JoseKey, JWK } from 'jose';
import { toBase64Url, utf8 } from './bytes.ts';
import { type Chain, createChain } from './chain.ts';
import { once } from './once.ts';
import { importSigningKeys, isHonoured, type SigningJwk } from './signing-keys.ts';

/**
 * The active key, the next one, then those of before, newest first. What is made, the active one makes; what was made,
 * each of them reads. The next one is there before it is active, so that a Worker that has not got the newest secrets
 * yet reads what one that has them made.
 */
export type KeyList = readonly {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array<ArrayBuffer>;
}[];

/** Key material as configured. */
export interface Secrets {
  readonly peppers: KeyList;
  readonly macKeys: KeyList;
  readonly chainKeys: KeyList;
  /** The first signs; the others are published and honoured. */
  readonly signingKeys: readonly SigningJwk[];
}

/** A set of keys by the ids of the peppers. */
export interface Pepper {
  active(): Promise<{ readonly id: string; readonly key: CryptoKey }>;
  find(id: string): Promise<CryptoKey | null>;
  /** Whether what is under this key should be under the active one. The next key is ahead of us, not behind. */
  isOld(id: string): boolean;
}

/** One HMAC key serves several purposes; the label keeps their outputs apart. */
export type MacPurpose =
  | 'code'
  | 'refresh-successor'
  | 'throttle-subject'
  | 'throttle-source'
  | 'replay';

/** A MAC and the id of the key that it is under. */
export interface KeyedMac {
  readonly keyId: string;
  readonly mac: string;
}

/** What is sealed to be read again: each has keys of its own, derived from the peppers (HKDF, RFC 5869). */
export type SealPurpose = 'message' | 'webhook-secret';

export interface Keyring {
  readonly pepper: Pepper;
  readonly seals: Readonly<Record<SealPurpose, Pepper>>;
  readonly chain: Chain;
  /**
   * HMAC-SHA-256 over the purpose and the JSON of the parts, base64url: under the active key. But what guesses are
   * counted by is under the oldest one, so that a rotation opens no budget of guesses anew, nor counts in two of them meanwhile.
   */
  mac(purpose: MacPurpose, ...parts: readonly (string | number)[]): Promise<string>;
  /** The active key's. */
  readonly macKeyId: string;
  /** Under every key, the active one first: to find what was made under any of them. */
  macs(purpose: MacPurpose, ...parts: readonly (string | number)[]): Promise<readonly KeyedMac[]>;
  /** Fails when a signing key is no point of the curve, or its halves do not fit: nothing may be served then. */
  prove(): Promise<void>;
  signingKey(): Promise<{ readonly kid: string; readonly key: JoseKey }>;
  /**
   * null for an unknown kid, and for a key whose last token has ended before `now` (milliseconds).
   * The kid is attacker's input: it is only compared, never followed.
   */
  verificationKey(kid: string, now: number): Promise<JoseKey | null>;
  /** Public halves only, each with kid, use and alg. */
  publicKeys(now: number): Promise<readonly JWK[]>;
}

export function createKeyring(secrets: Secrets): Keyring {
  const seal = (purpose: SealPurpose) => openPepper(secrets, (key) => deriveSealKey(key, purpose));
  const macKeys = once(() => Promise.all(secrets.macKeys.map(importMacKey)));
  const signing = once(() => importSigningKeys(secrets.signingKeys));
  return {
    pepper: openPepper(secrets, importPepper),
    seals: { message: seal('message'), 'webhook-secret': seal('webhook-secret') },
    chain: createChain(secrets.chainKeys),
    mac: async (purpose, ...parts) => {
      const keys = await macKeys();
      const made = purpose.startsWith('throttle-') ? findOldest(keys) : keys[0];
      if (made === undefined) throw new Error('no active MAC key');
      return computeMac(made.key, purpose, parts);
    },
    macs: async (purpose, ...parts) =>
      Promise.all(
        (await macKeys()).map(async ({ id, key }) => ({
          keyId: id,
          mac: await computeMac(key, purpose, parts),
        })),
      ),
    macKeyId: secrets.macKeys[0]?.id ?? '',
    prove: async () => {
      await signing();
    },
    signingKey: async () => (await signing()).active,
    verificationKey: async (kid, now) => {
      const found = (await signing()).byKid.get(kid);
      return found !== undefined && isHonoured(found, now) ? found.key : null;
    },
    publicKeys: async (now) =>
      [...(await signing()).byKid.values()]
        .filter((key) => isHonoured(key, now))
        .map(({ published }) => published),
  };
}

async function importMacKey({ id, key }: KeyList[number]) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return { id, key: await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']) };
}

async function computeMac(
  key: CryptoKey,
  purpose: MacPurpose,
  parts: readonly (string | number)[],
): Promise<string> {
  const message = utf8(JSON.stringify([purpose, ...parts]));
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, message)));
}

/** Never the next one: it may have gone to us alone. */
function findOldest<Key>(keys: readonly Key[]): Key | undefined {
  return keys.length > 2 ? keys.at(-1) : keys[0];
}

const SEAL = { name: 'AES-GCM', length: 256 } as const;
const SEAL_USES: ('encrypt' | 'decrypt')[] = ['encrypt', 'decrypt'];

type ToKey = (bytes: Uint8Array<ArrayBuffer>) => Promise<CryptoKey>;

function openPepper(secrets: Secrets, toKey: ToKey): Pepper {
  const peppers = once(() => importPeppers(secrets, toKey));
  return {
    active: async () => (await peppers()).active,
    find: async (id) => (await peppers()).byId.get(id) ?? null,
    isOld: (id) => !secrets.peppers.slice(0, 2).some((pepper) => pepper.id === id),
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
