// Opaque tokens: 256 random bits behind the kind and the place that they live in. Stored as a hash only.
import { sha256, toBase64Url, utf8 } from './bytes.ts';
import type { Place } from './place.ts';
import type { Random } from './ports.ts';

export type OpaqueKind = 'api-key' | 'refresh' | 'session' | 'login-session';

const PREFIXES: Record<OpaqueKind, string> = {
  'api-key': 'rk',
  refresh: 'rkr',
  session: 'rks',
  'login-session': 'rkl',
};
const SECRET_BYTES = 32;

export function drawOpaque(kind: OpaqueKind, place: Place, random: Random): string {
  return formatOpaque(kind, place, toBase64Url(random.bytes(SECRET_BYTES)));
}

/** `secret`: 256 bits, base64url. */
export function formatOpaque(kind: OpaqueKind, place: Place, secret: string): string {
  return `${PREFIXES[kind]}_${place}_${secret}`;
}

/** The place that the token names; null when it is no token of that kind. Says nothing of its being genuine. */
export function readOpaquePlace(kind: OpaqueKind, token: string): Place | null {
  const match = /^(rk[lrs]?)_([a-z0-9-]{1,63})_[A-Za-z0-9_-]{43}$/.exec(token);
  return match?.[1] === PREFIXES[kind] ? (match[2] ?? null) : null;
}

/** What is stored and looked up. A plain hash is enough for 256 random bits (ASVS 5.0 11.5.1, 6.5.2). */
export async function hashOpaque(token: string): Promise<string> {
  return toBase64Url(await sha256(utf8(token)));
}
