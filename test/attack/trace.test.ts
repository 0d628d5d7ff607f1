// Holds README.md true: A01 to A80, each once and in order, and each test where the table says that it is.
import { describe, expect, it } from 'vitest';

const [readme = ''] = Object.values(
  import.meta.glob('./README.md', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
);
const tests = import.meta.glob('../**/*.test.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

interface Row {
  readonly attack: string;
  /** What is said of it, beside what shows it. */
  readonly words: readonly string[];
  readonly traces: readonly { readonly file: string; readonly title: string }[];
}

/** A file in backquotes, and the titles in it that follow. */
function readTraces(cell: string): Row['traces'] {
  return cell.split(/; (?=`)/).flatMap((part) => {
    const [, file = ''] = /^`([^`]+)` “/.exec(part) ?? [];
    return [...part.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title }));
  });
}

const rows: Row[] = readme
  .split('\n')
  .filter((line) => /^\| A\d+ \|/.test(line))
  .map((line) => {
    const [attack = '', what = '', by = '', ...said] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { attack, words: [what, ...said], traces: readTraces(by) };
  });

it('every attack is there once, in order', () => {
  const numbers = Array.from({ length: 80 }, (_, index) => `A${`${index + 1}`.padStart(2, '0')}`);
  expect(rows.map(({ attack }) => attack)).toEqual(numbers);
});

describe.each(rows.map((row) => [row.attack, row] as const))('%s', (_, { words, traces }) => {
  it('says what it is, and is shown by tests that are there', () => {
    const [what, said] = words;
    expect([what, words.length]).toEqual([expect.stringMatching(/\S/), 2]);
    expect(traces.length > 0 || said?.startsWith('Does not apply')).toBe(true);
    for (const { file, title } of traces) {
      expect(tests[`../${file}`] ?? tests[`./${file.replace('attack/', '')}`], file).toContain(
        title,
      );
    }
  });
});

it('every test file of this folder is in the table', () => {
  const here = Object.keys(tests).flatMap(
    (path) => /^(?:\.\.\/attack|\.)\/(.+)$/.exec(path)?.[1] ?? [],
  );
  const traced = new Set(rows.flatMap(({ traces }) => traces.map(({ file }) => file)));
  expect(here.length).toBeGreaterThan(8);
  for (const file of here) {
    if (file !== 'trace.test.ts') expect(traced).toContain(`attack/${file}`);
  }
});
