// Messages to a tenant's webhook, by the platform's fetch, signed as Standard Webhooks has it: by the platform's own HMAC,
// since the library of that name brings one along that would be a thirtieth of the Worker. The tests verify with it.
import type { CallWebhook } from '../core/ports.ts';

type Call = Parameters<CallWebhook>[0];

const ANSWER_LIMIT_MS = 10_000;
const SECRET_PREFIX = 'whsec_';
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

export async function callWebhook(call: Call): Promise<number> {
  const { url, messageId, at, body } = call;
  const timestamp = String(Math.floor(at / 1000));
  const headers = {
    'content-type': 'application/json',
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': await sign(call, timestamp),
  };
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  // A redirect could lead what is sent to anyone.
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  // What it says is of no interest, and might never end.
  await answer.body?.cancel();
  return answer.status;
}

async function sign({ secret, messageId, body }: Call, timestamp: string): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.slice(SECRET_PREFIX.length)), readByte);
  const key = await crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign']);
  const signed = new TextEncoder().encode(`${messageId}.${timestamp}.${body}`);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed));
  return `v1,${btoa(String.fromCharCode(...mac))}`;
}

function readByte(character: string): number {
  return character.charCodeAt(0);
}
