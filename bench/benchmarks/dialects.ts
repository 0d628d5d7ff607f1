// What each dialect and transport costs over the leanest: the same change by the current password, with the hash taken out.
import { wrapProduct } from '../lib/bundle.ts';
import { changeOverRest, changeOverVba, changeOverZap, pick } from '../lib/calls.ts';
import type { Call } from '../lib/load.ts';
import { type Rekey, startRekey, type User } from '../lib/rekey.ts';
import type { Benchmark, Measure } from '../lib/result.ts';
import {
  noteSpoiled,
  type Rounds,
  runRounds,
  type Side,
  spreadOf,
  spreadOver,
} from '../lib/rounds.ts';
import { changeOverConnect, changeOverConnectJson, changeOverGrpcWeb } from '../lib/rpc-calls.ts';
import { fetchIdToken, fetchToken } from '../lib/tokens.ts';

const ROUNDS = 5;
const PORTIONS = 5;
const REQUESTS = 120;

/** As a reader finds them. */
const NAMES = {
  vba: 'VBA',
  zap: 'ZAP',
  rest: 'ZITADEL, REST',
  connectJson: 'ZITADEL, Connect JSON',
  connect: 'ZITADEL, Connect binary',
  grpcWeb: 'ZITADEL, gRPC-Web',
} as const;

type Name = keyof typeof NAMES;

const ALL = Object.keys(NAMES) as Name[];

export const dialects: Benchmark = {
  name: 'dialects',
  title: 'The same change by each dialect, without the hash',
  run: async (progress) => {
    const bundle = await wrapProduct('unhashed.js');
    const rekey = await startRekey({ bundle, users: ALL.length, apiKeys: 60 });
    try {
      const sides = await makeSides(rekey);
      const onRound = (done: number) => progress(`${done}/${ROUNDS}`);
      const rounds = await runRounds(sides, { rounds: ROUNDS, portions: PORTIONS, onRound });
      return { measures: measure(rounds), series: {}, notes: noteSpoiled(rounds) };
    } finally {
      await rekey.stop();
    }
  },
};

async function makeSides(rekey: Rekey): Promise<Record<Name, Side>> {
  const { url, pid, tenant } = rekey;
  // A change ends the sessions of its user: an administrator's goes on.
  const idToken = await fetchIdToken(rekey, tenant.admin);
  const token = await fetchToken(rekey, tenant.admin);
  const change: Record<Name, (index: number, user: User) => Call> = {
    vba: (index, user) => changeOverVba(tenant, index, idToken, user),
    zap: (_, user) => changeOverZap(tenant, token, user),
    rest: (_, user) => changeOverRest(tenant, user),
    connectJson: (_, user) => changeOverConnectJson(tenant, user),
    connect: (_, user) => changeOverConnect(tenant, user),
    grpcWeb: (_, user) => changeOverGrpcWeb(tenant, user),
  };
  const makeSide = (name: Name, position: number): Side => {
    const user = pick(tenant.users, position);
    const makeCall = (index: number) => change[name](index, user);
    const options = { url, connections: 1, requests: REQUESTS, status: 200, makeCall };
    // Its errors have the status of success.
    const load = name === 'grpcWeb' ? { ...options, onAnswer: requireOk } : options;
    return { pid, load };
  };
  return Object.fromEntries(
    ALL.map((name, position) => [name, makeSide(name, position)]),
  ) as Record<Name, Side>;
}

function requireOk(body: string): void {
  if (!/grpc-status: ?0\b/.test(body)) throw new Error('gRPC-Web refused the change');
}

function measure(rounds: Rounds<Name>): Measure[] {
  const timeOf = (name: Name) => spreadOf(rounds, name, ({ p50 }) => p50);
  const [leanest = 'rest'] = ALL.toSorted((a, b) => timeOf(a).median - timeOf(b).median);
  const report = (name: string, unit: Measure['unit'], value: Measure['value']): Measure => ({
    name,
    unit,
    value,
    goal: null,
  });
  return ALL.flatMap((name) => [
    report(
      `${NAMES[name]}, p50 over ${NAMES[leanest]}`,
      'ratio',
      spreadOver(rounds, name, leanest, ({ p50 }) => p50),
    ),
    report(`${NAMES[name]}, p50`, 'ms', timeOf(name)),
    report(
      `${NAMES[name]}, CPU of the server`,
      'ms',
      spreadOf(rounds, name, ({ cpuPerRequest }) => cpuPerRequest),
    ),
  ]);
}
