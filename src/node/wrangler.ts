// Runs wrangler: never through npx, with nothing to ask and nobody to report to, and never left behind.
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { WRANGLER_CONFIG } from './environment.ts';
import { Refusal } from './refusal.ts';
import { REPOSITORY, type State } from './state.ts';

const WRANGLER = join(REPOSITORY, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
const LEASH = fileURLToPath(import.meta.resolve('./leash.ts'));

/** How long the members of a group may outlive its leader before they are killed. */
const SWEEP_MS = 1000;
const POLL_MS = 50;

const ERROR_MARK = '[ERROR]';
/** The message of a failed build, and its place in the code. */
const HEADED_LINES = 2;

export interface Command {
  /** Its exit code, once its last process is gone. */
  readonly ended: Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Appends what it prints to the log. Stops when `signal` says so, or when this process dies. */
export function runWrangler(args: readonly string[], state: State, signal: AbortSignal): Command {
  const log = openSync(state.log, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
  const scope = ['--config', WRANGLER_CONFIG, '--persist-to', state.databases];
  const leash = spawn(process.execPath, [LEASH, WRANGLER, ...args, ...scope], {
    cwd: REPOSITORY,
    env: makeEnvironment(state),
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  leash.stdin?.on('error', () => {});
  const stop = () => leash.stdin?.end();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const ended = new Promise<number>((resolve) => {
    leash.on('error', () => resolve(1));
    leash.on('exit', (code) => resolve(code ?? 1));
  }).then(async (code) => {
    signal.removeEventListener('abort', stop);
    if (leash.pid !== undefined) await sweepGroup(leash.pid);
    return code;
  });
  return {
    ended,
    stop: async () => {
      stop();
      await ended;
    },
  };
}

/** @throws Refusal that says why wrangler ended, as far as its log tells, and where that is. */
export function refuseEnded(what: string, state: State): never {
  const cause = readCause(state);
  throw new Refusal(`${what}${cause === null ? '' : `: ${cause}`} (log: ${state.log})`);
}

export function readCause(state: State): string | null {
  return findCause(readFileSync(state.log, 'utf8'));
}

/** The first error of wrangler's output, on one line; null when it has none. A heading takes what it heads along. */
export function findCause(log: string): string | null {
  const lines = stripVTControlCharacters(log)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const first = lines.findIndex((line) => line.includes(ERROR_MARK));
  if (first < 0) return null;
  const heading = lines.slice(first, first + 1 + HEADED_LINES).map(stripMark);
  return heading[0]?.endsWith(':') ? heading.join(' ').replace(/:$/, '') : (heading[0] ?? null);
}

function stripMark(line: string): string {
  return (line.split(ERROR_MARK).at(-1) ?? line).trim();
}

function makeEnvironment(state: State): NodeJS.ProcessEnv {
  const { CLOUDFLARE_ENV: _, ...inherited } = process.env;
  return {
    ...inherited,
    CI: '1',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_WRITE_LOGS: 'false',
    WRANGLER_REGISTRY_PATH: join(state.folder, 'registry'),
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    // The secrets come from our file, and from nothing else that happens to be set.
    CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'true',
    CLOUDFLARE_INCLUDE_PROCESS_ENV: 'false',
  };
}

async function sweepGroup(group: number): Promise<void> {
  for (let waited = 0; waited < SWEEP_MS; waited += POLL_MS) {
    if (!signalGroup(group, 0)) return;
    await wait(POLL_MS);
  }
  signalGroup(group, 'SIGKILL');
}

/** Whether there was anyone to hear it. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
