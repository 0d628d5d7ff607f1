// A line of JSON for each mutant as soon as it is tried: a run that is stopped has told what it found.
import { appendFileSync, mkdirSync } from 'node:fs';
import { relative } from 'node:path';

const LINES = process.env.MUTATION_LINES ?? 'mutation/reports/mutants.jsonl';

class LineReporter {
  constructor() {
    mkdirSync('mutation/reports', { recursive: true });
  }

  onMutantTested({ fileName, location, mutatorName, replacement, status }) {
    const { start, end } = location;
    const file = relative('.', fileName);
    const line = { file, start, end, mutator: mutatorName, replacement, status };
    appendFileSync(LINES, `${JSON.stringify(line)}\n`);
  }
}

export const strykerPlugins = [
  { kind: 'Reporter', name: 'lines', factory: () => new LineReporter() },
];
