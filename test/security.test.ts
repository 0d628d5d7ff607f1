// Holds SECURITY.md true: every row of what it is measured against is there once, and is shown by tests that are there.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { expectShown, readRows, readTraces } from './support/traces.ts';

const [document = ''] = Object.values(
  import.meta.glob('../SECURITY.md', { query: '?raw', import: 'default', eager: true }),
);

/** What ASVS asks of such a program at level 2, and the rows of level 3 that were looked at. */
const ASVS = [
  '1.2.1 1.2.3 1.2.4 1.3.11 1.5.3 2.2.1 2.2.2 2.3.1 2.3.3 2.4.1',
  '3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.8 3.5.1 3.5.2 3.5.3 3.7.2',
  '4.1.1 4.1.2 4.1.3 4.1.4 6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8',
  '6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.7 6.3.8 6.4.1 6.4.2 6.4.3 6.4.6',
  '6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.2 6.6.3 7.1.1 7.1.2 7.1.3 7.2.1 7.2.2 7.2.3 7.2.4',
  '7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.5 7.5.1 7.5.2 8.1.1 8.2.1 8.2.2 8.2.3 8.3.1 8.3.2 8.4.1',
  '8.4.2 9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4 10.4.5 10.4.8 10.4.9 10.4.10 11.1.1 11.1.2',
  '11.2.1 11.2.2 11.2.3 11.2.4 11.2.5 11.3.1 11.3.2 11.3.3 11.4.1 11.4.2 11.5.1 13.1.4 13.2.1',
  '13.2.3 13.3.1 13.3.4 13.4.1 13.4.2 13.4.4 13.4.5 13.4.6 14.2.1 14.2.2 14.2.5 14.2.6 14.2.7',
  '14.3.2 14.3.3 15.1.1 15.1.2 15.2.2 15.3.1 15.3.3 15.3.4 15.3.5 15.3.6 15.3.7 15.4.2',
  '16.1.1 16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.5.1 16.5.3 16.5.4',
].flatMap((line) => line.split(' '));

const number = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}${`${index + 1}`.padStart(2, '0')}`);

const REQUIREMENTS = readRows(document, /^(?:[NR]\d+$|\d+\.\d)/);
const PROMISES = readRows(document, /^P\d+$/);

/** What stands by tests, and what stands by the reason that is given. */
const SHOWN = /^Holds(?:: \S.*| otherwise: \S.*)?$/;
const SAID =
  /^(?:Written|Does not apply|Does not hold|Left to the (?:tenant|operator|deployment)): \S/;

it('every requirement is there once', () => {
  const ids = REQUIREMENTS.flatMap(([cell = '']) => cell.replaceAll(' (3)', '').split(', '));
  expect(ids.sort()).toEqual([...number('N', 32), ...number('R', 20), ...ASVS].sort());
});

describe.each(REQUIREMENTS)('%s', (_, what, stands = '', by = '', ...more) => {
  it('says how it stands, and is shown by tests that are there, or says why by none', () => {
    expect([what, more]).toEqual([expect.stringMatching(/\S/), []]);
    expect(stands).toMatch(SHOWN.test(stands) ? SHOWN : SAID);
    const traces = readTraces(by);
    expect(traces.length > 0 || SAID.test(stands)).toBe(true);
    expectShown(traces);
  });
});

it('the promises are numbered', () => {
  expect(PROMISES.map(([id]) => id)).toEqual(PROMISES.map((_, index) => `P${index + 1}`));
  expect(PROMISES.length).toBeGreaterThan(9);
});

describe.each(PROMISES)('%s', (_, what, by = '', ...more) => {
  it('is shown by tests that are there', () => {
    expect([what, more]).toEqual([expect.stringMatching(/\S/), []]);
    const traces = readTraces(by);
    expect(traces.length).toBeGreaterThan(0);
    expectShown(traces);
  });
});

it('the keys of the inventory are those that the Worker has', () => {
  const named = document
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => [...line.matchAll(/`([A-Z]+_(?:KEYS?|JWKS))`/g)])
    .map(([, name]) => name);
  const keys = Object.keys(env).filter((name) => /_(?:KEYS?|JWKS)$/.test(name));
  expect([...new Set(named)].sort()).toEqual(keys.sort());
});
