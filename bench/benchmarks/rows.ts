// What an operation costs as the tables grow: with a thousand, a hundred thousand and a million rows in each, of one tenant.
// The hash is taken out. That no statement scans is shown by test/storage/query-plans.test.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GROWTH } from '../goals.ts';
import { wrapProduct } from '../lib/bundle.ts';
import * as calls from '../lib/calls.ts';
import { type LoadOptions, sendLoad } from '../lib/load.ts';
import { type Rekey, startRekey, type User } from '../lib/rekey.ts';
import { type Benchmark, exactly, type Measure } from '../lib/result.ts';
import {
  noteSpoiled,
  type Rounds,
  runRounds,
  type Side,
  spreadOf,
  spreadRatios,
} from '../lib/rounds.ts';
import { FILLED_TABLES, fillDatabase, nameFilled } from '../lib/seed.ts';

const SIZES = [1_000, 100_000, 1_000_000] as const;
type Size = (typeof SIZES)[number];
const [SMALLEST, , LARGEST] = SIZES;
const ROUNDS = 5;
const REQUESTS = 50;
/** With passwords of their own, spread over the tables. Some for each operation that needs one. */
const GROUP = 40;
const API_KEYS = 60;
/** No divisor of a size: users that were laid in are taken from all over the table, none of them twice. */
const STRIDE = 7919;

const OPERATIONS = ['sign-in', 'change', 'refresh', 'lookup', 'sign-out'] as const;
type Operation = (typeof OPERATIONS)[number];
const TOLD: Readonly<Record<Operation, string>> = {
  'sign-in': 'sign-in',
  change: 'change',
  refresh: 'refresh',
  lookup: 'user lookup',
  'sign-out': 'end of all sessions',
};
type Name = `${Operation} ${Size}`;

/** The rows of one batch, and of all that one request made. */
interface Batch {
  readonly read: number;
  readonly written: number;
}

type Counts = Readonly<Record<Operation, readonly Batch[]>>;

/** Rekey with its tables filled, and how each operation is asked of it. */
interface Filled {
  readonly rows: Size;
  readonly rekey: Rekey;
  readonly operations: Readonly<Record<Operation, Pick<LoadOptions, 'makeCall' | 'onAnswer'>>>;
}

