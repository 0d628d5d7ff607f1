// A peer in a process of its own, from its start to its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Server } from '../workerd.ts';

const START_LIMIT_MS = 20_000;

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** It runs there. */
  readonly folder: string;
  /** Beside the path to look for programs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Its address, in what it has printed so far; null: not yet. */
  readonly findUrl: (output: string) => string | null;
  readonly isAnswered: (url: string) => Promise<boolean>;
}

export interface StartedServer extends Server {
  /** Milliseconds from its start to its first answer. */
  readonly started: number;
}

export async function startProcess(options: ProcessOptions): Promise<StartedServer> {
  const startedAt = performance.now();
  const child = spawn(options.command, options.args, {
    cwd: options.folder,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const deadline = Date.now() + START_LIMIT_MS;
  // Polled without a pause: the time to the first answer is measured by it.
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const url = options.findUrl(output);
    if (url !== null && child.pid !== undefined && (await options.isAnswered(url))) {
      return { url, pid: child.pid, stop, started: performance.now() - startedAt };
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await stop();
  throw new Error(`${options.command} did not start to answer: ${output.slice(-500)}`);
}

/** For the servers of bench/peers/, which say it in JSON. */
export function findPrintedUrl(output: string): string | null {
  return /\{"url":"([^"]+)"\}/.exec(output)?.[1] ?? null;
}

export async function isAnsweredOk(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.ok === true;
}
