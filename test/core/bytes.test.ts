// Bytes and their text forms, against node:buffer.
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  equalBytes,
  readBase64,
  readUtf8,
  sha256,
  toBase64,
  toBase64Url,
  utf8,
} from '../../src/core/bytes.ts';

const octets = fc.uint8Array({ maxLength: 100 });

describe('base64', () => {
  it('is written without padding, in either alphabet, as node:buffer writes it', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(toBase64Url(bytes)).toBe(buffer.toString('base64url'));
        expect(toBase64(bytes)).toBe(buffer.toString('base64').replaceAll('=', ''));
      }),
    );
  });

  it('is read with or without padding', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const padded = Buffer.from(bytes).toString('base64');
        for (const text of [padded, padded.replaceAll('=', '')]) {
          expect(Buffer.from(readBase64(text) ?? [256]).equals(bytes)).toBe(true);
        }
      }),
    );
  });

  it.each([
    'A',
    'AAAAA',
    'A===',
    'AA=',
    'AAA==',
    'AAAA=',
    'AAAA==',
    '=',
    '==',
    '====',
    'AA==AA==',
    'AA=A',
    'A=AA',
    'AB',
    'AAB',
    'AB==',
    'AAB=',
    'A-A_',
    'AAA ',
    ' AAA',
    'AA\nA',
    'AAA\0',
    'AA.A',
    'AA\u00e9A',
  ])('is refused: %j', (text) => {
    expect(readBase64(text)).toBeNull();
  });

  it('of nothing is nothing', () => {
    expect(readBase64('')).toEqual(new Uint8Array());
  });
});

describe('UTF-8', () => {
  it('comes back as it was, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readUtf8(utf8(text))).toBe(text);
      }),
    );
    expect(readUtf8(utf8('\ufeffa'))).toBe('\ufeffa');
  });

  it.each([
    ['a lone 0xff', [0x61, 0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xf0, 0x9f, 0x98]],
    ['a stray continuation', [0x80]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['UTF-16 with its mark', [0xff, 0xfe, 0x61, 0x00]],
  ])('is refused: %s', (_, bytes) => {
    expect(readUtf8(Uint8Array.from(bytes))).toBeNull();
  });
});

describe('comparing', () => {
  it('is true for equal bytes alone', () => {
    fc.assert(
      fc.property(octets, octets, (a, b) => {
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
        expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b));
      }),
    );
  });

  it.each([
    [[], [0]],
    [
      [1, 2, 3],
      [1, 2],
    ],
    [
      [1, 2, 3],
      [1, 2, 4],
    ],
    [
      [0, 2, 3],
      [128, 2, 3],
    ],
  ])('tells %j from %j', (a, b) => {
    expect(equalBytes(Uint8Array.from(a), Uint8Array.from(b))).toBe(false);
  });
});

it('hashes with SHA-256', async () => {
  const expected = createHash('sha256').update('abc').digest('hex');
  expect(Buffer.from(await sha256(utf8('abc'))).toString('hex')).toBe(expected);
});
