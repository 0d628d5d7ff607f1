// What can be a webhook's secret, and its address.
import { describe, expect, it } from 'vitest';
import { isWebhookSecret, isWebhookUrl, readWebhookSecret } from '../../src/core/webhook.ts';

describe('a secret', () => {
  const of = (bytes: number) => `whsec_${btoa('x'.repeat(bytes))}`;

  it.each([24, 25, 32, 64])('may have %d bytes, padded or not', (bytes) => {
    expect(isWebhookSecret(of(bytes))).toBe(true);
    expect(isWebhookSecret(of(bytes).replaceAll('=', ''))).toBe(true);
    expect(readWebhookSecret(of(bytes))).toEqual(new TextEncoder().encode('x'.repeat(bytes)));
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
    expect(isWebhookSecret(text)).toBe(false);
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
