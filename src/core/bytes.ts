// Bytes and their text forms. Decoders are strict: they return null instead of guessing.
import * as base64url from 'jose/base64url';

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encoder.encode(text));
}

/** The text of well-formed UTF-8, a byte order mark included; null for anything else. */
export function readUtf8(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Base64 with the URL alphabet and no padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return base64url.encode(bytes);
}

/** Base64 with the standard alphabet and no padding, as PHC strings carry it. */
export function toBase64(bytes: Uint8Array): string {
  return toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
}

/** The bytes of standard base64, padded or not; null for any other character or a dangling one. */
export function readBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const bare = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return null;
  if (bare.length !== text.length && text.length % 4 !== 0) return null;
  const bytes = new Uint8Array(base64url.decode(bare.replaceAll('+', '-').replaceAll('/', '_')));
  // One text per value: bits that no byte holds must be zero.
  return toBase64(bytes) === bare ? bytes : null;
}

/** Compares in a time that depends on the lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
