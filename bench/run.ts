// All benchmarks, or those that are named, one after the other. Figures go to bench/results/. Only bench.ts, which
// starts this, leaves nothing behind when it is interrupted.
import { bridge } from './benchmarks/bridge.ts';
import { cheapRoutes } from './benchmarks/cheap-routes.ts';
import { dialects } from './benchmarks/dialects.ts';
import { enumeration } from './benchmarks/enumeration.ts';
import { memory } from './benchmarks/memory.ts';
import { model } from './benchmarks/model.ts';
import { overhead } from './benchmarks/overhead.ts';
import { peers } from './benchmarks/peers.ts';
import { refusals } from './benchmarks/refusals.ts';
import { rows } from './benchmarks/rows.ts';
import { saturation } from './benchmarks/saturation.ts';
import { size } from './benchmarks/size.ts';
import { createDisplay } from './lib/display.ts';
import { readCommit, readMachine, readVersions } from './lib/machine.ts';
import { writeMarkdown } from './lib/markdown.ts';
import { drawPlots } from './lib/plots.ts';
import { updateReadme } from './lib/readme.ts';
import type { Benchmark } from './lib/result.ts';
import {
  addFinding,
  type Origin,
  type Results,
  readResults,
  writeResultFile,
  writeResults,
} from './lib/results.ts';
import { chooseBenchmarks, runBenchmarks } from './lib/run-all.ts';

/** In the order in which they run, and are told. */
const BENCHMARKS: readonly Benchmark[] = [
  overhead,
  saturation,
  refusals,
  cheapRoutes,
  enumeration,
  size,
  rows,
  memory,
  dialects,
  bridge,
  peers,
  model,
];

process.exit(await main(process.argv.slice(2)));

async function main(names: readonly string[]): Promise<number> {
  let chosen: readonly Benchmark[];
  try {
    chosen = chooseBenchmarks(BENCHMARKS, names);
  } catch (error) {
    console.error(error instanceof RangeError ? error.message : error);
    return 2;
  }
  const origin: Origin = {
    machine: readMachine(),
    commit: readCommit(),
    versions: readVersions(),
    date: new Date().toISOString(),
  };
  const all = BENCHMARKS.map(({ name }) => name);
  const failed = await runBenchmarks(chosen, {
    display: createDisplay(process.stderr, () => performance.now()),
    now: () => performance.now(),
    // One after the other: what is done stays when the rest is interrupted.
    keep: (name, finding) => writeAll(addFinding(readResults(), origin, all, [name, finding]), all),
  });
  return failed.length === 0 ? 0 : 1;
}

/** The README tells of all of them, or stays as it was. */
function writeAll(results: Results, all: readonly string[]): void {
  writeResults(results);
  const plots = drawPlots(results);
  for (const { file, svg } of plots) writeResultFile(file, svg);
  writeResultFile('results.md', writeMarkdown(results, plots));
  if (all.every((name) => results.findings[name] !== undefined)) updateReadme(results);
}
