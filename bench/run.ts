// npm run bench: all benchmarks, or those that are named, one after the other. Figures go to bench/results/.
import { overhead } from './benchmarks/overhead.ts';
import { type Benchmark, type Findings, judge } from './lib/result.ts';

const BENCHMARKS: readonly Benchmark[] = [overhead];

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!BENCHMARKS.some((benchmark) => benchmark.name === name)) {
    console.error(`There is no benchmark ${name}: ${BENCHMARKS.map((one) => one.name).join(', ')}`);
    process.exit(2);
  }
}
for (const { name, title, run } of BENCHMARKS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(title);
  print(await run((text) => process.stderr.write(`\r  ${text}   `)));
}

function print({ measures, notes }: Findings): void {
  process.stderr.write('\r');
  for (const measure of measures) {
    const { min, median, max } = measure.value;
    const figures = [min, median, max].map((figure) => figure.toPrecision(4)).join(' / ');
    console.log(`  ${judge(measure).padEnd(8)} ${measure.name}: ${figures} ${measure.unit}`);
  }
  for (const note of notes) console.log(`  ${note}`);
}
