// The builder of the filter: deterministic, and as small as its authors say.
import { expect, it } from 'vitest';
import { FINGERPRINT_BYTES, readFuseFilter } from '../../src/core/screening/fuse-filter.ts';
import { buildFuseFilter } from '../../src/node/fuse-builder.ts';

const count = (length: number) => Array.from({ length }, (_, n) => BigInt(n) * 0x1_0000_0001n);

it.each([0, 1, 2, 3, 4, 10, 100, 1000, 30_000])('builds a filter of %d keys', (length) => {
  const keys = count(length);
  const filter = readFuseFilter(buildFuseFilter(keys));
  expect(keys.filter((key) => !filter.mayHave(key))).toEqual([]);
});

it('builds the same bytes of the same set, doubles or not', () => {
  const keys = count(500);
  const bytes = Buffer.from(buildFuseFilter(keys));
  expect(bytes.equals(buildFuseFilter(keys))).toBe(true);
  expect(bytes.equals(buildFuseFilter([...keys, ...keys]))).toBe(true);
});

it('needs at most 18.5 bits for each of 100,000 keys', () => {
  const keys = count(100_000);
  const bits = (buildFuseFilter(keys).length * 8) / keys.length;
  expect(bits).toBeGreaterThan(FINGERPRINT_BYTES * 8);
  expect(bits).toBeLessThan(18.5);
});
