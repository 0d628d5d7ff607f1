// npm run bench: all benchmarks, or those that are named, one after the other. Figures go to bench/results/.
import { bridge } from './benchmarks/bridge.ts';
import { cheapRoutes } from './benchmarks/cheap-routes.ts';
import { dialects } from './benchmarks/dialects.ts';
import { enumeration } from './benchmarks/enumeration.ts';
import { overhead } from './benchmarks/overhead.ts';
import { saturation } from './benchmarks/saturation.ts';
import { type Benchmark, type Findings, judge } from './lib/result.ts';

const BENCHMARKS: readonly Benchmark[] = [
  overhead,
  saturation,
  cheapRoutes,
  enumeration,
  dialects,
  bridge,
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
