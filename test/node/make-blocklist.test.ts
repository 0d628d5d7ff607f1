// The list that the Worker carries: what npm run blocklist makes of the pinned packages, with nothing of them missing.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { countCodePoints } from '../../src/core/password/text.ts';
import { readFuseFilter } from '../../src/core/screening/fuse-filter.ts';
import {
  computeScreeningKey,
  createScreening,
  foldPassword,
} from '../../src/core/screening/screening.ts';
import { BLOCKLIST, listBlocked, makeBlocklist } from '../../src/node/make-blocklist.ts';

const bytes = readFileSync(BLOCKLIST);
const filter = readFuseFilter(bytes);
const screening = createScreening(bytes);
let entries: string[];

beforeAll(() => {
  entries = listBlocked();
});

it('is what npm run blocklist makes of the installed packages', async () => {
  expect(Buffer.from(await makeBlocklist(entries)).equals(bytes)).toBe(true);
});

it('has every entry', async () => {
  expect(entries.length).toBeGreaterThan(110_000);
  const keys = await Promise.all(entries.map(computeScreeningKey));
  expect(entries.filter((_, index) => !filter.mayHave(keys[index] as bigint))).toEqual([]);
});

it('refuses one good password in 65,536, within a factor of two', async () => {
  const TRIALS = 1_000_000;
  // No entry has such a form, and SHA-256 makes a random key of each. Always the same ones: no luck is needed.
  const nameTrial = (n: number) => `trial \u00a7${n}\u00a7`;
  // Node's own digest, since a million promises would take a minute.
  const computeKey = (text: string) => createHash('sha256').update(text).digest().readBigUInt64BE();
  expect(computeKey(nameTrial(7))).toBe(await computeScreeningKey(foldPassword(nameTrial(7))));
  let refused = 0;
  for (let n = 0; n < TRIALS; n += 1) if (filter.mayHave(computeKey(nameTrial(n)))) refused += 1;
  expect(refused).toBeGreaterThan(TRIALS / 2 ** 17);
  expect(refused).toBeLessThan(TRIALS / 2 ** 15);
});

describe('the entries', () => {
  it.each([
    [8, 100_000],
    [15, 3000],
  ])('are far more than 3000 that a minimum of %d lets through (ASVS 6.2.4)', (min, expected) => {
    const long = entries.filter((entry) => countCodePoints(entry) >= min);
    expect(long.length).toBeGreaterThan(expected);
  });

  it('are folded, and each is there once', () => {
    expect(new Set(entries).size).toBe(entries.length);
    expect(entries.filter((entry) => foldPassword(entry) !== entry)).toEqual([]);
  });
});

it.each([
  ['the most common of all', 'password'],
  ['one with a capital', 'Password1'],
  ['one that satisfies every class', 'P@ssw0rd'],
  ['a long one that was breached', 'perasperaadastra'],
  ['a word twice', 'FootballFootball'],
  ['a word repeated to fifteen', 'dragondragondra'],
  ['a word and digits up to fifteen', 'Password1234567'],
  ['a word, digits and a mark', 'password123456!'],
  ['a word and one digit again and again', 'superman1111111'],
  ['a long word and a year', 'Administrator2026'],
])('refuses %s: %s', async (_, password) => {
  expect(await screening.findViolation(password)).toEqual({ rule: 'common' });
});

it.each([
  'correct horse battery staple',
  'seven calm otters cross the fjord',
  'passwordpassword violet',
  'password at the harbour',
])('has nothing against %s', async (password) => {
  expect(await screening.findViolation(password)).toBeNull();
});
