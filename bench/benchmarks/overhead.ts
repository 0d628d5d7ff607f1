// What a sign-in and a change cost beside their hashes: over the raw hash, and with the hash taken out over an empty route
// and as many plain reads of D1 as they make trips.
import { BARE_PATH, OVERHEAD } from '../goals.ts';
import { askFor } from '../lib/ask.ts';
import { startBaseline } from '../lib/baseline.ts';
import { wrapProduct } from '../lib/bundle.ts';
import {
  changeOverRest,
  get,
  LINKS,
  pick,
  rawHash,
  rawHashBetween,
  readBatches,
  signIn,
} from '../lib/calls.ts';
import type { Call, LoadOptions } from '../lib/load.ts';
import { type Rekey, startRekey } from '../lib/rekey.ts';
import type { Benchmark, Measure, Progress } from '../lib/result.ts';
import {
  noteSpoiled,
  type Round,
  type Rounds,
  runRounds,
  type Side,
  spreadOf,
  spreadRatios,
} from '../lib/rounds.ts';
import type { Server } from '../lib/workerd.ts';

const ROUNDS = 5;
/** Of those that hash, each by itself in turn; of those that do not, some tens at once. */
const PORTIONS = 10;
/** Requests a round: some of 70 and 140 ms, and many of one. */
const HASHES = 10;
const QUICK = 200;
/** Of Rekey to D1, at a sign-in and at a change. */
const TRIPS = 2;

type Hashed = 'hash' | 'twoHashes' | 'hashBetween' | 'twoBetween' | 'signIn' | 'change';
/** How many statements each trip has: `4-6`. */
type Sizes = Readonly<Record<'signIn' | 'change', string>>;
type Bare = 'empty' | 'read' | 'signIn' | 'change' | 'signInReads' | 'changeReads';

export const overhead: Benchmark = {
  name: 'overhead',
  title: 'Overhead over the raw hash',
  run: async (progress) => {
    const sizes = await countStatements();
    const hashed = await runHashed(sizes, progress);
    const bare = await runBare(sizes, progress);
    return {
      measures: [...measureHashed(hashed), ...measureBare(bare)],
      series: { stack: [stack(hashed, bare, 'signIn'), stack(hashed, bare, 'change')] },
      notes: [...noteSpoiled(hashed), ...noteSpoiled(bare)],
    };
  },
};

/** All in one process: see bench/baseline/hashing.js. */
async function runHashed(sizes: Sizes, progress: Progress): Promise<Rounds<Hashed>> {
  const bundle = await wrapProduct('hashing.js');
  const rekey = await startRekey({ bundle, users: 2, apiKeys: 4 });
  const sideOf = (call: Call): Side => ({
    pid: rekey.pid,
    load: { url: rekey.url, connections: 1, requests: HASHES, status: 200, makeCall: () => call },
  });
  try {
    const { signIn: signsIn, change } = rekeySides(rekey, HASHES);
    // Each beside the hashes that it is held against.
    const sides = {
      hashBetween: sideOf(rawHashBetween(sizes.signIn, LINKS)),
      signIn: signsIn,
      hash: sideOf(rawHash(LINKS)),
      twoHashes: sideOf(rawHash(2 * LINKS)),
      change,
      twoBetween: sideOf(rawHashBetween(sizes.change, 2 * LINKS)),
    };
    const onRound = (n: number) => progress(`${n}/${ROUNDS}`);
    return await runRounds(sides, { rounds: ROUNDS, portions: PORTIONS, onRound });
  } finally {
    await rekey.stop();
  }
}

/** One round of PBKDF2 instead of 600,000, and all else as in production. */
async function runBare(sizes: Sizes, progress: Progress): Promise<Rounds<Bare>> {
  const baseline = await startBaseline();
  const rekey = await startRekey({
    bundle: await wrapProduct('unhashed.js'),
    users: 2,
    apiKeys: 60,
  });
  try {
    const sides = {
      empty: readSide(baseline, '/empty', QUICK),
      read: readSide(baseline, '/read', QUICK),
      signInReads: readSide(baseline, `/batches/${sizes.signIn}`, QUICK),
      changeReads: readSide(baseline, `/batches/${sizes.change}`, QUICK),
      ...rekeySides(rekey, QUICK),
    };
    return await runRounds(sides, {
      rounds: ROUNDS,
      portions: PORTIONS,
      onRound: (n) => progress(`without the hash ${n}/${ROUNDS}`),
    });
  } finally {
    await Promise.all([baseline.stop(), rekey.stop()]);
  }
}

interface Batch {
  readonly statements: number;
}

async function countStatements(): Promise<Sizes> {
  const bundle = await wrapProduct('counted.js', 'unhashed.js');
  const { url, tenant, stop } = await startRekey({ bundle, users: 1, apiKeys: 1 });
  const user = pick(tenant.users, 0);
  const readSizes = async () => {
    const batches = JSON.parse((await askFor(200, url, readBatches())).body) as Batch[];
    return batches.map(({ statements }) => statements).join('-');
  };
  try {
    await readSizes();
    await askFor(200, url, signIn(tenant, 0, user));
    const sizes = await readSizes();
    await askFor(200, url, changeOverRest(tenant, user));
    return { signIn: sizes, change: await readSizes() };
  } finally {
    await stop();
  }
}

