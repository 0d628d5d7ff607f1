// What a deployment uploads, and how long a new isolate takes to answer: both against the smallest app of Hono.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BUNDLE, COLD_START } from '../goals.ts';
import {
  type Bundle,
  bundleHello,
  bundleProduct,
  readModule,
  type WorkerModule,
  wrapProduct,
} from '../lib/bundle.ts';
import { pick, signIn } from '../lib/calls.ts';
import { sendLoad } from '../lib/load.ts';
import { makeTexts, startRekey } from '../lib/rekey.ts';
import { type Benchmark, exactly, type Measure, type Progress } from '../lib/result.ts';
import { median, type Spread, spread } from '../lib/statistics.ts';
import { startWorkerd, type WorkerdOptions } from '../lib/workerd.ts';

const ROUNDS = 5;
/** Of each, in a round. */
const STARTS = 10;
const FIRST_SIGN_INS = 5;
/** After the first one, in the same isolate. */
const LATER_SIGN_INS = 20;
const BYTES_PER_KIB = 1024;
const GZIP_LEVEL = 9;
/** The list of common passwords; all else is code, the message types of the vendor included. */
const DATA = /blocklist\.bin$/;

const STARTED = ['hello', 'health', 'keys'] as const;
type Started = (typeof STARTED)[number];
/** Medians of a round, in milliseconds. */
type StartRound = Readonly<Record<Started, number>>;

export const size: Benchmark = {
  name: 'size',
  title: 'Size and cold start',
  run: async (progress) => {
    const bundle = await bundleProduct();
    const rounds = await runStarts(bundle, progress);
    const first = await timeFirstSignIns(progress);
    return {
      measures: [...measureBundle(bundle), ...measureStarts(rounds), first],
      series: { bundle: bundle.map(describeModule) },
      notes: [
        `a cold start is that of bare workerd, from its start to the first answer; each round is ${STARTS} starts of each, in turn, and its medians`,
      ],
    };
  },
};

function measureBundle(bundle: Bundle): Measure[] {
  const code = bundle.filter(({ name }) => !DATA.test(name));
  const data = bundle.filter(({ name }) => DATA.test(name));
  const measure = (name: string, kibibytes: number, goal: Measure['goal']): Measure => ({
    name,
    unit: 'KiB',
    value: exactly(kibibytes),
    goal,
  });
  return [
    measure('code of the bundle, gzip', sum(code, gzipSize), BUNDLE),
    measure('code of the bundle', sum(code, rawSize), null),
    measure('list of common passwords, gzip', sum(data, gzipSize), null),
    measure('list of common passwords', sum(data, rawSize), null),
  ];
}

function describeModule(module: WorkerModule) {
  const { name } = module;
  const part = DATA.test(name) ? 'data' : 'code';
  return { name, part, gzip: gzipSize(module), raw: rawSize(module) };
}

function sum(modules: readonly WorkerModule[], read: (module: WorkerModule) => number): number {
  return modules.reduce((total, module) => total + read(module), 0);
}

function rawSize(module: WorkerModule): number {
  return readModule(module).length / BYTES_PER_KIB;
}

function gzipSize(module: WorkerModule): number {
  return gzipSync(readModule(module), { level: GZIP_LEVEL }).length / BYTES_PER_KIB;
}

async function runStarts(bundle: Bundle, progress: Progress): Promise<readonly StartRound[]> {
  const product = { bundle, texts: makeTexts(), stubs: ['DB'] };
  const starts: Readonly<Record<Started, WorkerdOptions>> = {
    hello: { bundle: await bundleHello(), path: '/empty' },
    health: { ...product, path: '/healthz' },
    keys: { ...product, path: '/.well-known/jwks.json' },
  };
  // Reads workerd and the bundles from the disk, and has our own client load what it loads once.
  for (const name of STARTED) await timeStart(starts[name]);
  const rounds: StartRound[] = [];
  while (rounds.length < ROUNDS) {
    const times: Record<Started, number[]> = { hello: [], health: [], keys: [] };
    for (let start = 0; start < STARTS; start += 1) {
      const order = start % 2 === 0 ? STARTED : STARTED.toReversed();
      for (const name of order) times[name].push(await timeStart(starts[name]));
    }
    const { hello, health, keys } = times;
    rounds.push({ hello: median(hello), health: median(health), keys: median(keys) });
    progress(`starts ${rounds.length}/${ROUNDS}`);
  }
  return rounds;
}

async function timeStart(options: WorkerdOptions): Promise<number> {
  const { started, stop } = await startWorkerd(options);
  await stop();
  return started;
}

function measureStarts(rounds: readonly StartRound[]): Measure[] {
  const of = (read: (round: StartRound) => number): Spread => spread(rounds.map(read));
  return [
    {
      name: "cold start, over that of Hono's smallest app",
      unit: 'ratio',
      value: of(({ health, hello }) => health / hello),
      goal: COLD_START,
    },
    { name: 'cold start', unit: 'ms', value: of(({ health }) => health), goal: null },
    {
      name: 'cold start to the first JWKS',
      unit: 'ms',
      value: of(({ keys }) => keys),
      goal: null,
    },
    {
      name: "cold start of Hono's smallest app",
      unit: 'ms',
      value: of(({ hello }) => hello),
      goal: null,
    },
  ];
}

/** What is made at the first request alone, keys and statements: the hash is taken out, and the isolate has just begun. */
async function timeFirstSignIns(progress: Progress): Promise<Measure> {
  const extras: number[] = [];
  while (extras.length < FIRST_SIGN_INS) {
    extras.push(await timeFirstSignIn());
    progress(`first sign-ins ${extras.length}/${FIRST_SIGN_INS}`);
  }
  return {
    name: "an isolate's first sign-in, over its later ones, without the hash",
    unit: 'ms',
    value: spread(extras),
    goal: null,
  };
}

async function timeFirstSignIn(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-start-'));
  // Started anew with what is there: making the tenant and its user has warmed the isolate before.
  const { url, tenant, stop } = await startRekey({
    bundle: await wrapProduct('unhashed.js'),
    folder,
    users: 1,
    apiKeys: 1,
    fill: () => {},
  });
  const user = pick(tenant.users, 0);
  try {
    const makeCall = (index: number) => signIn(tenant, index, user);
    const requests = 1 + LATER_SIGN_INS;
    const { latencies } = await sendLoad({ url, connections: 1, requests, status: 200, makeCall });
    return pick(latencies, 0) - median(latencies.slice(1));
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
