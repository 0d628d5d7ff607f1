// npm run bench: run.ts, on a leash.
import { join } from 'node:path';
import { INTERRUPTED, runLeashed } from './lib/leashed.ts';

process.exitCode = await runLeashed([
  join(import.meta.dirname, 'run.ts'),
  ...process.argv.slice(2),
]);
if (process.exitCode === INTERRUPTED) console.error('\nInterrupted. What was done is kept.');
