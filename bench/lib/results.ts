// bench/results/results.json: what all benchmarks found, each when it last ran.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { REPOSITORY } from './bundle.ts';
import type { Machine } from './machine.ts';
import type { Findings } from './result.ts';

const RESULTS_FOLDER = join(REPOSITORY, 'bench/results');
const RESULTS = join(RESULTS_FOLDER, 'results.json');

/** Of one run of the command. */
export interface Origin {
  readonly machine: Machine;
  /** With `dirty` when the tree was. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  /** ISO 8601, in UTC. */
  readonly date: string;
}

export interface Finding extends Findings {
  readonly title: string;
  /** How long it took. */
  readonly seconds: number;
  /** Of the run that it is from: another one than the rest's when it ran alone. */
  readonly commit: string;
  readonly date: string;
}

/** The origin is the last run's. */
export interface Results extends Origin {
  readonly findings: Readonly<Record<string, Finding>>;
}

export type NewFinding = Omit<Finding, 'commit' | 'date'>;

/**
 * Replaces the part of one benchmark. What another machine found is left out: figures of two machines side by side say
 * nothing.
 * @param names of all benchmarks, in the order in which they are told
 * @throws RangeError when a figure is none, which JSON would keep as null.
 */
export function addFinding(
  before: Results | null,
  origin: Origin,
  names: readonly string[],
  [name, finding]: readonly [string, NewFinding],
): Results {
  requireFigures(name, finding);
  const { commit, date } = origin;
  const isSame = before !== null && isDeepStrictEqual(before.machine, origin.machine);
  const found: Record<string, Finding> = {
    ...(isSame ? before.findings : {}),
    [name]: { ...finding, commit, date },
  };
  const findings = names.flatMap((one) => (found[one] === undefined ? [] : [[one, found[one]]]));
  return { ...origin, findings: Object.fromEntries(findings) as Results['findings'] };
}

function requireFigures(benchmark: string, { measures, series }: Findings): void {
  const figures = [
    ...measures.flatMap(({ value }) => [value.min, value.median, value.max]),
    ...Object.values(series).flatMap((points) => points.flatMap((point) => Object.values(point))),
  ];
  if (figures.some((figure) => typeof figure === 'number' && !Number.isFinite(figure))) {
    throw new RangeError(`${benchmark} has a figure that is none`);
  }
}

/** null: there are none yet. */
export function readResults(): Results | null {
  let text: string;
  try {
    text = readFileSync(RESULTS, 'utf8');
  } catch {
    return null;
  }
  return JSON.parse(text) as Results;
}

export function writeResults(results: Results): void {
  writeResultFile('results.json', `${JSON.stringify(results, null, 2)}\n`);
}

export function writeResultFile(name: string, text: string): void {
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  writeFileSync(join(RESULTS_FOLDER, name), text);
}
