// Routes that hash nothing: what they cost over an empty one, and how long they wait while others hash in the same process.
import { CHEAP_ROUTE, LINKS_WAITED } from '../goals.ts';
import { askFor } from '../lib/ask.ts';
import { bundleBaseline, wrapProduct } from '../lib/bundle.ts';
import { get, pick, rawHash, signIn } from '../lib/calls.ts';
import type { Endless } from '../lib/load.ts';
import { type Rekey, startRekey, startRekeyBare } from '../lib/rekey.ts';
import type { Benchmark, Measure, Progress } from '../lib/result.ts';
import {
  noteSpoiled,
  type Round,
  type Rounds,
  runRounds,
  type Side,
  spreadOf,
  spreadOver,
  spreadRatios,
} from '../lib/rounds.ts';
import { type Server, startWorkerd } from '../lib/workerd.ts';

const HEALTH = '/healthz';
const KEYS = '/.well-known/jwks.json';

const ROUNDS = 5;
/** In which the sides take turns within a round. */
const PORTIONS = 10;
const CONNECTIONS = 16;
const REQUESTS = 8000;

/** Of the waits: each of the requests beside a hash waits for a link or two. */
const WAITS = 5;
const WAITING = 40;
const LINK_REQUESTS = 20;
/** How many connections sign in meanwhile. */
const CROWDS = { besideOne: 1, besideFour: 4 } as const;

type Cheap = 'empty' | 'told' | 'keys' | 'health';
type Crowd = keyof typeof CROWDS;
type Wait = 'link' | 'idle' | Crowd;

const ALL_CROWDS = Object.keys(CROWDS) as Crowd[];

export const cheapRoutes: Benchmark = {
  name: 'cheap-routes',
  title: 'JWKS and health over the empty route, and beside those who hash',
  run: async (progress) => {
    const raw = await startWorkerd({ bundle: await bundleBaseline(), path: '/empty' });
    try {
      await requireNoTrips();
      const cheap = await runCheap(raw, progress);
      const waits = await runWaits(progress);
      return {
        measures: [...measureCheap(cheap), ...measureWaits(waits)],
        series: {},
        notes: [...noteSpoiled(cheap), ...noteSpoiled(waits)],
      };
    } finally {
      await raw.stop();
    }
  },
};

/** Neither may ask the database anything: where there is none they would fail, and here they tell of none. */
async function requireNoTrips(): Promise<void> {
  const rekey = await startRekeyBare(undefined, { TIMING: 'on' });
  try {
    for (const path of [HEALTH, KEYS]) {
      const { trips } = await askFor(200, rekey.url, get(path));
      if (trips !== 0) throw new Error(`${path}: ${trips} trips to D1`);
    }
  } finally {
    await rekey.stop();
  }
}

async function runCheap(raw: Server, progress: Progress): Promise<Rounds<Cheap>> {
  const rekey = await startRekeyBare();
  const makeSide = (server: Server, path: string) =>
    readSide(server, path, { connections: CONNECTIONS, requests: REQUESTS });
  try {
    const sides = {
      empty: makeSide(raw, '/empty'),
      told: makeSide(raw, '/tell'),
      keys: makeSide(rekey, KEYS),
      health: makeSide(rekey, HEALTH),
    };
    const onRound = (done: number) => progress(`${done}/${ROUNDS}`);
    return await runRounds(sides, { rounds: ROUNDS, portions: PORTIONS, onRound });
  } finally {
    await rekey.stop();
  }
}

/** One process that both hashes and answers the cheap route. */
async function runWaits(progress: Progress): Promise<Rounds<Wait>> {
  const bundle = await wrapProduct('hashing.js');
  const rekey = await startRekey({ bundle, users: Math.max(...Object.values(CROWDS)), apiKeys: 4 });
  try {
    const health = readSide(rekey, HEALTH, { connections: 1, requests: WAITING });
    const beside = (crowd: Crowd): Side => ({ ...health, beside: crowdIn(rekey, CROWDS[crowd]) });
    const sides = {
      link: readSide(rekey, rawHash(1).path, { connections: 1, requests: LINK_REQUESTS }),
      idle: health,
      besideOne: beside('besideOne'),
      besideFour: beside('besideFour'),
    };
    const onRound = (done: number) => progress(`beside those who hash ${done}/${WAITS}`);
    return await runRounds(sides, { rounds: WAITS, onRound });
  } finally {
    await rekey.stop();
  }
}

