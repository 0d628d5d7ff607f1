// Bare workerd, with nothing around it: for routes that need no D1. Its databases are there by name alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import workerd from 'workerd';
import type { Bundle } from './bundle.ts';

const COMPATIBILITY_DATE = '2026-10-01';
const START_LIMIT_MS = 20_000;

export interface Server {
  readonly url: string;
  /** The root of its processes. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface WorkerdOptions {
  readonly bundle: Bundle;
  readonly texts?: Readonly<Record<string, string>>;
  /** Bindings that are there and do nothing. */
  readonly stubs?: readonly string[];
  /** Asked for until it is answered. */
  readonly path: string;
}

/** @returns the server, and the milliseconds from its start to its first answer. */
export async function startWorkerd(
  options: WorkerdOptions,
): Promise<Server & { readonly started: number }> {
  const port = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'rekey-workerd-'));
  const config = join(folder, 'config.capnp');
  writeFileSync(config, writeConfig(options, port));
  const startedAt = performance.now();
  const child = spawn(workerd.default, ['serve', '--import-path=/', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitForAnswer(`${url}${options.path}`, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  const started = performance.now() - startedAt;
  if (child.pid === undefined) throw new Error('workerd has no process id');
  return { url, pid: child.pid, stop, started };
}

/** Polled without a pause: the time to the first answer is measured by it. */
async function waitForAnswer(url: string, isDead: () => boolean): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && !isDead()) {
    const answer = await fetch(url).catch(() => null);
    if (answer !== null) {
      await answer.arrayBuffer();
      if (answer.ok) return;
      throw new Error(`${url} was answered ${answer.status}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error('workerd did not start to answer');
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** See workerd.capnp of the package: `embed` takes absolute paths below an import path. */
function writeConfig({ bundle, texts = {}, stubs = [] }: WorkerdOptions, port: number): string {
  const modules = bundle.map(
    ({ name, kind, path }) => `(name = ${quote(name)}, ${kind} = embed ${quote(path)})`,
  );
  const bindings = [
    ...Object.entries(texts).map(
      ([name, text]) => `(name = ${quote(name)}, text = ${quote(text)})`,
    ),
    ...stubs.map((name) => `(name = ${quote(name)}, service = "stub")`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .mainWorker),
    (name = "stub", worker = .stubWorker),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const mainWorker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [${modules.join(', ')}],
  bindings = [${bindings.join(', ')}],
);
const stubWorker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [(name = "stub.js", esModule = "export default {}")],
);
`;
}

/** Cap'n Proto takes the escapes of C, which those of JSON are as far as our texts go. */
function quote(text: string): string {
  return JSON.stringify(text);
}
