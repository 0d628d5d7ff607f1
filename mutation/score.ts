// What became of the mutants: the score of each folder, and those that live.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Mutant {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
  readonly mutator: string;
  readonly replacement: string;
  readonly status: string;
}

const KILLED = new Set(['Killed', 'Timeout']);
const ALIVE = new Set(['Survived', 'NoCoverage']);

export function readMutants(path: string): Mutant[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Mutant);
}

export function isAlive({ status }: Mutant): boolean {
  return ALIVE.has(status);
}

/** Whichever of several runs killed it, it is dead. */
export function mergeMutants(...runs: readonly (readonly Mutant[])[]): Mutant[] {
  const merged = new Map<string, Mutant>();
  for (const mutant of runs.flat()) {
    const { file, start, end, mutator, replacement } = mutant;
    const key = JSON.stringify([file, start, end, mutator, replacement]);
    const known = merged.get(key);
    if (known === undefined || !KILLED.has(known.status)) merged.set(key, mutant);
  }
  return [...merged.values()];
}

/** Writes the survivors, and gives the table of the scores. */
export function writeScore(mutants: readonly Mutant[], path: string): string {
  const folders = Map.groupBy(mutants, ({ file }) => file.slice(0, file.lastIndexOf('/')));
  const rows = [...folders, ['all', mutants] as const].map(([folder, ofFolder]) => {
    const killed = count(ofFolder, KILLED);
    const alive = count(ofFolder, ALIVE);
    const score = ((100 * killed) / (killed + alive)).toFixed(1);
    return `| ${folder} | ${killed} | ${alive} | ${score} % |`;
  });
  const survivors = mutants.filter(isAlive).map(({ file, start, mutator, replacement, status }) => {
    const code = readFileSync(file, 'utf8').split('\n')[start.line - 1]?.trim();
    return `- ${file}:${start.line}:${start.column} ${status} ${mutator}: \`${code}\` → \`${replacement}\``;
  });
  writeFileSync(path, `${survivors.join('\n')}\n`);
  return ['| folder | killed | alive | score |', '|---|---|---|---|', ...rows].join('\n');
}

function count(mutants: readonly Mutant[], statuses: ReadonlySet<string>): number {
  return mutants.filter(({ status }) => statuses.has(status)).length;
}
