// Messages to a tenant's webhook, by the platform's fetch, signed as Standard Webhooks has it.
import { utf8 } from '../core/bytes.ts';
import type { CallWebhook } from '../core/ports.ts';
import { readWebhookSecret } from '../core/webhook.ts';

const ANSWER_LIMIT_MS = 10_000;

export async function callWebhook(call: Parameters<CallWebhook>[0]): Promise<number> {
  const { url, secret, messageId, at, body } = call;
  const timestamp = String(Math.floor(at / 1000));
  const headers = {
    'content-type': 'application/json',
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': await sign(secret, `${messageId}.${timestamp}.${body}`),
  };
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  // A redirect could lead what is sent to anyone.
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  // What it says is of no interest, and might never end.
  await answer.body?.cancel();
  return answer.status;
}

/** HMAC-SHA-256, in padded base64, after the scheme's name. */
async function sign(secret: string, text: string): Promise<string> {
  const bytes = readWebhookSecret(secret);
  if (bytes === null) throw new Error('the webhook has no secret to sign with');
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm.name, key, utf8(text)));
  return `v1,${btoa(String.fromCharCode(...signature))}`;
}
