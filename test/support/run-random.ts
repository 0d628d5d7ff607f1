// npm run fuzz -- [--minutes 10] [--seed 1], npm run model -- [--runs 500] [--seed 1] [--path 3:1]: the random tests
// by hand, for longer than a suite may take. A seed is drawn when none is given.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(randomInt(2 ** 31 - 1)) },
    path: { type: 'string', default: '' },
  },
});
const [kind] = positionals;
const { minutes, runs, seed, path } = values;
const files = kind === 'fuzz' ? ['test/fuzz', 'test/node/grpc-fuzz'] : ['test/model'];
console.log(`seed ${seed}`);
const vitest = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const run = spawn(process.execPath, [vitest, 'run', ...files], {
  stdio: 'inherit',
  env: {
    ...process.env,
    FC_SEED: seed,
    FC_RUNS: runs,
    FC_PATH: path,
    FUZZ_MINUTES: kind === 'fuzz' ? minutes : '0',
  },
});
run.on('close', (code) => {
  process.exitCode = code ?? 1;
});
