// One benchmark after the other. One that fails is told, and the others go on.
import type { Display } from './display.ts';
import { tellSeconds } from './figures.ts';
import type { Benchmark } from './result.ts';
import type { NewFinding } from './results.ts';

/** For all of them, on two quiet cores. Nothing is stopped at it: it is told. */
const LIMIT_SECONDS = 12 * 60;

export interface Surroundings {
  readonly display: Display;
  /** Of a clock that only goes forward, in milliseconds. */
  readonly now: () => number;
  /** A failure of it is one of the benchmark. */
  readonly keep: (name: string, finding: NewFinding) => void;
}

/** @throws RangeError that lists them, when one is not there. */
export function chooseBenchmarks(
  all: readonly Benchmark[],
  names: readonly string[],
): readonly Benchmark[] {
  const known = all.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `There is no benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}`,
    );
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** @returns the names of those that failed. */
export async function runBenchmarks(
  benchmarks: readonly Benchmark[],
  { display, now, keep }: Surroundings,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const begunAt = now();
  for (const { name, title, run } of benchmarks) {
    const startedAt = now();
    display.start(name);
    try {
      const findings = await run(display.tell);
      keep(name, { title, ...findings, seconds: (now() - startedAt) / 1000 });
      display.finish(findings);
    } catch (error) {
      failed.push(name);
      display.fail(error);
    }
  }
  display.say(tellEnd((now() - begunAt) / 1000, failed));
  return failed;
}

function tellEnd(seconds: number, failed: readonly string[]): string {
  const over = seconds > LIMIT_SECONDS ? `, over the limit of ${tellSeconds(LIMIT_SECONDS)}` : '';
  const failures = failed.length === 0 ? '' : `; failed: ${failed.join(', ')}`;
  return `In all ${tellSeconds(seconds)}${over}${failures}`;
}