function readSide({ url, pid }: Server, path: string, requests: number): Side {
  return { pid, load: { url, connections: 1, requests, status: 200, makeCall: () => get(path) } };
}

function rekeySides(
  { url, pid, tenant }: Rekey,
  requests: number,
): Record<'signIn' | 'change', Side> {
  const [reader, changer] = [pick(tenant.users, 0), pick(tenant.users, 1)];
  const options: Omit<LoadOptions, 'makeCall'> = { url, connections: 1, requests, status: 200 };
  return {
    signIn: { pid, load: { ...options, makeCall: (index) => signIn(tenant, index, reader) } },
    change: { pid, load: { ...options, makeCall: () => changeOverRest(tenant, changer) } },
  };
}

function measureHashed(rounds: Rounds<Hashed>): Measure[] {
  const over = (name: Hashed, hash: Hashed) => (round: Round<Hashed>) =>
    (round[name].p50 - round[hash].p50) / round[hash].p50;
  const timeOf = (name: Hashed) => spreadOf(rounds, name, ({ p50 }) => p50);
  const processorOf = (name: Hashed) =>
    spreadOf(rounds, name, ({ cpuPerRequest }) => cpuPerRequest);
  return [
    {
      name: 'sign-in over the raw hash, p50',
      unit: 'share',
      value: spreadRatios(rounds, over('signIn', 'hash')),
      goal: OVERHEAD.signIn,
    },
    {
      name: 'change over two raw hashes, p50',
      unit: 'share',
      value: spreadRatios(rounds, over('change', 'twoHashes')),
      goal: OVERHEAD.change,
    },
    {
      name: 'the raw hash between two trips of as many reads as a sign-in has statements, over the raw hash, p50',
      unit: 'share',
      value: spreadRatios(rounds, over('hashBetween', 'hash')),
      goal: null,
    },
    {
      name: 'two raw hashes between two trips of as many reads as a change has statements, over two raw hashes, p50',
      unit: 'share',
      value: spreadRatios(rounds, over('twoBetween', 'twoHashes')),
      goal: null,
    },
    { name: 'raw hash, p50', unit: 'ms', value: timeOf('hash'), goal: null },
    { name: 'sign-in, p50', unit: 'ms', value: timeOf('signIn'), goal: null },
    { name: 'change, p50', unit: 'ms', value: timeOf('change'), goal: null },
    { name: 'sign-in, CPU of the server', unit: 'ms', value: processorOf('signIn'), goal: null },
    { name: 'change, CPU of the server', unit: 'ms', value: processorOf('change'), goal: null },
  ];
}

function measureBare(rounds: Rounds<Bare>): Measure[] {
  const ratio = (name: Bare) => (round: Round<Bare>) => round[name].p50 / floorOf(round);
  const timeOf = (name: Bare) => spreadOf(rounds, name, ({ p50 }) => p50);
  const goal = BARE_PATH;
  const names: readonly ['signIn' | 'change', string][] = [
    ['signIn', 'sign-in'],
    ['change', 'change'],
  ];
  return [
    ...names.map(([name, told]) => ({
      name: `${told} without the hash, over the empty route and ${TRIPS} reads of D1, p50`,
      unit: 'ratio' as const,
      value: spreadRatios(rounds, ratio(name)),
      goal,
    })),
    ...names.map(([name, told]) => ({
      name: `${told} without the hash, p50`,
      unit: 'ms' as const,
      value: timeOf(name),
      goal: null,
    })),
    ...names.map(([name, told]) => ({
      name: `${told} without the hash, over as many reads of D1 in as many trips as it has statements, p50`,
      unit: 'ratio' as const,
      value: spreadRatios(rounds, (round) => round[name].p50 / round[`${name}Reads`].p50),
      goal: null,
    })),
    { name: 'empty route on miniflare, p50', unit: 'ms', value: timeOf('empty'), goal: null },
    { name: 'one read of D1, p50', unit: 'ms', value: timeOf('read'), goal: null },
  ];
}

/** What the same request would take that did nothing but its trips. Milliseconds. */
function floorOf({ empty, read }: Round<Bare>): number {
  return empty.p50 + TRIPS * (read.p50 - empty.p50);
}

/** Milliseconds of a request by what they are spent on. */
function stack(hashed: Rounds<Hashed>, bare: Rounds<Bare>, name: 'signIn' | 'change') {
  const hash = spreadOf(hashed, name === 'signIn' ? 'hash' : 'twoHashes', ({ p50 }) => p50).median;
  const whole = spreadOf(hashed, name, ({ p50 }) => p50).median;
  const d1 = spreadRatios(bare, ({ empty, read }) => TRIPS * (read.p50 - empty.p50)).median;
  return { name, hash, d1, rest: Math.max(0, whole - hash - d1) };
}
