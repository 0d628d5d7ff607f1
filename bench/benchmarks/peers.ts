// What a user would pick instead, in the same rounds as Rekey: sign-in and change of each, what they cost beside their hash,
// and what it takes to run them. A report: their hashes differ, and so no goal can be set.
import { startBetterAuthOnNode, startBetterAuthOnWorkers } from '../lib/peers/better-auth.ts';
import { startCognitoLocal } from '../lib/peers/cognito-local.ts';
import { startOpenauth } from '../lib/peers/openauth.ts';
import { type Acts, type Peer, type Shape, toSide } from '../lib/peers/peer.ts';
import { startRekeyPeer } from '../lib/peers/rekey-peer.ts';
import { startSlapd } from '../lib/peers/slapd.ts';
import { installPeers } from '../lib/peers-install.ts';
import type { Benchmark, Measure, Progress } from '../lib/result.ts';
import {
  FEWEST_ROUNDS,
  noteSpoiled,
  type Round,
  type Rounds,
  runRounds,
  type Sample,
  type Side,
  spreadOf,
  spreadRatios,
} from '../lib/rounds.ts';
import { type Spread, spread } from '../lib/statistics.ts';

const ROUNDS = FEWEST_ROUNDS;
const COLD_STARTS = 2;
const CONNECTIONS = 8;

/** Requests a round: few of those that hash for long. */
const ALONE = { slow: 4, quick: 60, bare: 60 };
const TOGETHER = {
  signIn: { slow: CONNECTIONS, quick: 12 * CONNECTIONS },
  change: { slow: CONNECTIONS, quick: 12 * CONNECTIONS },
};

/** In the order of the table. */
const STARTS: readonly (readonly [string, () => Promise<Peer | null>])[] = [
  ['better-auth on Node', startBetterAuthOnNode],
  ['better-auth on workerd', startBetterAuthOnWorkers],
  ["openauth's ScryptHasher", () => startOpenauth('scrypt')],
  ["openauth's PBKDF2Hasher", () => startOpenauth('pbkdf2')],
  ['cognito-local', startCognitoLocal],
  ['slapd', startSlapd],
];

const NOTES = [
  'The hashes differ in kind and in strength, so that no row is faster than another at equal strength: scrypt holds 16 or 32 MiB that PBKDF2 does not need, slapd hashes a sixtieth of what Rekey does or less, cognito-local not at all.',
  "Storage differs: what runs on workerd speaks to miniflare's D1 over a socket, which each trip pays for; the others keep their users in their own process or in a file.",
  'Node hashes on all cores at once, by its pool of threads, and an isolate of workerd on one: requests a second are to be read beside the sign-ins a core carries.',
  "What is beside the hash is told twice: p50 less that of the hash alone at the same server, and, sharper, p50 with the hash taken out. openauth's rows are hashes and nothing else.",
  'better-auth runs without its rate limits and its telemetry, and its SQLite with a write-ahead log.',
  "openauth's PBKDF2Hasher asks for 600,000 rounds in one call, of which production Workers allow 100,000: it is measured on Node, where it runs.",
  'cognito-local writes all it knows to its file at each request, and grows with each sign-in.',
  "Cold starts are from the start of the process to the first answer, on workerd without D1. Memory is what is resident after the load; of workerd with miniflare's D1 in it, and without the Node that hosts it. Installed size is that of the package's files and of all that it needs, without Node or workerd; of slapd what dpkg says of it, without shared libraries.",
  `The p99 of ${ALONE.slow} requests is the slowest of them.`,
];

interface Figures {
  readonly peer: Peer;
  readonly alone: Rounds<string>;
  readonly together: Rounds<string>;
  readonly coldStart: Spread;
}

export const peers: Benchmark = {
  name: 'peers',
  title: 'Peers in the same run',
  run: async (progress) => {
    const { running, missing } = await startPeers(progress);
    try {
      const coldStarts = await measureColdStarts(running, progress);
      const alone = await runAll(running, sidesAlone, 'one connection', progress);
      const together = await runAll(running, sidesTogether, 'eight connections', progress);
      const figures = running.map((peer, index) => {
        const coldStart = spread(coldStarts[index] ?? []);
        return { peer, alone, together, coldStart };
      });
      return {
        measures: figures.flatMap(measure),
        series: { peers: figures.map(summarise) },
        notes: [
          noteVersions(running),
          ...NOTES,
          ...missing,
          ...noteSpoiled(alone),
          ...noteSpoiled(together),
        ],
      };
    } finally {
      await Promise.all(running.map(({ stop }) => stop()));
    }
  },
};

/** One that does not run here is told in a note, and the others are measured. */
async function startPeers(progress: Progress) {
  progress('installing the peers');
  await installPeers();
  progress('starting Rekey');
  const running: Peer[] = [await startRekeyPeer()];
  const missing: string[] = [];
  for (const [name, start] of STARTS) {
    progress(`starting ${name}`);
    try {
      const peer = await start();
      if (peer === null) missing.push(`${name} is not installed here.`);
      else running.push(peer);
    } catch (error) {
      missing.push(`${name} did not run: ${String(error)}`);
    }
  }
  return { running, missing };
}

function noteVersions(running: readonly Peer[]): string {
  return `Measured: ${[...new Set(running.map(({ version }) => version))].join(', ')}.`;
}

/** Of each, one after the other. */
async function measureColdStarts(running: readonly Peer[], progress: Progress) {
  const starts: number[][] = running.map(() => []);
  for (let round = 1; round <= COLD_STARTS; round += 1) {
    progress(`cold starts ${round}/${COLD_STARTS}`);
    for (const [index, { startCold }] of running.entries()) {
      starts[index]?.push(await startCold());
    }
  }
  return starts;
}

