// One benchmark after the other, with made-up ones, a screen of text and a clock that is set.
import { describe, expect, it } from 'vitest';
import { createDisplay } from '../../bench/lib/display.ts';
import type { Benchmark } from '../../bench/lib/result.ts';
import type { NewFinding } from '../../bench/lib/results.ts';
import { chooseBenchmarks, runBenchmarks } from '../../bench/lib/run-all.ts';
import { MISSED, makeFindings } from './fixtures.ts';

function open(isTTY = false) {
  const clock = { now: 0 };
  const kept: [string, NewFinding][] = [];
  let written = '';
  const screen = {
    isTTY,
    write: (text: string) => {
      written += text;
    },
  };
  const display = createDisplay(screen, () => clock.now);
  const surroundings = {
    display,
    now: () => clock.now,
    keep: (name: string, finding: NewFinding) => void kept.push([name, finding]),
  };
  /** Takes so long. */
  const make = (name: string, seconds: number, run?: Benchmark['run']): Benchmark => ({
    name,
    title: `The ${name}`,
    run: async (progress) => {
      clock.now += seconds * 1000;
      return run?.(progress) ?? makeFindings();
    },
  });
  return { make, kept, surroundings, readWritten: () => written };
}

async function fail(): Promise<never> {
  throw new Error('the server did not start', { cause: new Error('no port') });
}

describe('a run', () => {
  it('keeps what each found, with its title and how long it took', async () => {
    const { make, kept, surroundings } = open();
    expect(await runBenchmarks([make('one', 5), make('two', 70)], surroundings)).toEqual([]);
    expect(kept).toEqual([
      ['one', { title: 'The one', seconds: 5, ...makeFindings() }],
      ['two', { title: 'The two', seconds: 70, ...makeFindings() }],
    ]);
  });

  it('goes on after one that fails, and tells it with its cause', async () => {
    const { make, kept, surroundings, readWritten } = open();
    const failed = await runBenchmarks([make('one', 5, fail), make('two', 1)], surroundings);
    expect(failed).toEqual(['one']);
    expect(kept.map(([name]) => name)).toEqual(['two']);
    expect(readWritten()).toMatch(/one +5 s {2}FAILED\n {2}Error: the server did not start/);
    expect(readWritten()).toContain('because of Error: no port');
    expect(readWritten()).toContain('In all 6 s; failed: one');
  });

  it('counts what could not be kept as failed', async () => {
    const { make, surroundings } = open();
    const keep = () => {
      throw new RangeError('a figure that is none');
    };
    expect(await runBenchmarks([make('one', 1)], { ...surroundings, keep })).toEqual(['one']);
  });

  it('does not fail by a goal that is missed, but tells it', async () => {
    const { make, surroundings, readWritten } = open();
    const run = async () => makeFindings({ measures: [MISSED] });
    expect(await runBenchmarks([make('one', 1, run)], surroundings)).toEqual([]);
    expect(readWritten()).toContain(
      'missed  sign-ins a second, of raw hashes: 0.90 (0.80 to 0.95), goal ≥ 0.93',
    );
  });

  it.each([
    [720, 'In all 12 min 0 s\n'],
    [721, 'In all 12 min 1 s, over the limit of 12 min 0 s\n'],
  ])('of %d seconds says whether that was too long', async (seconds, told) => {
    const { make, surroundings, readWritten } = open();
    await runBenchmarks([make('one', seconds)], surroundings);
    expect(readWritten()).toContain(told);
  });
});

describe('the display', () => {
  const run: Benchmark['run'] = async (progress) => {
    progress('1/2');
    progress('2/2');
    return makeFindings({ measures: [], notes: ['a note'] });
  };

  it('writes plain lines where no terminal is', async () => {
    const { make, surroundings, readWritten } = open();
    await runBenchmarks([make('one', 5, run)], surroundings);
    expect(readWritten().split('\n')).toEqual([
      'one                    0 s  starts',
      'one                    5 s  1/2',
      'one                    5 s  2/2',
      'one                    5 s  done',
      '          a note',
      'In all 5 s',
      '',
    ]);
  });

  it('keeps to one line a benchmark on a terminal', async () => {
    const { make, surroundings, readWritten } = open(true);
    await runBenchmarks([make('one', 5, run), make('two', 1, run)], surroundings);
    const lines = readWritten().split('\n');
    expect(lines.filter((line) => line.includes('/2'))).toHaveLength(2);
    expect(lines[0]?.split('\r\u001b[K').at(-1)).toBe('one                    5 s  done');
  });
});

describe('benchmarks are chosen', () => {
  const { make } = open();
  const all = [make('one', 1), make('two', 1), make('three', 1)];
  const choose = (...names: string[]) => chooseBenchmarks(all, names).map(({ name }) => name);

  it('by name, in the order in which they always run', () => {
    expect(choose('three', 'one')).toEqual(['one', 'three']);
  });

  it('all, when none is named', () => {
    expect(choose()).toEqual(['one', 'two', 'three']);
  });

  it('and a name that is unknown is answered with the list', () => {
    expect(() => choose('one', 'four', 'five')).toThrow(
      'There is no benchmark four, five. There are: one, two, three',
    );
  });
});
