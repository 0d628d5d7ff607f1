// What Rekey is measured beside, installed on first use: the product's own packages stay lean.
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BENCH = join(import.meta.dirname, '..');
const LOCK = join(BENCH, 'package-lock.json');
/** The lock as it was when node_modules was filled; npm ci takes it away with the rest. */
const INSTALLED = join(BENCH, 'node_modules/.installed-lock.json');

/** Does nothing when what is there is what the lock wants. */
export async function installPeers(): Promise<void> {
  if (existsSync(INSTALLED) && readFileSync(INSTALLED).equals(readFileSync(LOCK))) return;
  // None of them has a script that it needs.
  await promisify(execFile)('npm', ['ci', '--ignore-scripts'], { cwd: BENCH });
  copyFileSync(LOCK, INSTALLED);
}
