// The signature of Standard Webhooks, by the vector of its reference libraries and by one of them; what a secret is.
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { isWebhookUrl, readWebhookSecret, signWebhook } from '../../src/core/webhook.ts';

const VECTOR_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

function readSecret(text: string): Uint8Array<ArrayBuffer> {
  const secret = readWebhookSecret(text);
  if (secret === null) throw new Error('no secret');
  return secret;
}

describe('a signature', () => {
  it('is that of the vector that the reference libraries share', async () => {
    const headers = await signWebhook(
      readSecret(VECTOR_SECRET),
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_999,
      '{"test": 2432232314}',
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each(['{"a":"ü 🔑"}', '', '{}'])('is one that the library finds right: %s', async (body) => {
    const secret = `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(33))))}`;
    const at = Math.floor(Date.now() / 1000) * 1000;
    const headers = await signWebhook(readSecret(secret), 'msg_1', at, body);
    expect(headers['webhook-signature']).toBe(
      new Webhook(secret).sign('msg_1', new Date(at), body),
    );
    if (body !== '') expect(() => new Webhook(secret).verify(body, { ...headers })).not.toThrow();
  });

  it('is bound to the id, the time, the body and the secret', async () => {
    const secret = readSecret(VECTOR_SECRET);
    const other = readSecret(`whsec_${btoa('y'.repeat(24))}`);
    const signed = [
      await signWebhook(secret, 'msg_1', 1000, 'a'),
      await signWebhook(secret, 'msg_2', 1000, 'a'),
      await signWebhook(secret, 'msg_1', 2000, 'a'),
      await signWebhook(secret, 'msg_1', 1000, 'b'),
      await signWebhook(other, 'msg_1', 1000, 'a'),
    ].map((headers) => headers['webhook-signature']);
    expect(new Set(signed).size).toBe(signed.length);
  });
});

describe('a secret', () => {
  const of = (bytes: number) => `whsec_${btoa('x'.repeat(bytes))}`;

  it.each([24, 25, 32, 64])('may have %d bytes, padded or not', (bytes) => {
    expect(readWebhookSecret(of(bytes))).toHaveLength(bytes);
    expect(readWebhookSecret(of(bytes).replaceAll('=', ''))).toHaveLength(bytes);
  });

  it.each([
    '',
    'whsec_',
    of(23),
    of(65),
    of(32).slice(6),
    ` ${of(32)}`,
    `${of(32)}!`,
    of(32).replace('whsec', 'WHSEC'),
  ])('is none: %s', (text) => {
    expect(readWebhookSecret(text)).toBeNull();
  });
});

it.each([
  ['https://hooks.example/x?y=1', true],
  ['http://localhost/', true],
  ['http://hooks.example/', false],
  ['https://hooks.example/#', false],
  ['https://a@hooks.example/', false],
  ['hooks.example', false],
])('%s can be a webhook: %s', (text, can) => {
  expect(isWebhookUrl(text)).toBe(can);
});
