// npm run mutation [-- 'src/core/password/*.ts' …]: tries the tests on a core that is wrong at one place after the other.
// First those of the core alone; what they let live is tried by a choice of all that go through the Worker's door, and what
// still lives by all tests that are about its file. Installs on first use. npm run mutation -- --resume: goes on after the
// first stage, where a run was stopped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findNearest } from './nearest.ts';
import { isAlive, type Mutant, mergeMutants, readMutants, writeScore } from './score.ts';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '..');
const STRYKER = resolve(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const REPORTS = resolve(HERE, 'reports');
const STAGES = ['core', 'door', 'near'] as const;
type Stage = (typeof STAGES)[number];

function run(command: string, args: readonly string[], cwd: string, env = process.env): void {
  const { status } = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const linesOf = (stage: Stage) => resolve(REPORTS, `${stage}.jsonl`);

function runStryker(stage: Stage, mutate: readonly string[], tests?: readonly string[]): void {
  const config = JSON.parse(readFileSync(resolve(HERE, 'stryker.config.json'), 'utf8')) as object;
  const path = resolve(REPORTS, `${stage}.config.json`);
  writeFileSync(path, JSON.stringify({ ...config, mutate }));
  const { MUTATION_TESTS: _, ...outer } = process.env;
  const env = { ...outer, MUTATION_STAGE: stage, MUTATION_LINES: linesOf(stage) };
  const own = tests === undefined ? env : { ...env, MUTATION_TESTS: tests.join(',') };
  run(process.execPath, [STRYKER, 'run', path], ROOT, own);
}

/** Stryker counts columns from 0 where it is told what to mutate, and from 1 where it tells. */
function describeRange({ file, start, end }: Mutant): string {
  const from = `${start.line}:${start.column - 1}`;
  return `${file}:${from}-${end.line}:${end.column - 1}`;
}

/** As far as the stages have come. */
function readAll(): Mutant[] {
  return mergeMutants(...STAGES.map((stage) => readMutants(linesOf(stage))));
}

/** What lives and was not tried by this stage. */
function findLeft(stage: Stage): Mutant[] {
  const tried = new Set(readMutants(linesOf(stage)).map(describeRange));
  return readAll().filter((mutant) => isAlive(mutant) && !tried.has(describeRange(mutant)));
}

if (!existsSync(STRYKER)) run('npm', ['ci'], HERE);
mkdirSync(REPORTS, { recursive: true });
const given = process.argv.slice(2);
const isResumed = given[0] === '--resume';
if (!isResumed) for (const stage of STAGES) rmSync(linesOf(stage), { force: true });
if (!isResumed) runStryker('core', given.length === 0 ? ['src/core/**/*.ts'] : given);
const left = findLeft('door');
if (left.length > 0) runStryker('door', left.map(describeRange));
for (const [file, mutants] of Map.groupBy(findLeft('near'), ({ file }) => file)) {
  runStryker('near', mutants.map(describeRange), findNearest(file));
}
console.log(writeScore(readAll(), resolve(REPORTS, 'survivors.md')));
