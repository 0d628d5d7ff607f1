// Subject and baselines in turn, round by round: what drifts on a machine drifts for both. A round that other programs
// spoiled is run again.
import { type Endless, keepSending, type Load, type LoadOptions, sendLoad } from './load.ts';
import { readProcessorTime, watchForeignLoad } from './processor.ts';
import { median, percentile, type Spread, spread } from './statistics.ts';

/** One that is measured: a load against a server. */
export interface Side {
  /** The root of the server's processes. */
  readonly pid: number;
  /** A function where the client is another one than ours. */
  readonly load: LoadOptions | (() => Promise<Load>);
  /** Before each time that it is measured: makes what the load needs and uses up. */
  readonly prepare?: () => Promise<unknown>;
  /** What the server has to do all the while; the CPU per request tells of both. */
  readonly beside?: Endless;
}

export interface Sample {
  /** Latencies in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Of the server, in milliseconds of one core. */
  readonly cpuPerRequest: number;
}

export type Round<Name extends string> = Readonly<Record<Name, Sample>>;

export interface Rounds<Name extends string> {
  readonly rounds: readonly Round<Name>[];
  /** How many of them had other load beside them, though they were run again as often as is sensible. */
  readonly spoiled: number;
}

export interface RoundOptions {
  readonly rounds: number;
  /**
   * In how many portions a round is sent, one side's after the other's: the speed of a virtual machine changes within
   * seconds. One when it is left out; of loads of our own client only.
   */
  readonly portions?: number;
  /** Called with the number of rounds that are done. */
  readonly onRound?: (done: number) => void;
}

export const FEWEST_ROUNDS = 5;

/** Others may have this share of the machine while a round runs. */
const FOREIGN_LIMIT = 0.1;

/** Of the requests of a round, sent once before the first: what starts slowly has started by then. */
const WARM_UP = 0.1;

/** In all; a machine that is never quiet gets its figures all the same, and they say so. */
const MOST_REPEATS = 5;

export async function runRounds<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  { rounds: wanted, portions = 1, onRound }: RoundOptions,
): Promise<Rounds<Name>> {
  const names = Object.keys(sides) as Name[];
  const roots = [...new Set(names.map((name) => sides[name].pid))];
  const rounds: Round<Name>[] = [];
  let [repeats, spoiled] = [0, 0];
  for (const name of names) await run(shorten(sides[name]));
  while (rounds.length < wanted) {
    const readForeign = watchForeignLoad(roots);
    const parts = Object.fromEntries(names.map((name) => [name, [] as Part[]]));
    for (let portion = 0; portion < portions; portion += 1) {
      // The first of one is the last of the next.
      const isForward = (rounds.length + portion) % 2 === 0;
      for (const name of isForward ? names : names.toReversed()) {
        parts[name]?.push(await run(takePortion(sides[name], portion, portions)));
      }
    }
    if (readForeign() > FOREIGN_LIMIT) {
      repeats += 1;
      if (repeats <= MOST_REPEATS) continue;
      spoiled += 1;
    }
    const samples = names.map((name) => [name, summarise(parts[name] ?? [])]);
    rounds.push(Object.fromEntries(samples) as Round<Name>);
    onRound?.(rounds.length);
  }
  return { rounds, spoiled };
}

function shorten(side: Side): Side {
  const { load } = side;
  if (typeof load === 'function') return side;
  return { ...side, load: { ...load, requests: Math.ceil(load.requests * WARM_UP) } };
}

/** As if the portions were one load: its calls are counted through. */
function takePortion(side: Side, portion: number, portions: number): Side {
  const { load, prepare, ...rest } = side;
  if (typeof load === 'function' || portions === 1) return side;
  const startOf = (at: number) => Math.round((load.requests * at) / portions);
  const from = startOf(portion);
  const to = startOf(portion + 1);
  const { makeCall, onAnswer } = load;
  const counted: LoadOptions = {
    ...load,
    requests: to - from,
    makeCall: (index, connection) => makeCall(from + index, connection),
    ...(onAnswer && {
      onAnswer: (body, index, connection) => onAnswer(body, from + index, connection),
    }),
  };
  return { ...rest, load: counted, ...(portion === 0 && prepare ? { prepare } : {}) };
}

/** `cpu`: of the server, in milliseconds of one core. */
interface Part extends Load {
  readonly cpu: number;
}

async function run({ pid, load, prepare, beside }: Side): Promise<Part> {
  await prepare?.();
  const stop = beside === undefined ? null : await keepSending(beside);
  try {
    const before = readProcessorTime(pid);
    const measured = typeof load === 'function' ? await load() : await sendLoad(load);
    return { ...measured, cpu: readProcessorTime(pid) - before };
  } finally {
    await stop?.();
  }
}

function summarise(parts: readonly Part[]): Sample {
  const latencies = parts.flatMap((part) => part.latencies);
  const sum = (read: (part: Part) => number) => parts.reduce((all, part) => all + read(part), 0);
  return {
    p50: median(latencies),
    p99: percentile(latencies, 0.99),
    perSecond: latencies.length / sum(({ seconds }) => seconds),
    cpuPerRequest: sum(({ cpu }) => cpu) / latencies.length,
  };
}

/** Of one side, over all rounds. */
export function spreadOf<Name extends string>(
  { rounds }: Rounds<Name>,
  name: Name,
  read: (sample: Sample) => number,
): Spread {
  return spread(rounds.map((round) => read(round[name])));
}

/** Of one figure a round: a ratio holds what a figure alone does not, since both sides had the same weather. */
export function spreadRatios<Name extends string>(
  { rounds }: Rounds<Name>,
  ratio: (round: Round<Name>) => number,
): Spread {
  return spread(rounds.map(ratio));
}

/** Of the same figure of two sides. */
export function spreadOver<Name extends string>(
  rounds: Rounds<Name>,
  name: Name,
  baseline: Name,
  read: (sample: Sample) => number,
): Spread {
  return spreadRatios(rounds, (round) => read(round[name]) / read(round[baseline]));
}

/** What a reader must know of it; nothing when all was quiet. */
export function noteSpoiled({ rounds, spoiled }: Rounds<string>): string[] {
  if (spoiled === 0) return [];
  return [`${spoiled} of ${rounds.length} rounds had more than a tenth of other load beside them`];
}
