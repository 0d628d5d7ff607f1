// What workerd has in memory after as many requests: Rekey beside the smallest app of Hono, and whether it grows from one
// equal batch of sign-ins to the next.
import { readFileSync } from 'node:fs';
import { MEMORY } from '../goals.ts';
import { startBaseline } from '../lib/baseline.ts';
import { bundleHello, wrapProduct } from '../lib/bundle.ts';
import { get, pick, signIn } from '../lib/calls.ts';
import { readHeapMegabytes } from '../lib/heap.ts';
import { type Call, sendLoad } from '../lib/load.ts';
import type { MiniflareServer } from '../lib/miniflare.ts';
import { listTree, readResidentMegabytes } from '../lib/processor.ts';
import { type Rekey, startRekey, startRekeyBare } from '../lib/rekey.ts';
import type { Benchmark, Measure, Progress } from '../lib/result.ts';
import { spread } from '../lib/statistics.ts';
import { startWorkerd } from '../lib/workerd.ts';

const CONNECTIONS = 8;
const CHEAP_ROUNDS = 5;
const CHEAP_REQUESTS = 6_000;
const CHEAP_PATHS = ['/healthz', '/.well-known/jwks.json'] as const;
/** The first one fills what is filled once; growth is told from the second on. */
const BATCHES = 5;
const BATCH = 1_000;
const HASHED = 100;
const USERS = 40;
/** Each lets 25 requests a second through. */
const API_KEYS = 80;

/** Resident megabytes after as many requests. */
interface Point {
  readonly requests: number;
  readonly rekey: number;
  readonly baseline: number;
}

/** And the megabytes in the heaps of the isolates, of which workerd has one for D1 beside ours. */
interface HeapPoint extends Point {
  readonly rekeyHeap: number;
  readonly baselineHeap: number;
}

interface Loaded {
  readonly url: string;
  /** Of workerd itself: what is around it is no part of a deployment. */
  readonly pid: number;
  readonly makeCall: (index: number) => Call;
}

export const memory: Benchmark = {
  name: 'memory',
  title: 'Memory',
  run: async (progress) => {
    const bare = await runBare(progress);
    const signIns = await runSignIns(progress);
    const hashed = await runHashed(progress);
    return {
      measures: [...measureBare(bare), ...measureSignIns(signIns), hashed],
      series: { cheap: bare.map(toRow), signIns: signIns.map((point) => ({ ...point })) },
      notes: [
        `resident memory of workerd alone, after equal numbers of requests: rounds of ${CHEAP_REQUESTS} that need no D1, batches of ${BATCH} sign-ins without their hashes beside as many plain reads. Of those D1 is a part, which a deployment has elsewhere: what its isolate has in its heap is told by itself`,
        'V8 collects garbage when it sees fit, and nothing holds workerd to the 128 MB of an isolate here: a figure is what was not collected yet, not what is needed',
      ],
    };
  },
};

async function runBare(progress: Progress): Promise<readonly Point[]> {
  const hello = await startWorkerd({ bundle: await bundleHello(), path: '/empty' });
  const rekey = await startRekeyBare();
  try {
    return await runBatches(
      { ...rekey, makeCall: (index) => get(pick(CHEAP_PATHS, index)) },
      { ...hello, makeCall: () => get('/empty') },
      { batches: CHEAP_ROUNDS, size: CHEAP_REQUESTS, progress },
    );
  } finally {
    await Promise.all([hello.stop(), rekey.stop()]);
  }
}

async function runSignIns(progress: Progress): Promise<readonly HeapPoint[]> {
  const baseline = await startBaseline({ isInspected: true });
  try {
    const bundle = await wrapProduct('unhashed.js');
    const rekey = await startRekey({ bundle, users: USERS, apiKeys: API_KEYS, isInspected: true });
    const heaps: Omit<HeapPoint, keyof Point>[] = [];
    try {
      const points = await runBatches(
        loadSignIns(rekey),
        { url: baseline.url, pid: findWorkerd(baseline.pid), makeCall: () => get('/read') },
        {
          batches: BATCHES,
          size: BATCH,
          progress,
          afterEach: async () => {
            const rekeyHeap = await readHeap(rekey);
            heaps.push({ rekeyHeap, baselineHeap: await readHeap(baseline) });
          },
        },
      );
      return points.map((point, index) => ({ ...point, ...pick(heaps, index) }));
    } finally {
      await rekey.stop();
    }
  } finally {
    await baseline.stop();
  }
}

