// The inputs of the model: what the other benchmarks found, as far as they have run, and for the rest a short measurement
// of our own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrapProduct } from '../lib/bundle.ts';
import { changeOverRest, pick, readBatches, signIn } from '../lib/calls.ts';
import { type Call, sendLoad } from '../lib/load.ts';
import { readProcessorTime } from '../lib/processor.ts';
import { type Rekey, startRekey } from '../lib/rekey.ts';
import type { Results } from '../lib/results.ts';
import { fillDatabase, measureBytes } from '../lib/seed.ts';
import { median } from '../lib/statistics.ts';
import type { Batch, ModelInputs, OperationCost } from './answers.ts';

type Operation = 'change' | 'signIn';

/** Milliseconds. */
type Hashing = Pick<OperationCost, 'hashMs' | 'cpuMs'>;
export type HashingByOperation = Readonly<Record<Operation, Hashing>>;

/** Of each operation: some with its hashes, and many without. */
const HASHED = 6;
const QUICK = 300;
const API_KEYS = 30;
/** Enough for pages that are as full as those of a million. */
const ROWS = 20_000;

/** What the overhead's benchmark found; null when it has not run. */
export function readHashing(results: Pick<Results, 'findings'> | null): HashingByOperation | null {
  const measures = results?.findings['overhead']?.measures ?? [];
  const find = (name: string) => measures.find((measure) => measure.name === name)?.value.median;
  const hashMs = find('raw hash, p50');
  const [signInCpu, changeCpu] = ['sign-in', 'change'].map((name) =>
    find(`${name}, CPU of the server`),
  );
  if (hashMs === undefined || signInCpu === undefined || changeCpu === undefined) return null;
  return {
    signIn: { hashMs, cpuMs: signInCpu },
    change: { hashMs: 2 * hashMs, cpuMs: changeCpu },
  };
}

/** @param known what need not be measured again, or null */
export async function measureInputs(known: HashingByOperation | null): Promise<ModelInputs> {
  const hashing = known ?? (await measureHashing());
  const folder = mkdtempSync(join(tmpdir(), 'rekey-model-'));
  const rekey = await startRekey({
    bundle: await wrapProduct('counted.js', 'unhashed.js'),
    folder,
    users: 2,
    apiKeys: API_KEYS,
    fill: (path, orgId) => fillDatabase(path, orgId, ROWS),
  });
  try {
    const change = { ...hashing.change, batches: await measureBatches(rekey, 'change') };
    const signedIn = { ...hashing.signIn, batches: await measureBatches(rekey, 'signIn') };
    const { user: bytesPerUser, event: bytesPerEvent } = measureBytes(folder, ROWS);
    return { change, signIn: signedIn, bytesPerUser, bytesPerEvent };
  } finally {
    await rekey.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Over the raw hash they take one or two milliseconds more: the whole is told as the hash. */
async function measureHashing(): Promise<HashingByOperation> {
  const rekey = await startRekey({ users: 2, apiKeys: 1 });
  const measure = async (operation: Operation) => {
    const before = readProcessorTime(rekey.pid);
    const { latencies } = await send(rekey, operation, HASHED);
    const cpuMs = (readProcessorTime(rekey.pid) - before) / HASHED;
    return { hashMs: Math.min(cpuMs, median(latencies)), cpuMs };
  };
  try {
    return { change: await measure('change'), signIn: await measure('signIn') };
  } finally {
    await rekey.stop();
  }
}

/**
 * The clock of the database has whole milliseconds: of many requests the mean is told.
 * @throws Error when a request made more or fewer than two.
 */
async function measureBatches(
  rekey: Rekey,
  operation: Operation,
): Promise<readonly [Batch, Batch]> {
  await sendCall(rekey, readBatches);
  await send(rekey, operation, QUICK);
  const batches = JSON.parse(await sendCall(rekey, readBatches)) as Batch[];
  if (batches.length !== 2 * QUICK) throw new Error(`${batches.length / QUICK} batches a request`);
  const [opens, commits] = [0, 1].map((half) => batches.filter((_, index) => index % 2 === half));
  return [summarise(opens ?? []), summarise(commits ?? [])];
}

/** The rows of the last one: the first ones find tables that have none yet. */
function summarise(batches: readonly Batch[]): Batch {
  const { read = 0, written = 0 } = batches.at(-1) ?? {};
  const total = batches.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return { read, written, milliseconds: total / batches.length };
}

function send({ url, tenant }: Rekey, operation: Operation, requests: number) {
  const user = pick(tenant.users, operation === 'change' ? 0 : 1);
  const makeCall = (index: number) =>
    operation === 'change' ? changeOverRest(tenant, user) : signIn(tenant, index, user);
  return sendLoad({ url, connections: 1, requests, status: 200, makeCall });
}

async function sendCall({ url }: Rekey, makeCall: () => Call): Promise<string> {
  let answer = '';
  const onAnswer = (body: string) => {
    answer = body;
  };
  await sendLoad({ url, connections: 1, requests: 1, status: 200, makeCall, onAnswer });
  return answer;
}
