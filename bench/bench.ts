// npm run bench: run.ts, on a leash.
import { join } from 'node:path';
import { runLeashed } from './lib/leashed.ts';

process.exitCode = await runLeashed([
  join(import.meta.dirname, 'run.ts'),
  ...process.argv.slice(2),
]);
