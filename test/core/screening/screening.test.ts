// The screening of one password: against a small list, and against the patterns.
import { describe, expect, it } from 'vitest';
import {
  computeScreeningKey,
  createScreening,
  foldPassword,
} from '../../../src/core/screening/screening.ts';
import { buildFuseFilter } from '../../../src/node/fuse-builder.ts';

const LISTED = ['letmein-please-now', 'caf\u00e9 du commerce', 'qwertyuiopasdfgh'];
const keys = await Promise.all(LISTED.map(foldPassword).map(computeScreeningKey));
const screening = createScreening(buildFuseFilter(keys));

describe('a listed password', () => {
  it.each([
    ['as it is listed', 'letmein-please-now'],
    ['in other case', 'LetMeIn-Please-NOW'],
    ['in another Unicode form', 'cafe\u0301 du commerce'],
    ['in both', 'CAFE\u0301 DU COMMERCE'],
  ])('is refused %s', async (_, password) => {
    expect(await screening.findViolation(password)).toEqual({ rule: 'common' });
  });

  it.each([
    ['something behind it', 'letmein-please-now1'],
    ['something before it', ' letmein-please-now'],
    ['its end cut off', 'letmein-please-no'],
    ['letters that only look alike', 'letme\u0131n-please-now'],
    ['a compatible form', '\uff4cetmein-please-now'],
  ])('is not, with %s', async (_, password) => {
    expect(await screening.findViolation(password)).toBeNull();
  });
});

it('tells the pattern before the list', async () => {
  expect(await screening.findViolation('QWERTYuiopasdfgh')).toEqual({ rule: 'trivial' });
});

it('has nothing against a passphrase', async () => {
  expect(await screening.findViolation('seven calm otters cross the fjord')).toBeNull();
});

it('takes the first 64 bits of SHA-256 as the key', async () => {
  // FIPS 180-4's own example: "abc".
  expect(await computeScreeningKey('abc')).toBe(0xba78_16bf_8f01_cfean);
});

it('is not made of what is no filter', () => {
  expect(() => createScreening(new Uint8Array(64))).toThrow();
});
