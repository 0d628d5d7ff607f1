// The filter: whatever it was built of it has, what is not whole it does not read.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEADER_BYTES, readFuseFilter } from '../../../src/core/screening/fuse-filter.ts';
import { buildFuseFilter } from '../../../src/node/fuse-builder.ts';

const key = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

it('has every key that it was built of, however many and whichever they are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 300 }), (keys) => {
      const filter = readFuseFilter(buildFuseFilter(keys));
      expect(keys.filter((each) => !filter.mayHave(each))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

it('has hardly any other key', () => {
  const filter = readFuseFilter(buildFuseFilter(Array.from({ length: 1000 }, (_, n) => BigInt(n))));
  const others = Array.from({ length: 20_000 }, (_, n) => BigInt(n + 1000));
  expect(others.filter(filter.mayHave).length).toBeLessThan(8);
});

it('is read wherever its bytes lie', () => {
  const bytes = buildFuseFilter([7n, 8n, 9n]);
  const room = new Uint8Array(bytes.length + 3);
  room.set(bytes, 3);
  expect(readFuseFilter(room.subarray(3)).mayHave(8n)).toBe(true);
});

it('is read as it was always written: the list that is deployed outlives the code', () => {
  const written = Buffer.from(
    'QkZGNAEAAAABAAAABAAAAAYAAAAAAAAAAAAAAAAAAAAAAAAAAACs3J/b/++e+AAA' +
      '6i4peAAAAAAAAMQIAAC75dv/AAAAAAAAP3DHw89zUKfhngAAAACoUgAAlz4=',
    'base64',
  );
  const keys = Array.from({ length: 16 }, (_, n) => BigInt(n) * 0x0123_4567_89ab_cdefn);
  expect(Buffer.from(buildFuseFilter(keys)).equals(written)).toBe(true);
  const filter = readFuseFilter(written);
  expect(keys.filter((each) => !filter.mayHave(each))).toEqual([]);
});

describe('bytes that are no filter are refused', () => {
  const valid = buildFuseFilter([1n, 2n, 3n]);
  const change = (offset: number, value: number) => {
    const bytes = valid.slice();
    new DataView(bytes.buffer).setUint32(offset, value, true);
    return bytes;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ['none', new Uint8Array(), /shorter/],
    ['half a header', valid.slice(0, HEADER_BYTES - 1), /shorter/],
    ['another format', change(0, 0x0403_4b50), /no filter/],
    ['another version', change(4, 2), /version 2/],
    ['segments of no length', change(12, 0), /malformed/],
    ['segments whose length is no power of two', change(12, 3), /malformed/],
    ['no segment', change(16, 0), /malformed/],
    ['more segments than there are', change(16, 0xffff_ffff), /length/],
    ['cut off', valid.slice(0, -1), /length/],
    ['something behind it', new Uint8Array([...valid, 0, 0]), /length/],
  ])('%s', (_, bytes, message) => {
    expect(() => readFuseFilter(bytes)).toThrow(message);
  });

  it('and the whole is not', () => {
    expect(readFuseFilter(valid).mayHave(2n)).toBe(true);
  });
});
