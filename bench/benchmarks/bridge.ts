// What the gRPC bridge costs a call: the same change over gRPC through it, and over gRPC-Web straight to the Worker, by
// clients of one family, with the hash taken out.
import { performance } from 'node:perf_hooks';
import { createClient, type Transport } from '@connectrpc/connect';
import { createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { startBridge } from '../lib/bridge.ts';
import { wrapProduct } from '../lib/bundle.ts';
import { bearer, pick } from '../lib/calls.ts';
import type { Load } from '../lib/load.ts';
import { type Rekey, startRekey, type User } from '../lib/rekey.ts';
import type { Benchmark, Measure, Progress } from '../lib/result.ts';
import {
  noteSpoiled,
  type Rounds,
  runRounds,
  spreadOf,
  spreadOver,
  spreadRatios,
} from '../lib/rounds.ts';
import { describeChange } from '../lib/rpc-calls.ts';
import type { Server } from '../lib/workerd.ts';

const ROUNDS = 5;
const PORTIONS = 5;
const CALLS = 60;

type Name = 'direct' | 'bridged';

export const bridge: Benchmark = {
  name: 'bridge',
  title: 'The gRPC bridge over direct gRPC-Web, without the hash',
  run: async (progress) => {
    const rekey = await startRekey({
      bundle: await wrapProduct('unhashed.js'),
      users: 2,
      apiKeys: 1,
    });
    try {
      const bridged = await startBridge(rekey.url);
      const rounds = await runBoth(rekey, bridged, progress).finally(bridged.stop);
      return { measures: measure(rounds), series: {}, notes: noteSpoiled(rounds) };
    } finally {
      await rekey.stop();
    }
  },
};

/** Of the bridged side the processor time is the bridge's own. */
function runBoth(rekey: Rekey, bridged: Server, progress: Progress): Promise<Rounds<Name>> {
  const { url, pid, tenant } = rekey;
  const direct = createGrpcWebTransport({ baseUrl: url, httpVersion: '1.1' });
  const native = createGrpcTransport({ baseUrl: bridged.url });
  const change = (transport: Transport, position: number) => () =>
    changeInTurn(transport, tenant.serviceToken, pick(tenant.users, position));
  const sides = {
    direct: { pid, load: change(direct, 0) },
    bridged: { pid: bridged.pid, load: change(native, 1) },
  };
  const onRound = (done: number) => progress(`${done}/${ROUNDS}`);
  return runRounds(sides, { rounds: ROUNDS, portions: PORTIONS, onRound });
}

/** One call after the other: what the client does in between is not counted as latency. */
async function changeInTurn(transport: Transport, token: string, user: User): Promise<Load> {
  const client = createClient(UserService, transport);
  const latencies: number[] = [];
  const startedAt = performance.now();
  while (latencies.length < CALLS) {
    const request = describeChange(user);
    const calledAt = performance.now();
    await client.setPassword(request, { headers: bearer(token) });
    latencies.push(performance.now() - calledAt);
  }
  return { latencies, seconds: (performance.now() - startedAt) / 1000 };
}

function measure(rounds: Rounds<Name>): Measure[] {
  const report = (name: string, unit: Measure['unit'], value: Measure['value']): Measure => ({
    name,
    unit,
    value,
    goal: null,
  });
  const timeOf = (name: Name) => spreadOf(rounds, name, ({ p50 }) => p50);
  return [
    report(
      'what the bridge adds to a call, p50',
      'ms',
      spreadRatios(rounds, ({ direct, bridged }) => bridged.p50 - direct.p50),
    ),
    report(
      'gRPC through the bridge over direct gRPC-Web, p50',
      'ratio',
      spreadOver(rounds, 'bridged', 'direct', ({ p50 }) => p50),
    ),
    report('gRPC through the bridge, p50', 'ms', timeOf('bridged')),
    report('direct gRPC-Web, p50', 'ms', timeOf('direct')),
    report(
      'CPU of the bridge a call',
      'ms',
      spreadOf(rounds, 'bridged', ({ cpuPerRequest }) => cpuPerRequest),
    ),
  ];
}
