// npm start: secrets, tables, the Worker, the gRPC bridge before it, a demo, and the calls to try them with. Until it is
// told to stop.
import { rmSync } from 'node:fs';
import { writeCalls } from './calls.ts';
import { makeGuests, prepareDemo } from './demo.ts';
import { prepareEnvironment } from './environment.ts';
import { startGrpcBridge } from './grpc-bridge.ts';
import { openOperator } from './operator.ts';
import { reportError } from './refusal.ts';
import { claimState, refuseWhileRunning, releaseState } from './running.ts';
import { startSchedule } from './schedule.ts';
import { applySchema } from './schema.ts';
import { findState, type State } from './state.ts';
import { nameUrl, readPort, requireFreePort, startWorker } from './worker.ts';
import { refuseEnded } from './wrangler.ts';

const PARENT_POLL_MS = 500;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => stopping.abort());
}
// A terminal that is gone must not end us before what we started is ended.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

// npm that is told to end ends the shell between us, and leaves us to ourselves.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] !== undefined) {
  setInterval(() => {
    if (process.ppid !== parent) stopping.abort();
  }, PARENT_POLL_MS);
}

let exitCode = 0;
try {
  await start(stopping.signal);
} catch (error) {
  if (!stopping.signal.aborted) {
    reportError(error);
    exitCode = 1;
  }
}
// Kept-alive connections would hold the process for a while.
process.exit(exitCode);

async function start(signal: AbortSignal): Promise<void> {
  const port = readPort(process.env['PORT']);
  const url = nameUrl(port);
  const state = findState();
  // First: another port would not help, though the instance that runs has this one.
  refuseWhileRunning(state);
  await requireFreePort(port);
  await requireFreePort(port + 1);
  claimState(state, url);
  try {
    await serve(state, port, url, signal);
  } finally {
    releaseState(state);
  }
}

async function serve(state: State, port: number, url: string, signal: AbortSignal): Promise<void> {
  const { adminKey, bindings, sendsEmail } = await prepareEnvironment(state, url);
  rmSync(state.log, { force: true });
  await applySchema(state, bindings, signal);
  console.log('Starting the Worker ...');
  const worker = await startWorker(state, port, signal);
  try {
    const bridge = await startGrpcBridge({ upstream: new URL(url), port: port + 1 });
    const schedule = startSchedule(url);
    try {
      const operator = openOperator(url, adminKey, signal);
      const place = { url, grpcUrl: bridge.url, adminKey };
      const demo = await prepareDemo(operator, state, place, sendsEmail);
      const calls = writeCalls(demo, await makeGuests(operator, demo.tenants));
      console.log(`\n${calls}\n`);
      console.log(
        `Ready: ${url}, gRPC on ${bridge.url} (demo data: ${state.demo}, log: ${state.log}). Ctrl-C stops it.`,
      );
      await Promise.race([worker.ended, whenAborted(signal)]);
      if (!signal.aborted) refuseEnded('wrangler ended', state);
    } finally {
      schedule.stop();
      await bridge.stop();
    }
  } finally {
    await worker.stop();
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
