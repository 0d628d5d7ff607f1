// Runs every test, and ends with one plain line: how many passed, failed and were skipped.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

const VITEST = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');

const folder = mkdtempSync(join(tmpdir(), 'rekey-tests-'));
const output = join(folder, 'report.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
const given = process.argv.slice(2);
const vitest = spawn(process.execPath, [VITEST, 'run', ...reporters, ...given], {
  stdio: 'inherit',
});
vitest.on('close', (code) => {
  const report = readReport();
  rmSync(folder, { recursive: true, force: true });
  const passed = report?.numPassedTests ?? 0;
  const failed = (report?.numFailedTests ?? 0) + countBrokenFiles(report);
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  const exitCode = code === 0 && (report === null || passed + failed === 0) ? 1 : (code ?? 1);
  if (passed + failed === 0) console.error('No test ran.');
  else if (exitCode !== 0 && failed === 0) console.error('vitest failed outside the tests.');
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = exitCode;
});

function readReport(): Report | null {
  try {
    return JSON.parse(readFileSync(output, 'utf8')) as Report;
  } catch {
    return null;
  }
}

/** A file that cannot be loaded has no tests to fail. */
function countBrokenFiles(report: Report | null): number {
  const files = report?.testResults ?? [];
  return files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
    .length;
}
