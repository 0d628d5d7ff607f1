// What a benchmark says: measures, each with its goal and whether it is met.
import type { Spread } from './statistics.ts';

/** `at-most`, `at-least`: what the median of the rounds must be. */
export interface Goal {
  readonly bound: 'at-most' | 'at-least';
  readonly value: number;
}

export type Verdict = 'met' | 'missed' | 'reported';

/** `share`: of one, shown in per cent. */
export type Unit = 'ratio' | 'share' | 'ms' | '1/s' | 'MB' | 'KiB' | 'rows' | 'count' | 'USD';

export interface Measure {
  /** As a reader finds it in the table. */
  readonly name: string;
  readonly unit: Unit;
  readonly value: Spread;
  /** null: it is reported, and nothing is asked of it. */
  readonly goal: Goal | null;
}

export interface Findings {
  readonly measures: readonly Measure[];
  /** For the plots, by a name each: points, bars or stacks. */
  readonly series: Readonly<Record<string, readonly Readonly<Record<string, number | string>>[]>>;
  /** What a reader must know to read it: strengths that differ, rounds with other load. */
  readonly notes: readonly string[];
}

/** How a benchmark tells that it goes on. */
export type Progress = (text: string) => void;

export interface Benchmark {
  /** As in `npm run bench -- NAME`. */
  readonly name: string;
  readonly title: string;
  readonly run: (progress: Progress) => Promise<Findings>;
}

export function judge({ value, goal }: Measure): Verdict {
  if (goal === null) return 'reported';
  const isMet = goal.bound === 'at-most' ? value.median <= goal.value : value.median >= goal.value;
  return isMet ? 'met' : 'missed';
}

export function exactly(value: number): Spread {
  return { min: value, median: value, max: value };
}
