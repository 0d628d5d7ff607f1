// npm run mutation [-- 'src/core/password/*.ts' …]: tries the tests on a core that is wrong at one place after the other.
// Installs on first use.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const STRYKER = resolve(import.meta.dirname, 'node_modules/@stryker-mutator/core/bin/stryker.js');

function run(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(STRYKER)) run('npm', ['ci'], import.meta.dirname);
const given = process.argv.slice(2);
const only = given.length === 0 ? [] : ['--mutate', given.join(',')];
const config = resolve(import.meta.dirname, 'stryker.config.json');
run(process.execPath, [STRYKER, 'run', config, ...only], resolve(import.meta.dirname, '..'));
