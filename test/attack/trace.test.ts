// Holds README.md true: A01 to A80, each once and in order, and each test where the table says that it is.
import { describe, expect, it } from 'vitest';
import { expectShown, readRows, readTraces, TEST_FILES } from '../support/traces.ts';

const [readme = ''] = Object.values(
  import.meta.glob('./README.md', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);

const rows = readRows(readme, /^A\d+$/).map(([attack = '', what = '', by = '', ...said]) => ({
  attack,
  /** What is said of it, beside what shows it. */
  words: [what, ...said],
  traces: readTraces(by),
}));

it('every attack is there once, in order', () => {
  const numbers = Array.from({ length: 80 }, (_, index) => `A${`${index + 1}`.padStart(2, '0')}`);
  expect(rows.map(({ attack }) => attack)).toEqual(numbers);
});

describe.each(rows.map((row) => [row.attack, row] as const))('%s', (_, { words, traces }) => {
  it('says what it is, and is shown by tests that are there', () => {
    const [what, said] = words;
    expect([what, words.length]).toEqual([expect.stringMatching(/\S/), 2]);
    expect(traces.length > 0 || said?.startsWith('Does not apply')).toBe(true);
    expectShown(traces);
  });
});

it('every test file of this folder is in the table', () => {
  const here = TEST_FILES.filter((file) => file.startsWith('attack/'));
  const traced = new Set(rows.flatMap(({ traces }) => traces.map(({ file }) => file)));
  expect(here.length).toBeGreaterThan(8);
  for (const file of here) {
    if (file !== 'attack/trace.test.ts') expect(traced).toContain(file);
  }
});
