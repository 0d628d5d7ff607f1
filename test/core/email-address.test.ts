// What is one plain address, and what would be more than that in a header.
import { expect, it } from 'vitest';
import { isPlainAddress } from '../../src/core/email-address.ts';

it.each([
  'ann@mail.example',
  'ann@localhost',
  'ann.other.third@mail.example',
  'ann+news-1@mail.example',
  "o'brien@mail.example",
  'ann.2026@mail-2.example',
  "!#$%&'*+/=?^_`{|}~-@mail.example",
  'rené.müller@bücher.example',
  'rene\u0301.rene\u0301@mail.example',
  'анна.петрова@почта.example',
  'ann.\u0967@mail.example',
])('is one: %s', (text) => {
  expect(isPlainAddress(text)).toBe(true);
});

it.each([
  '',
  'ann',
  '@mail.example',
  'ann@',
  '.ann@mail.example',
  'ann.@mail.example',
  'ann..other@mail.example',
  'ann@.example',
  'ann@mail.',
  'ann@mail..example',
  'ann@bob@mail.example',
  'ann@mail.example,bob@mail.example',
  'ann@mail.example\r\nBcc: bob@mail.example',
  'ann@mail.example ',
  'Ann <ann@mail.example>',
  '"ann other"@mail.example',
  'ann.(x)@mail.example',
  'ann. other@mail.example',
  'ann@[127.0.0.1]',
  'ann@mail_2.example',
])('is none: %j', (text) => {
  expect(isPlainAddress(text)).toBe(false);
});
