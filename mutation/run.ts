// npm run mutation [-- 'src/core/password/*.ts' …]: tries the tests on a core that is wrong at one place after the other.
// First those of the core alone; what they let live is tried by all that go through the Worker's door. Installs on first
// use. npm run mutation -- --resume: goes on with the second stage where a run was stopped.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Mutant, mergeMutants, readMutants, writeScore } from './score.ts';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '..');
const STRYKER = resolve(HERE, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const REPORTS = resolve(HERE, 'reports');
const CORE_TESTS = 'test/core/**/*.test.ts';

type Stage = 'core' | 'door';

function run(command: string, args: readonly string[], cwd: string, env = process.env): void {
  const { status } = spawnSync(command, args, { cwd, env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const linesOf = (stage: Stage) => resolve(REPORTS, `${stage}.jsonl`);

function runStryker(stage: Stage, mutate: readonly string[], tests: string | undefined): Mutant[] {
  const config = JSON.parse(readFileSync(resolve(HERE, 'stryker.config.json'), 'utf8')) as object;
  const path = resolve(REPORTS, `${stage}.config.json`);
  writeFileSync(path, JSON.stringify({ ...config, mutate }));
  const { MUTATION_TESTS: _, ...outer } = process.env;
  const env = { ...outer, MUTATION_LINES: linesOf(stage) };
  const own = tests === undefined ? env : { ...env, MUTATION_TESTS: tests };
  run(process.execPath, [STRYKER, 'run', path], ROOT, own);
  return readMutants(linesOf(stage));
}

/** Stryker counts columns from 0 where it is told what to mutate, and from 1 where it tells. */
function describeRange({ file, start, end }: Mutant): string {
  const from = `${start.line}:${start.column - 1}`;
  return `${file}:${from}-${end.line}:${end.column - 1}`;
}

if (!existsSync(STRYKER)) run('npm', ['ci'], HERE);
mkdirSync(REPORTS, { recursive: true });
const given = process.argv.slice(2);
const isResumed = given[0] === '--resume';
if (!isResumed)
  for (const stage of ['core', 'door'] as const) rmSync(linesOf(stage), { force: true });
const first = isResumed
  ? readMutants(linesOf('core'))
  : runStryker('core', given.length === 0 ? ['src/core/**/*.ts'] : given, CORE_TESTS);
const tried = new Set(readMutants(linesOf('door')).map(describeRange));
const alive = first.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
const ranges = [...new Set(alive.map(describeRange))].filter((range) => !tried.has(range));
if (ranges.length > 0) runStryker('door', ranges, undefined);
const second = readMutants(linesOf('door'));
console.log(writeScore(mergeMutants(first, second), resolve(REPORTS, 'survivors.md')));
