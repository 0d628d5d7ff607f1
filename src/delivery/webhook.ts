// Messages to a tenant's webhook, by the platform's fetch, signed as Standard Webhooks has it.
import type { CallWebhook } from '../core/ports.ts';

const ANSWER_LIMIT_MS = 10_000;

export async function callWebhook(call: Parameters<CallWebhook>[0]): Promise<number> {
  const { url, secret, messageId, at, body } = call;
  // With its own hash it would be begun in every new isolate, and few of them call anyone.
  const { Webhook } = await import('standardwebhooks');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secret).sign(messageId, new Date(at), body),
  };
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  // A redirect could lead what is sent to anyone.
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  // What it says is of no interest, and might never end.
  await answer.body?.cancel();
  return answer.status;
}
