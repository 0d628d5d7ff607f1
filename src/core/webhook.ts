// What a tenant's webhook may be: its address, and the secret of Standard Webhooks (https://www.standardwebhooks.com).
import { readBase64 } from './bytes.ts';
import { readSecureUrl } from './web-url.ts';

const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/** A fragment would not be sent. */
export function isWebhookUrl(text: string): boolean {
  return readSecureUrl(text) !== null && !text.includes('#');
}

/** Whether it is "whsec_<base64>" of a key that cannot be guessed. */
export function isWebhookSecret(text: string): boolean {
  return readWebhookSecret(text) !== null;
}

/** The key that signs; null for what is no secret. */
export function readWebhookSecret(text: string): Uint8Array<ArrayBuffer> | null {
  if (!text.startsWith(SECRET_PREFIX)) return null;
  const key = readBase64(text.slice(SECRET_PREFIX.length));
  if (key === null || key.length < MIN_SECRET_BYTES || key.length > MAX_SECRET_BYTES) return null;
  return key;
}