export const rows: Benchmark = {
  name: 'rows',
  title: 'Cost against rows',
  run: async (progress) => {
    const folder = mkdtempSync(join(tmpdir(), 'rekey-rows-'));
    const all: Filled[] = [];
    try {
      for (const size of SIZES) {
        progress(`${size} rows`);
        all.push(await startFilled(join(folder, String(size)), size));
      }
      const counts = await countRows(all);
      const rounds = await runRounds(listSides(all), {
        rounds: ROUNDS,
        onRound: (done) => progress(`${done}/${ROUNDS}`),
      });
      return {
        measures: [...measureTimes(rounds), ...measureRows(counts)],
        series: { rows: SIZES.map((size) => listTimes(rounds, size)) },
        notes: [
          `one row for each user in ${FILLED_TABLES.join(', ')}; what lives for minutes (codes, challenges, messages) and what tenants opt into (password history, login sessions) is not laid in`,
          'rows read and written are the same at each size; that no statement scans is shown by test/storage/query-plans.test.ts',
          ...noteSpoiled(rounds),
        ],
      };
    } finally {
      await Promise.all(all.map(({ rekey }) => rekey.stop()));
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function startFilled(folder: string, size: Size): Promise<Filled> {
  const rekey = await startRekey({
    bundle: await wrapProduct('counted.js', 'unhashed.js'),
    folder,
    users: 3 * GROUP,
    apiKeys: API_KEYS,
    fill: (path, orgId) => fillDatabase(path, orgId, size),
  });
  try {
    return { rows: size, rekey, operations: await openOperations(rekey, size) };
  } catch (error) {
    await rekey.stop();
    throw error;
  }
}

/** The number of sessions and events that a user has is the same at each size: each is asked the same. */
async function openOperations({ url, tenant }: Rekey, size: number) {
  const [signingIn, changing, refreshing] = [0, 1, 2].map((group) =>
    tenant.users.slice(group * GROUP, (group + 1) * GROUP),
  ) as [User[], User[], User[]];
  const adminToken = await openAdmin(url, tenant);
  const tokens: calls.TokenPair[] = [];
  await send(url, refreshing.length, {
    makeCall: (index) => calls.signIn(tenant, index, calls.pick(refreshing, index)),
    onAnswer: (body) => tokens.push(calls.readTokens(body)),
  });
  let [lookups, signOuts, refreshes] = [0, 0, 0];
  return {
    'sign-in': {
      makeCall: (index: number) => calls.signIn(tenant, index, calls.pick(signingIn, index)),
    },
    change: {
      makeCall: (index: number) => calls.changeOverRest(tenant, calls.pick(changing, index)),
    },
    refresh: {
      makeCall: (index: number) => calls.refresh(tenant, index, calls.pick(tokens, refreshes)),
      onAnswer: (body: string) => {
        tokens[refreshes % tokens.length] = calls.readTokens(body);
        refreshes += 1;
      },
    },
    lookup: {
      makeCall: () => {
        lookups += 1;
        return calls.readUser(tenant, nameFilled(size, (lookups * STRIDE) % size));
      },
    },
    'sign-out': {
      makeCall: () => {
        signOuts += 1;
        return calls.signOutAll(tenant, adminToken, nameFilled(size, (signOuts * STRIDE) % size));
      },
    },
  } satisfies Filled['operations'];
}

async function openAdmin(url: string, tenant: Rekey['tenant']): Promise<string> {
  const [body = ''] = await send(url, 1, {
    makeCall: () => calls.signInOverZap(tenant, tenant.admin),
  });
  return (JSON.parse(body) as { data: { token: string } }).data.token;
}

/** One after the other. Gives the answers. */
async function send(
  url: string,
  requests: number,
  { makeCall, onAnswer }: Pick<LoadOptions, 'makeCall' | 'onAnswer'>,
): Promise<readonly string[]> {
  const bodies: string[] = [];
  const keep = (body: string, index: number, connection: number) => {
    bodies.push(body);
    onAnswer?.(body, index, connection);
  };
  await sendLoad({ url, connections: 1, requests, status: 200, makeCall, onAnswer: keep });
  return bodies;
}

/** @throws Error when an operation reads or writes more rows in one size than in another. */
async function countRows(all: readonly Filled[]): Promise<Counts> {
  const counts = await Promise.all(all.map(countOperations));
  const texts = counts.map((count) => JSON.stringify(count));
  if (new Set(texts).size > 1) throw new Error(`rows by size differ: ${texts.join(' ')}`);
  const [first] = counts;
  if (first === undefined) throw new Error('nothing was counted');
  return first;
}

async function countOperations({ rekey: { url }, operations }: Filled): Promise<Counts> {
  const counts: Partial<Record<Operation, readonly Batch[]>> = {};
  const readCounts = async () => {
    const [body = ''] = await send(url, 1, { makeCall: calls.readBatches });
    return (JSON.parse(body) as Batch[]).map(({ read, written }) => ({ read, written }));
  };
  await readCounts();
  for (const operation of OPERATIONS) {
    await send(url, 1, operations[operation]);
    counts[operation] = await readCounts();
  }
  return counts as Counts;
}

/** The sizes of one operation follow on each other. */
function listSides(all: readonly Filled[]): Readonly<Record<Name, Side>> {
  const sides: Partial<Record<Name, Side>> = {};
  for (const operation of OPERATIONS) {
    for (const { rows: size, rekey, operations } of all) {
      const options = { url: rekey.url, connections: 1, requests: REQUESTS, status: 200 };
      const load = { ...options, ...operations[operation] };
      sides[nameSide(operation, size)] = { pid: rekey.pid, load };
    }
  }
  return sides as Record<Name, Side>;
}

function nameSide(operation: Operation, size: Size): Name {
  return `${operation} ${size}`;
}

function measureTimes(rounds: Rounds<Name>): Measure[] {
  const ratio = (operation: Operation) =>
    spreadRatios(
      rounds,
      (round) => round[nameSide(operation, LARGEST)].p50 / round[nameSide(operation, SMALLEST)].p50,
    );
  return [
    ...OPERATIONS.map((operation) => ({
      name: `${TOLD[operation]}, p50 with a million rows over a thousand`,
      unit: 'ratio' as const,
      value: ratio(operation),
      goal: GROWTH,
    })),
    ...OPERATIONS.map((operation) => ({
      name: `${TOLD[operation]} with a million rows, without the hash, p50`,
      unit: 'ms' as const,
      value: spreadOf(rounds, nameSide(operation, LARGEST), ({ p50 }) => p50),
      goal: null,
    })),
  ];
}

function measureRows(counts: Counts): Measure[] {
  const sum = (operation: Operation, field: keyof Batch) =>
    counts[operation].reduce((total, batch) => total + batch[field], 0);
  const fields = ['read', 'written'] as const;
  return OPERATIONS.flatMap((operation) =>
    fields.map((field) => ({
      name: `${TOLD[operation]}, rows ${field}`,
      unit: 'rows' as const,
      value: exactly(sum(operation, field)),
      goal: null,
    })),
  );
}

/** A point of the plot: rows, and p50 in milliseconds by operation. */
function listTimes(rounds: Rounds<Name>, size: Size): Readonly<Record<string, number>> {
  const times = OPERATIONS.map((operation) => {
    const { median } = spreadOf(rounds, nameSide(operation, size), ({ p50 }) => p50);
    return [TOLD[operation], median] as const;
  });
  return { rows: size, ...Object.fromEntries(times) };
}
