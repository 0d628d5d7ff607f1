// The tables, and the README's block: what results.json says, and nothing else.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeGoals, writeMarkdown } from '../../bench/lib/markdown.ts';
import { replaceBlock } from '../../bench/lib/readme.ts';
import { readResults } from '../../bench/lib/results.ts';
import { MET, makeFinding, makeResults, RESULTS } from './fixtures.ts';

const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');

describe('the tables', () => {
  const picture = { benchmark: 'overhead', file: 'latency.svg', title: 'A stack' };
  const text = writeMarkdown(RESULTS, [picture]);

  it('have a row a measure, with its goal and whether it is met', () => {
    expect(text).toContain('| sign-in over the raw hash, p50 | 3 % (2.10 to 4.24) | ≤ 5 % | met |');
    expect(text).toContain(
      '| sign-ins a second, of raw hashes | 0.90 (0.80 to 0.95) | ≥ 0.93 | **missed** |',
    );
    expect(text).toContain('| sign-in, p50 | 70.0 ms (68.4 to 72.0) |  |  |');
  });

  it('say where the figures are from, of each benchmark by itself', () => {
    expect(text).toContain('- Machine: Some Processor, 2 cores, 24 GiB, virtual, Linux 6.1');
    expect(text).toContain('- Versions: node 24.0.0, workerd 1.2.3');
    const alone = makeResults({ rows: makeFinding({ commit: 'abc (dirty)', seconds: 65 }) });
    expect(writeMarkdown(alone, [])).toContain(
      'In 1 min 5 s, at 2026-11-22 12:34 UTC, commit abc (dirty).',
    );
  });

  it('have plots and notes below the benchmark that they are of', () => {
    const [, overhead = '', saturation = ''] = text.split('\n## ');
    expect(overhead).toContain('![A stack](latency.svg)');
    expect(overhead).toContain('- 1 of 7 rounds was spoiled');
    expect(saturation).toMatch(/^Saturation\n/);
    expect(saturation).not.toContain('latency.svg');
  });

  it('have a row a peer, with a dash where there is no such figure', () => {
    const peers = [
      {
        name: 'Rekey',
        hash: 'PBKDF2',
        storage: 'D1',
        signInP50: 71.23,
        signInP99: 80,
        coldStart: 92,
      },
      { name: 'Another | one', hash: 'none', storage: 'a file', signInP50: 4.6, signInP99: 9.6 },
    ];
    const told = writeMarkdown(makeResults({ peers: makeFinding({ series: { peers } }) }), []);
    expect(told).toContain('| What | Hash | Storage | Sign-in, p50 / p99, ms |');
    expect(told).toContain('| Rekey | PBKDF2 | D1 | 71.2 / 80 | – / – | – |');
    expect(told).toContain('| Another \\| one | none | a file | 4.60 / 9.60 | – / – | – |');
    expect(told).toMatch(/\| 92 \| – \| – \|$/m);
  });
});

describe('the goals', () => {
  it('are told alone, with how many are missed', () => {
    const told = writeGoals(RESULTS);
    expect(told).toContain('Of 2 goals 1 is missed.');
    expect(told).not.toContain('| sign-in, p50 |');
    const met = makeResults({ overhead: makeFinding({ measures: [MET] }) });
    expect(writeGoals(met)).toContain('Of 1 goals all are met.');
  });
});

describe('the goals of two runs', () => {
  it('name the commits of both', () => {
    const two = makeResults({ a: makeFinding(), b: makeFinding({ commit: 'fedcba987654' }) });
    expect(writeGoals(two)).toContain('2026-11-22, commit 0123456789ab, fedcba987654.');
  });
});

describe("the README's block", () => {
  it('is what results.json says: npm run bench writes it, once every benchmark is there', () => {
    expect(replaceBlock(README, readResults())).toBe(README);
  });

  it('is replaced by what is new, and nothing around it', () => {
    const written = replaceBlock(README, RESULTS);
    expect(written).toContain('Of 2 goals 1 is missed.');
    expect(replaceBlock(written, RESULTS)).toBe(written);
    const headings = (text: string) => text.split('\n').filter((line) => line.startsWith('#'));
    expect(headings(written)).toEqual(headings(README));
  });

  it('must be there', () => {
    expect(() => replaceBlock('# Rekey\n', RESULTS)).toThrow('no place');
  });
});
