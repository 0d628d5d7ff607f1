// The Worker under wrangler dev on 127.0.0.1, from a port that is free to an answer of /healthz.
import { createServer } from 'node:net';
import { Refusal } from './refusal.ts';
import type { State } from './state.ts';
import { type Command, readCause, refuseEnded, runWrangler, wait } from './wrangler.ts';

const ADDRESS = '127.0.0.1';
const DEFAULT_PORT = 8787;
/** The gRPC bridge takes the next one. */
const MAX_PORT = 65_534;

const START_LIMIT_MS = 120_000;
const ERROR_LIMIT_MS = 3000;
const ANSWER_LIMIT_MS = 5000;
const POLL_MS = 100;

export function readPort(text: string | undefined): number {
  const port = text === undefined || text === '' ? DEFAULT_PORT : Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return port;
  throw new Refusal(
    `PORT must be a number from 1 to ${MAX_PORT}: the gRPC bridge takes the port that follows`,
  );
}

/** As an issuer is written, which port 80 is no part of. */
export function nameUrl(port: number): string {
  return new URL(`http://${ADDRESS}:${port}`).origin;
}

/** @throws Refusal when nothing of ours could listen there. */
export async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  const fault = await new Promise<string | null>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: ADDRESS, port, exclusive: true }, () => resolve(null));
  });
  if (fault === null) {
    await new Promise((resolve) => server.close(resolve));
    return;
  }
  const problem =
    fault === 'EADDRINUSE' ? 'is in use: stop what listens there' : `cannot be used (${fault})`;
  throw new Refusal(
    `Port ${port} ${problem}, or choose two others that follow each other: PORT=9000 npm start`,
  );
}

/**
 * `signal` stops the start alone: whoever has a Worker that answers stops what leans on it first, and then the Worker.
 * @throws Refusal when it dies, or does not answer in time.
 */
export async function startWorker(
  state: State,
  port: number,
  signal: AbortSignal,
): Promise<Command> {
  const starting = new AbortController();
  const abort = () => starting.abort();
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await runUntilHealthy(state, port, starting.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function runUntilHealthy(state: State, port: number, signal: AbortSignal): Promise<Command> {
  const serve = ['dev', '--local', '--ip', ADDRESS, '--port', String(port)];
  // Any free port: two instances would meet on a fixed one.
  const inspector = ['--inspector-port', '0', '--show-interactive-dev-session=false'];
  const variables = ['--env-file', state.secrets, '--var', `ISSUER:${nameUrl(port)}`];
  const worker = runWrangler([...serve, ...inspector, ...variables], state, signal);
  let dead = false;
  worker.ended.then(() => {
    dead = true;
  });
  let deadline = Date.now() + START_LIMIT_MS;
  while (!(await isHealthy(port, signal))) {
    if (signal.aborted) await worker.ended;
    signal.throwIfAborted();
    if (dead) refuseEnded('wrangler could not start the Worker', state);
    // After a failed build wrangler waits for the code to change.
    if (readCause(state) !== null) deadline = Math.min(deadline, Date.now() + ERROR_LIMIT_MS);
    if (Date.now() > deadline) {
      await worker.stop();
      refuseEnded('The Worker did not start to answer', state);
    }
    await wait(POLL_MS);
  }
  return worker;
}

async function isHealthy(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    return (await fetch(`${nameUrl(port)}/healthz`, { signal: limit })).ok;
  } catch {
    return false;
  }
}
