// How many sign-ins and changes a second one process carries under a crowd, of what the hash alone would let it carry.
import { pbkdf2Sync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { SATURATION } from '../goals.ts';
import { wrapProduct } from '../lib/bundle.ts';
import { changeOverRest, LINKS, pick, rawHash, signIn } from '../lib/calls.ts';
import { type LoadOptions, sendLoad } from '../lib/load.ts';
import { type Rekey, startRekey } from '../lib/rekey.ts';
import type { Benchmark, Findings, Measure, Progress } from '../lib/result.ts';
import { noteSpoiled, type Rounds, runRounds, spreadOf, spreadOver } from '../lib/rounds.ts';
import { median, spread } from '../lib/statistics.ts';

const ROUNDS = 5;
const CONNECTIONS = 8;
/** A round of each, in portions of some requests by each connection: of one alone nobody comes while others hash. */
const PORTIONS = 2;
const REQUESTS = PORTIONS * 3 * CONNECTIONS;
const ITERATIONS = 100_000;
const KEY_BYTES = 32;
/** In a round, each beside one of ours. */
const HASHES_OF_NODE = 3;
/** Of the plot. */
const CROWDS = [1, 2, 4, 8, 16] as const;
const FEWEST_REQUESTS = 12;

type Name = 'hash' | 'signIn' | 'change';
type Point = Readonly<Record<string, number>>;
type Crowd = (connections: number, requests: number) => LoadOptions;

export const saturation: Benchmark = {
  name: 'saturation',
  title: 'Saturation over the raw hash',
  run: async (progress) => {
    // The raw hash in the same process.
    const bundle = await wrapProduct('hashing.js');
    const rekey = await startRekey({ bundle, users: Math.max(CONNECTIONS, ...CROWDS), apiKeys: 4 });
    try {
      return await measureAll(rekey, progress);
    } finally {
      await rekey.stop();
    }
  },
};

async function measureAll(rekey: Rekey, progress: Progress): Promise<Findings> {
  const [hash, signIns, changes] = [crowdRaw(rekey), crowdSignIn(rekey), crowdChange(rekey)];
  // The hash in the middle, in time nearest to both.
  const sides = {
    signIn: { pid: rekey.pid, load: signIns(CONNECTIONS, REQUESTS) },
    hash: { pid: rekey.pid, load: hash(CONNECTIONS, REQUESTS) },
    change: { pid: rekey.pid, load: changes(CONNECTIONS, REQUESTS) },
  };
  const rounds = await runRounds<Name>(sides, {
    rounds: ROUNDS,
    portions: PORTIONS,
    onRound: (done) => progress(`${done}/${ROUNDS}`),
  });
  const overNode = await measureEngine(rekey, progress);
  const points: Point[] = [];
  for (const connections of CROWDS) {
    progress(`${connections} connections`);
    points.push({
      connections,
      ...(await measurePoint('hash', hash, connections)),
      ...(await measurePoint('signIn', signIns, connections)),
    });
  }
  return {
    measures: [...measureRounds(rounds), overNode],
    series: { connections: points },
    notes: noteSpoiled(rounds),
  };
}

function crowdRaw({ url }: Rekey): Crowd {
  const makeCall = () => rawHash(LINKS);
  return (connections, requests) => ({ url, connections, requests, status: 200, makeCall });
}

function crowdSignIn({ url, tenant }: Rekey): Crowd {
  const makeCall = (index: number, connection: number) =>
    signIn(tenant, index, pick(tenant.users, connection));
  return (connections, requests) => ({ url, connections, requests, status: 200, makeCall });
}

/** Each connection changes the password of a user of its own: of two changes of one user at once, one would lose. */
function crowdChange({ url, tenant }: Rekey): Crowd {
  const makeCall = (_: number, connection: number) =>
    changeOverRest(tenant, pick(tenant.users, connection));
  return (connections, requests) => ({ url, connections, requests, status: 200, makeCall });
}

async function measurePoint(name: string, crowd: Crowd, connections: number): Promise<Point> {
  const requests = Math.max(FEWEST_REQUESTS, 2 * connections);
  const { latencies, seconds } = await sendLoad(crowd(connections, requests));
  return { [`${name}PerSecond`]: latencies.length / seconds, [`${name}P50`]: median(latencies) };
}

/** Whether the chain is one: were a link left out, or made twice, the two would part. */
async function measureEngine(rekey: Rekey, progress: Progress): Promise<Measure> {
  progress("Node's PBKDF2");
  const ask = crowdRaw(rekey);
  const ratios: number[] = [];
  while (ratios.length < ROUNDS) {
    const times: number[] = [];
    while (times.length < HASHES_OF_NODE) times.push(timeNodeHash());
    const { latencies } = await sendLoad(ask(1, HASHES_OF_NODE));
    ratios.push(median(latencies) / median(times));
  }
  return {
    name: "the raw hash over as many rounds of PBKDF2 by Node's OpenSSL, p50",
    unit: 'ratio',
    value: spread(ratios),
    goal: null,
  };
}

/** In milliseconds. */
function timeNodeHash(): number {
  const startedAt = performance.now();
  pbkdf2Sync('seven calm otters', 'sixteen bytes so', LINKS * ITERATIONS, KEY_BYTES, 'sha256');
  return performance.now() - startedAt;
}

function measureRounds(rounds: Rounds<Name>): Measure[] {
  const over = (name: Name) => spreadOver(rounds, name, 'hash', ({ perSecond }) => perSecond);
  const names: readonly [Name, string][] = [
    ['hash', 'raw hash'],
    ['signIn', 'sign-in'],
    ['change', 'change'],
  ];
  return [
    {
      name: 'sign-ins a second, of raw hashes',
      unit: 'ratio',
      value: over('signIn'),
      goal: SATURATION.signIn,
    },
    {
      name: 'changes a second, of raw hashes',
      unit: 'ratio',
      value: over('change'),
      goal: SATURATION.change,
    },
    ...names.flatMap(([name, told]): Measure[] => [
      report(
        `${told}, a second`,
        '1/s',
        spreadOf(rounds, name, (sample) => sample.perSecond),
      ),
      report(
        `${told}, p50`,
        'ms',
        spreadOf(rounds, name, (sample) => sample.p50),
      ),
      report(
        `${told}, p99`,
        'ms',
        spreadOf(rounds, name, (sample) => sample.p99),
      ),
      report(
        `${told}, CPU of the server`,
        'ms',
        spreadOf(rounds, name, (sample) => sample.cpuPerRequest),
      ),
    ]),
  ];
}

function report(name: string, unit: Measure['unit'], value: Measure['value']): Measure {
  return { name: `${name}, ${CONNECTIONS} connections`, unit, value, goal: null };
}