/** As in production: a hash has no memory to speak of, and is not to leave any. */
async function runHashed(progress: Progress): Promise<Measure> {
  const rekey = await startRekey({ users: USERS, apiKeys: API_KEYS });
  try {
    progress(`${HASHED} sign-ins with their hashes`);
    const loaded = loadSignIns(rekey);
    const before = readResidentMegabytes(loaded.pid);
    await sendBatch(loaded, HASHED);
    const value = spread([readResidentMegabytes(loaded.pid) - before]);
    const name = `${HASHED} sign-ins with their hashes, more than before them`;
    return { name, unit: 'MB', value, goal: null };
  } finally {
    await rekey.stop();
  }
}

function loadSignIns({ url, pid, tenant }: Rekey): Loaded {
  const makeCall = (index: number) => signIn(tenant, index, pick(tenant.users, index));
  return { url, pid: findWorkerd(pid), makeCall };
}

function findWorkerd(root: number): number {
  const found = listTree(root).find((pid) =>
    readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('workerd'),
  );
  if (found === undefined) throw new Error('no workerd below miniflare');
  return found;
}

interface Batches {
  readonly batches: number;
  readonly size: number;
  readonly progress: Progress;
  readonly afterEach?: () => Promise<void>;
}

/** In turn; memory is read after both have had their batch. */
async function runBatches(
  rekey: Loaded,
  baseline: Loaded,
  { batches, size, progress, afterEach }: Batches,
): Promise<readonly Point[]> {
  const points: Point[] = [];
  while (points.length < batches) {
    await sendBatch(baseline, size);
    await sendBatch(rekey, size);
    points.push({
      requests: (points.length + 1) * size,
      rekey: readResidentMegabytes(rekey.pid),
      baseline: readResidentMegabytes(baseline.pid),
    });
    await afterEach?.();
    progress(`${points.length}/${batches} batches of ${size}`);
  }
  return points;
}

async function readHeap({ inspector }: MiniflareServer): Promise<number> {
  if (inspector === null) throw new Error('miniflare was started without its inspector');
  return readHeapMegabytes(inspector);
}

async function sendBatch({ url, makeCall }: Loaded, requests: number): Promise<void> {
  await sendLoad({ url, connections: CONNECTIONS, requests, status: 200, makeCall });
}

function measureBare(points: readonly Point[]): Measure[] {
  return [
    {
      name: 'over the smallest app of Hono, requests without D1',
      unit: 'MB',
      value: spread(points.map(({ rekey, baseline }) => rekey - baseline)),
      goal: MEMORY.over,
    },
    {
      name: 'after all requests without D1',
      unit: 'MB',
      value: spread(points.slice(-1).map(({ rekey }) => rekey)),
      goal: null,
    },
  ];
}

function measureSignIns(points: readonly HeapPoint[]): Measure[] {
  const last = pick(points, points.length - 1);
  return [
    {
      name: "heap of Rekey's isolate over that of plain reads of D1, sign-ins",
      unit: 'MB',
      value: spread(points.map(({ rekeyHeap, baselineHeap }) => rekeyHeap - baselineHeap)),
      goal: MEMORY.over,
    },
    {
      name: "heap of Rekey's isolate, sign-ins",
      unit: 'MB',
      value: spread(points.map(({ rekeyHeap }) => rekeyHeap)),
      goal: null,
    },
    {
      name: 'all of workerd, sign-ins, after a batch over after the one before',
      unit: 'ratio',
      value: spread(
        points.slice(2).map(({ rekey }, index) => rekey / pick(points, index + 1).rekey),
      ),
      goal: MEMORY.growth,
    },
    {
      name: 'all of workerd with its D1, over as many plain reads, sign-ins',
      unit: 'MB',
      value: spread(points.map(({ rekey, baseline }) => rekey - baseline)),
      goal: null,
    },
    {
      name: 'all of workerd with its D1, after all sign-ins',
      unit: 'MB',
      value: spread([last.rekey]),
      goal: null,
    },
  ];
}

function toRow({ requests, rekey, baseline }: Point): Readonly<Record<string, number>> {
  return { requests, rekey, baseline };
}