function readSide(
  { url, pid }: Server,
  path: string,
  size: { readonly connections: number; readonly requests: number },
): Side {
  return { pid, load: { url, ...size, status: 200, makeCall: () => get(path) } };
}

function crowdIn({ url, tenant }: Rekey, connections: number): Endless {
  const makeCall = (index: number, connection: number) =>
    signIn(tenant, index, pick(tenant.users, connection));
  return { url, connections, status: 200, makeCall };
}

function measureCheap(rounds: Rounds<Cheap>): Measure[] {
  const names: readonly [Exclude<Cheap, 'empty'>, string][] = [
    ['keys', 'JWKS'],
    ['health', 'health'],
  ];
  const crowd = `${CONNECTIONS} connections`;
  const over = (name: Cheap, told: string, goal: Measure['goal']): Measure => ({
    name: `${told}, requests a second over the empty route, ${crowd}`,
    unit: 'ratio',
    value: spreadOver(rounds, name, 'empty', ({ perSecond }) => perSecond),
    goal,
  });
  return [
    ...names.map(([name, told]) => over(name, told, CHEAP_ROUTE)),
    over('told', 'our headers and a line of the log, with nothing else of Rekey', null),
    ...[...names, ['empty', 'empty route'] as const].flatMap(([name, told]): Measure[] => [
      {
        name: `${told}, requests a second, ${crowd}`,
        unit: '1/s',
        value: spreadOf(rounds, name, ({ perSecond }) => perSecond),
        goal: null,
      },
      {
        name: `${told}, p99, ${crowd}`,
        unit: 'ms',
        value: spreadOf(rounds, name, ({ p99 }) => p99),
        goal: null,
      },
      {
        name: `${told}, CPU of the server`,
        unit: 'ms',
        value: spreadOf(rounds, name, ({ cpuPerRequest }) => cpuPerRequest),
        goal: null,
      },
    ]),
  ];
}

function measureWaits(rounds: Rounds<Wait>): Measure[] {
  const timeOf = (told: string, value: Measure['value']): Measure => ({
    name: told,
    unit: 'ms',
    value,
    goal: null,
  });
  return [
    ...ALL_CROWDS.map(
      (crowd): Measure => ({
        name: `links that health waits for, a hash beside it, ${describeCrowd(crowd)}, p50`,
        unit: 'ratio',
        value: spreadRatios(
          rounds,
          (round) => (round[crowd].p50 - round.idle.p50) / linkOf(round) / CROWDS[crowd],
        ),
        goal: LINKS_WAITED,
      }),
    ),
    timeOf('one link', spreadRatios(rounds, linkOf)),
    timeOf(
      'health by itself, p50',
      spreadOf(rounds, 'idle', ({ p50 }) => p50),
    ),
    ...ALL_CROWDS.flatMap((crowd) => [
      timeOf(
        `health, ${describeCrowd(crowd)}, p50`,
        spreadOf(rounds, crowd, ({ p50 }) => p50),
      ),
      timeOf(
        `health, ${describeCrowd(crowd)}, p99`,
        spreadOf(rounds, crowd, ({ p99 }) => p99),
      ),
    ]),
  ];
}

/** Milliseconds of 100,000 rounds of PBKDF2. */
function linkOf({ link, idle }: Round<Wait>): number {
  return link.p50 - idle.p50;
}

function describeCrowd(crowd: Crowd): string {
  const connections = CROWDS[crowd];
  return `while ${connections} ${connections === 1 ? 'connection signs' : 'connections sign'} in`;
}
