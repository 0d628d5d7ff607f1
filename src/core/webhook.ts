// A tenant's webhook, signed as Standard Webhooks has it (https://www.standardwebhooks.com). Its library would bring
// a SHA-256 of its own along; WebCrypto has one.
import { readBase64, toBase64, utf8 } from './bytes.ts';
import { readSecureUrl } from './web-url.ts';

const SECRET_PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;

/** A fragment would not be sent. */
export function isWebhookUrl(text: string): boolean {
  return readSecureUrl(text) !== null && !text.includes('#');
}

/** The key of "whsec_<base64>"; null for anything else. */
export function readWebhookSecret(text: string): Uint8Array<ArrayBuffer> | null {
  if (!text.startsWith(SECRET_PREFIX)) return null;
  const key = readBase64(text.slice(SECRET_PREFIX.length));
  const isLongEnough = key !== null && key.length >= MIN_SECRET_BYTES;
  return isLongEnough && key.length <= MAX_SECRET_BYTES ? key : null;
}

/** The headers of one attempt. `now` in milliseconds: a receiver refuses what was signed long ago. */
export async function signWebhook(
  secret: Uint8Array<ArrayBuffer>,
  messageId: string,
  now: number,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.floor(now / 1000));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  const signed = utf8(`${messageId}.${timestamp}.${body}`);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed));
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    // 32 bytes take one character of padding.
    'webhook-signature': `v1,${toBase64(mac)}=`,
  };
}
