// JWS texts made part by part with node:crypto, so that every rule of a token can be broken alone.
import { createHmac, createPrivateKey, sign } from 'node:crypto';
import type { JWK } from 'jose';

type Members = Readonly<Record<string, unknown>>;

export function encodePart(part: Members | string): string {
  const text = typeof part === 'string' ? part : JSON.stringify(part);
  return Buffer.from(text).toString('base64url');
}

/** ES256 over the two parts; a part that is a string is taken as the JSON text itself. */
export function signEs256(header: Members | string, payload: Members | string, jwk: JWK): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  const key = createPrivateKey({ key: jwk as Record<string, string>, format: 'jwk' });
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

export function signHs256(header: Members, payload: Members, secret: string | Buffer): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Header and payload of a compact JWS, unverified. */
export function decodeJws(token: string): { readonly header: Members; readonly payload: Members } {
  const [header = '', payload = ''] = token.split('.');
  return { header: decodePart(header), payload: decodePart(payload) };
}

function decodePart(part: string): Members {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Members;
}
