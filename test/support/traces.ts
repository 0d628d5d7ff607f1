// Tables of a document that trace each of their rows to the tests that show it.
import { expect } from 'vitest';

const tests = import.meta.glob('/test/**/*.test.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Every test file, as documents name it: below test/. */
export const TEST_FILES = Object.keys(tests).map((path) => path.replace('/test/', ''));

export interface Trace {
  readonly file: string;
  readonly title: string;
}

/** The rows of all tables whose first cell is as the pattern says, cell by cell. */
export function readRows(document: string, first: RegExp): readonly (readonly string[])[] {
  return document
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([id = '']) => first.test(id));
}

/** A file in backquotes, and the titles in it that follow. */
export function readTraces(cell: string): readonly Trace[] {
  return cell.split(/; (?=`)/).flatMap((part) => {
    const [, file = ''] = /^`([^`]+)` “/.exec(part) ?? [];
    return [...part.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title }));
  });
}

/** Each file is there, and has the title, whole. */
export function expectShown(traces: readonly Trace[]): void {
  for (const { file, title } of traces) {
    const source = tests[`/test/${file}`] ?? '';
    const quoted = ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
    expect([file, title, quoted]).toEqual([file, title, true]);
  }
}
