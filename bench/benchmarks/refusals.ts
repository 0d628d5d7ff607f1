// What is refused without a hash, by a crowd: what nothing need be asked about over the empty route, what D1 tells over a
// route with as many plain reads as the refusal makes trips.
import { REFUSAL } from '../goals.ts';
import { startBaseline } from '../lib/baseline.ts';
import { bundleBaseline, wrapProduct } from '../lib/bundle.ts';
import { get } from '../lib/calls.ts';
import { requireDerivations } from '../lib/derivations.ts';
import { sendLoad } from '../lib/load.ts';
import { listUnproven, listUnreadable, type RefusedCall } from '../lib/refused-calls.ts';
import { startRekey, startRekeyBare } from '../lib/rekey.ts';
import { type Benchmark, exactly, type Goal, type Measure, type Progress } from '../lib/result.ts';
import {
  noteSpoiled,
  type Rounds,
  runRounds,
  type Side,
  spreadOf,
  spreadOver,
} from '../lib/rounds.ts';
import type { Spread } from '../lib/statistics.ts';
import { type Server, startWorkerd } from '../lib/workerd.ts';

const ROUNDS = 5;
const CONNECTIONS = 16;
/** A round: some tenths of a second each. */
const REQUESTS = 2000;
/** Before the first: V8 compiles what it has seen often. */
const WARM_UP = 2000;
const READS = 240;
const PORTIONS = 4;
/** Each comes 25 times a second, and 50 times at once: what D1 carries is less. */
const API_KEYS = 100;

const BASELINE = 'baseline';
/** Of a refusal by so many lines of Hono, without any of ours. */
const FLOOR = 'the least refusal';

export const refusals: Benchmark = {
  name: 'refusals',
  title: 'Refusals without a hash',
  run: async (progress) => {
    const unreadable = await runUnreadable(progress);
    const trips = await countTrips();
    const unproven = await runUnproven(progress);
    return {
      measures: [
        ...measureAll(unreadable, 'empty route', REFUSAL.withoutD1, () => 1),
        ...measureAll(unproven, 'one read of D1', REFUSAL.withD1, (name) => trips.get(name) ?? 1),
        ...[...trips].map(([name, count]) =>
          report(`${name}, trips to D1`, 'count', exactly(count)),
        ),
      ],
      series: {},
      notes: [
        'Two trips: a wrong proof is written into the audit before it is answered.',
        ...noteSpoiled(unreadable),
        ...noteSpoiled(unproven),
      ],
    };
  },
};

/** In bare workerd: with a database that is none they would fail, were they to ask it. */
async function runUnreadable(progress: Progress): Promise<Rounds<string>> {
  const raw = await startWorkerd({ bundle: await bundleBaseline(), path: '/empty' });
  const rekey = await startRekeyBare();
  try {
    const sides = {
      [BASELINE]: baselineSide(raw, '/empty', REQUESTS),
      [FLOOR]: floorSide(raw),
      ...refusedSides(rekey, listUnreadable(), REQUESTS),
    };
    progress('warms up');
    for (const { load } of Object.values<Side>(sides)) {
      if (typeof load !== 'function') await sendLoad({ ...load, requests: WARM_UP });
    }
    const onRound = (done: number) => progress(`without D1 ${done}/${ROUNDS}`);
    return await runRounds(sides, { rounds: ROUNDS, portions: PORTIONS, onRound });
  } finally {
    await Promise.all([raw.stop(), rekey.stop()]);
  }
}

/** And that nothing is derived. */
async function countTrips(): Promise<ReadonlyMap<string, number>> {
  const bundle = await wrapProduct('counting.js');
  const rekey = await startRekey({ bundle, users: 1, apiKeys: 1, texts: { TIMING: 'on' } });
  try {
    const trips = new Map<string, number>();
    for (const { name, status, makeCall, prepare } of listUnproven(rekey)) {
      await prepare?.();
      const told = await requireDerivations(rekey.url, [name, status, 0, makeCall(0)]);
      if (told.trips === null) throw new Error(`${name}: its trips are not told`);
      trips.set(name, told.trips);
    }
    return trips;
  } finally {
    await rekey.stop();
  }
}

async function runUnproven(progress: Progress): Promise<Rounds<string>> {
  const baseline = await startBaseline();
  const rekey = await startRekey({ users: 1, apiKeys: API_KEYS });
  try {
    const sides = {
      [BASELINE]: baselineSide(baseline, '/read', READS),
      ...refusedSides(rekey, listUnproven(rekey), READS),
    };
    const onRound = (done: number) => progress(`with D1 ${done}/${ROUNDS}`);
    return await runRounds(sides, { rounds: ROUNDS, portions: PORTIONS, onRound });
  } finally {
    await Promise.all([baseline.stop(), rekey.stop()]);
  }
}

function baselineSide({ url, pid }: Server, path: string, requests: number): Side {
  const makeCall = () => get(path);
  return { pid, load: { url, connections: CONNECTIONS, requests, status: 200, makeCall } };
}

function floorSide({ url, pid }: Server): Side {
  const call = { method: 'POST', path: '/refuse', headers: {}, body: '{"newPassword": ' };
  const makeCall = () => call;
  return {
    pid,
    load: { url, connections: CONNECTIONS, requests: REQUESTS, status: 400, makeCall },
  };
}

function refusedSides(
  { url, pid }: Server,
  calls: readonly RefusedCall[],
  requests: number,
): Readonly<Record<string, Side>> {
  return Object.fromEntries(
    calls.map(({ name, status, makeCall, prepare }) => {
      const load = { url, connections: CONNECTIONS, requests, status, makeCall };
      return [name, { pid, load, ...(prepare === undefined ? {} : { prepare }) }];
    }),
  );
}

function measureAll(
  rounds: Rounds<string>,
  baseline: string,
  goal: Goal,
  countTripsOf: (name: string) => number,
): Measure[] {
  const names = Object.keys(rounds.rounds[0] ?? {}).filter((name) => name !== BASELINE);
  return [
    ...names.map((name): Measure => {
      const ratio = spreadOver(rounds, name, BASELINE, ({ perSecond }) => perSecond);
      const trips = countTripsOf(name);
      const over = trips === 1 ? baseline : `${baseline}, of which it makes ${trips}`;
      return {
        name: `${name}, a second over ${over}`,
        unit: 'ratio',
        value: scale(ratio, trips),
        goal: name === FLOOR ? null : goal,
      };
    }),
    ...[BASELINE, ...names].flatMap((name) => {
      const told = name === BASELINE ? baseline : name;
      return [
        report(
          `${told}, a second`,
          '1/s',
          spreadOf(rounds, name, (sample) => sample.perSecond),
        ),
        report(
          `${told}, CPU of the server`,
          'ms',
          spreadOf(rounds, name, (sample) => sample.cpuPerRequest),
        ),
      ];
    }),
  ];
}

function scale({ min, median, max }: Spread, factor: number): Spread {
  return { min: min * factor, median: median * factor, max: max * factor };
}

function report(name: string, unit: Measure['unit'], value: Measure['value']): Measure {
  return { name, unit, value, goal: null };
}
