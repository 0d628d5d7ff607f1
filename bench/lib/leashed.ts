// Runs a command of Node so that nothing of it is left, however it ends: in a process group of its own, which goes when we
// do, and with a folder of its own for temporary files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './bundle.ts';

const LEASH = join(REPOSITORY, 'src/node/leash.ts');
const PARENT_POLL_MS = 500;

/** As a shell tells an end by Ctrl-C. */
export const INTERRUPTED = 130;

/** Nobody is asked, and nobody is told. */
const ENVIRONMENT = {
  CI: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_WRITE_LOGS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
};

/** @returns the exit code, once the last process is gone. */
export async function runLeashed(command: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-bench-'));
  const leash = spawn(process.execPath, [LEASH, ...command], {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, ...ENVIRONMENT, TMPDIR: folder },
  });
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    leash.stdin.end();
  };
  leash.stdin.on('error', () => {});
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  const poll = watchParent(stop);
  try {
    const [code] = (await once(leash, 'exit')) as [number | null];
    if (leash.pid !== undefined) killGroup(leash.pid);
    return isStopped ? INTERRUPTED : (code ?? 1);
  } finally {
    clearInterval(poll);
    for (const signal of signals) process.off(signal, stop);
    // What is being killed may still write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** npm that is told to end ends the shell between us, and leaves us to ourselves. */
function watchParent(stop: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) stop();
  }, PARENT_POLL_MS);
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody was left.
  }
}
