// A gRPC bridge before a fake Worker, with a client by hand; all of it ends with the test.
import { expect, onTestFinished } from 'vitest';
import {
  type BridgeLimits,
  type BridgeOptions,
  type GrpcBridge,
  startGrpcBridge,
} from '../../src/node/grpc-bridge.ts';
import { type GrpcClient, openGrpcClient } from './grpc-client.ts';
import { until } from './instance.ts';
import { echo, type FakeWorker, frame, startFakeWorker } from './upstream.ts';

export interface Rig {
  readonly worker: FakeWorker;
  readonly bridge: GrpcBridge;
  readonly client: GrpcClient;
}

export async function startRig(limits: Partial<BridgeLimits> = {}): Promise<Rig> {
  const worker = await startFakeWorker();
  onTestFinished(worker.stop);
  const bridge = await startBridge({ upstream: worker.url, limits });
  return { worker, bridge, client: openClient(bridge.url) };
}

export async function startBridge(options: Omit<BridgeOptions, 'port'>): Promise<GrpcBridge> {
  const limits = { stopMs: 500, ...options.limits };
  const bridge = await startGrpcBridge({ ...options, limits, port: 0 });
  onTestFinished(bridge.stop);
  return bridge;
}

export function openClient(url: string): GrpcClient {
  // More than the client of Node would send by itself.
  const client = openGrpcClient(url, { maxSendHeaderBlockLength: 1_000_000 });
  onTestFinished(client.close);
  return client;
}

export const MESSAGE = frame('a message');

/** For what should come at once, on a machine that is busy. */
export const LIMIT_MS = 10_000;

/** A Worker that holds its answers back until it is let go. */
export function hold(worker: FakeWorker): { readonly release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.answer = async (response, received) => {
    await promise;
    await echo(response, received);
  };
  return { release: resolve };
}

/** For a client that was not there before. */
export async function expectToWork({ worker, bridge }: Rig): Promise<void> {
  worker.answer = echo;
  const answer = await openClient(bridge.url).call(MESSAGE);
  expect(answer).toMatchObject({ status: '0', body: MESSAGE });
}

/** To be called before a rig is made: looks once all of it has ended, at the client, the bridge and the fake Worker. */
export function expectNoSocketLeft(): void {
  const before = countSockets();
  onTestFinished(() => until('no socket left', () => countSockets() <= before, LIMIT_MS));
}

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
}