async function runAll(
  running: readonly Peer[],
  makeSides: (peer: Peer) => Readonly<Record<string, Side>>,
  told: string,
  progress: Progress,
): Promise<Rounds<string>> {
  const sides: Record<string, Side> = Object.assign({}, ...running.map(makeSides));
  const onRound = (done: number) => progress(`${told} ${done}/${ROUNDS}`);
  return runRounds(sides, { rounds: ROUNDS, onRound });
}

function sidesAlone(peer: Peer): Record<string, Side> {
  const { acts, bare, rawHash, pace } = peer;
  const shape = { connections: 1, requests: ALONE[pace] };
  return {
    // Beside the sign-in, which it is held against.
    ...(rawHash === null ? {} : { [sideName(peer, 'hash')]: toSide(rawHash, shape) }),
    ...sidesOf(peer, '', acts, { signIn: shape, change: shape }),
    ...(bare === null ? {} : sidesOfBare(peer, bare)),
  };
}

function sidesOfBare(peer: Peer, bare: Acts): Record<string, Side> {
  const shape = { connections: 1, requests: ALONE.bare };
  return sidesOf(peer, 'bare ', bare, { signIn: shape, change: shape });
}

function sidesTogether(peer: Peer): Record<string, Side> {
  const shapes = {
    signIn: { connections: CONNECTIONS, requests: TOGETHER.signIn[peer.pace] },
    change: { connections: CONNECTIONS, requests: TOGETHER.change[peer.pace] },
  };
  return sidesOf(peer, '', peer.acts, shapes);
}

function sidesOf(
  peer: Peer,
  prefix: '' | 'bare ',
  acts: Acts,
  shapes: Readonly<Record<keyof Acts, Shape>>,
): Record<string, Side> {
  return {
    [sideName(peer, `${prefix}sign-in`)]: toSide(acts.signIn, shapes.signIn),
    [sideName(peer, `${prefix}change`)]: toSide(acts.change, shapes.change),
  };
}

function sideName({ name }: Peer, part: string): string {
  return `${name}: ${part}`;
}

/** Those that speak of a peer at work; what is of one number is in the table alone. */
function measure({ peer, alone, together, coldStart }: Figures): Measure[] {
  const p50Of = (part: string) => spreadOf(alone, sideName(peer, part), ({ p50 }) => p50);
  const rate = spreadOf(together, sideName(peer, 'sign-in'), ({ perSecond }) => perSecond);
  const over = spreadOverHash(peer, alone);
  const values: readonly (readonly [string, Measure['unit'], Spread | null])[] = [
    ['sign-in, p50', 'ms', p50Of('sign-in')],
    ['change, p50', 'ms', p50Of('change')],
    ['sign-in beside its hash, p50', 'ms', over],
    ['sign-in without the hash, p50', 'ms', peer.bare && p50Of('bare sign-in')],
    ['change without the hash, p50', 'ms', peer.bare && p50Of('bare change')],
    [`sign-ins of ${CONNECTIONS} connections`, '1/s', rate],
    ['cold start', 'ms', coldStart],
  ];
  return values.flatMap(([part, unit, value]) =>
    value === null ? [] : [{ name: sideName(peer, part), unit, value, goal: null }],
  );
}

/** Milliseconds; null where there is no hash to hold it against. */
function spreadOverHash(peer: Peer, alone: Rounds<string>): Spread | null {
  if (peer.rawHash === null) return null;
  const [signIn, hash] = [sideName(peer, 'sign-in'), sideName(peer, 'hash')];
  return spreadRatios(alone, (round) => pickSide(round, signIn).p50 - pickSide(round, hash).p50);
}

function pickSide(round: Round<string>, name: string): Sample {
  const sample = round[name];
  if (sample === undefined) throw new RangeError(`there is no side ${name}`);
  return sample;
}

/** A row of the table: medians, in milliseconds, requests a second and megabytes. What a peer has not is left out. */
function summarise({ peer, alone, together, coldStart }: Figures) {
  const read = (rounds: Rounds<string>, part: string, key: 'p50' | 'p99' | 'perSecond') =>
    spreadOf(rounds, sideName(peer, part), (sample) => sample[key]).median;
  const processorOf = (part: string) =>
    spreadOf(alone, sideName(peer, part), ({ cpuPerRequest }) => cpuPerRequest).median;
  const over = spreadOverHash(peer, alone);
  return {
    name: peer.name,
    hash: peer.hash,
    storage: peer.storage,
    signInP50: read(alone, 'sign-in', 'p50'),
    signInP99: read(alone, 'sign-in', 'p99'),
    changeP50: read(alone, 'change', 'p50'),
    changeP99: read(alone, 'change', 'p99'),
    signInsPerSecond: read(together, 'sign-in', 'perSecond'),
    changesPerSecond: read(together, 'change', 'perSecond'),
    signInCpu: processorOf('sign-in'),
    changeCpu: processorOf('change'),
    signInsPerCore: 1000 / processorOf('sign-in'),
    ...(peer.rawHash && { hashP50: read(alone, 'hash', 'p50') }),
    ...(over && { overHash: over.median }),
    ...(peer.bare && {
      bareSignInP50: read(alone, 'bare sign-in', 'p50'),
      bareChangeP50: read(alone, 'bare change', 'p50'),
    }),
    coldStart: coldStart.median,
    residentMegabytes: peer.residentMegabytes(),
    installMegabytes: peer.installMegabytes,
  };
}
