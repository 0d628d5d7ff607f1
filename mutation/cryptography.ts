// The same results as crypto.subtle gives, without the way over another thread, which is most of what a request costs here;
// and derivations at the price of one iteration. Under the cap and the count of test/support/iteration-cap.ts.
import { createHash, createHmac, KeyObject, pbkdf2Sync, sign, verify } from 'node:crypto';

type Data = ArrayBuffer | NodeJS.ArrayBufferView;
type Algorithm = string | { readonly name: string; readonly salt?: Data };

const { subtle } = crypto;
const asIs = {
  deriveBits: subtle.deriveBits.bind(subtle),
  digest: subtle.digest.bind(subtle),
  sign: subtle.sign.bind(subtle),
  verify: subtle.verify.bind(subtle),
};
const keys = new WeakMap<CryptoKey, KeyObject>();

let isCheap = false;

define('deriveBits', async (algorithm: Algorithm, key: CryptoKey, bits: number) => {
  const { salt } = algorithm as { readonly salt: Data };
  if (!isCheap) return asIs.deriveBits(algorithm as never, key, bits);
  return copy(pbkdf2Sync(open(key).export(), view(salt), 1, bits / 8, 'sha256'));
});
define('digest', async (algorithm: Algorithm, data: Data) => {
  if (!isCheap || nameOf(algorithm) !== 'SHA-256')
    return asIs.digest(algorithm as never, data as never);
  return copy(createHash('sha256').update(view(data)).digest());
});
define('sign', async (algorithm: Algorithm, key: CryptoKey, data: Data) => {
  const name = isCheap && key.usages.includes('sign') ? nameOf(algorithm) : '';
  if (name === 'HMAC') return copy(createHmac('sha256', open(key)).update(view(data)).digest());
  if (name !== 'ECDSA') return asIs.sign(algorithm as never, key, data as never);
  return copy(sign('sha256', view(data), { key: open(key), dsaEncoding: 'ieee-p1363' }));
});
define('verify', async (algorithm: Algorithm, key: CryptoKey, signature: Data, data: Data) => {
  const isEcdsa = isCheap && key.usages.includes('verify') && nameOf(algorithm) === 'ECDSA';
  if (!isEcdsa) return asIs.verify(algorithm as never, key, signature as never, data as never);
  const options = { key: open(key), dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', view(data), options, view(signature));
});
await import('../test/support/iteration-cap.ts');
const counted = Object.getOwnPropertyDescriptor(subtle, 'deriveBits') ?? {};

/** As for a new file: what another one has put before it is gone. */
export function resetCryptography(kind: 'cheap' | 'true'): void {
  isCheap = kind === 'cheap';
  Object.defineProperty(subtle, 'deriveBits', counted);
}

function define(name: keyof typeof asIs, value: unknown): void {
  Object.defineProperty(subtle, name, { configurable: true, writable: true, value });
}

function nameOf(algorithm: Algorithm): string {
  return typeof algorithm === 'string' ? algorithm : algorithm.name;
}

function open(key: CryptoKey): KeyObject {
  const known = keys.get(key) ?? KeyObject.from(key as never);
  keys.set(key, known);
  return known;
}

function view(data: Data): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function copy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
