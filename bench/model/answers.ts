// What the model answers, of what was measured and of what is published.
import { DATABASE_LIMIT_BYTES, PRICES, type Primary, REGIONS } from './published.ts';
import {
  ceilingOf,
  meanTimeAtWriter,
  serviceOf,
  simulateWriter,
  type TimeAtWriter,
  type Writer,
} from './writer.ts';

/** One trip to D1. */
export interface Batch {
  /** At the database. */
  readonly milliseconds: number;
  readonly read: number;
  readonly written: number;
}

/** Of one request, as it was measured. Milliseconds. */
export interface OperationCost {
  readonly hashMs: number;
  /** Of the Worker, the hash included. */
  readonly cpuMs: number;
  readonly batches: readonly [open: Batch, commit: Batch];
}

export interface ModelInputs {
  readonly change: OperationCost;
  readonly signIn: OperationCost;
  /** Of the database, with the indexes. */
  readonly bytesPerUser: number;
  /** Of the audit, which stays: a change leaves one, and so does a sign-in. */
  readonly bytesPerEvent: number;
}

/** p99 at the database, of what a change takes there alone: beyond it, waiting is most of it. */
const KNEE_TIMES = 5;
const KNEE_STEPS = 12;
/** Of what a database carries or holds: the rest is for the others in it, and for the time that a move takes. */
const MOVE_SHARE = 0.5;
/** A busy isolate has its requests wait for each other: the platform starts more before. */
const ISOLATE_SHARE = 0.7;
const SECONDS_PER_DAY = 86_400;
const MILLION = 1_000_000;

export function writerOf({ change }: ModelInputs, times = 1): Writer {
  const [open, commit] = change.batches;
  const { hashMs: betweenMs } = change;
  return { openMs: times * open.milliseconds, commitMs: times * commit.milliseconds, betweenMs };
}

/** A change from each region, by what its milliseconds are spent on. */
export function listRegions({ change }: ModelInputs, primary: Primary) {
  const { hashMs, cpuMs, batches } = change;
  return REGIONS.map(({ name, roundTrip }) => ({
    name,
    hash: hashMs,
    network: batches.length * roundTrip[primary],
    database: batches.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    rest: Math.max(0, cpuMs - hashMs),
  }));
}

export interface Load extends TimeAtWriter {
  readonly changesPerSecond: number;
  /** The mean in closed form. */
  readonly closedForm: number;
}

function simulateLoad(writer: Writer, changesPerSecond: number): Load {
  const closedForm = meanTimeAtWriter(writer, changesPerSecond);
  return { changesPerSecond, ...simulateWriter(writer, changesPerSecond), closedForm };
}

/** From a tenth of what the database can to nineteen twentieths. */
export function listLoads(writer: Writer): readonly Load[] {
  const shares = Array.from({ length: 18 }, (_, index) => (index + 2) / 20);
  return shares.map((share) => simulateLoad(writer, share * ceilingOf(writer)));
}

/** The most that a database carries before waiting is most of what it does to a change. */
export function findKnee(writer: Writer): Load {
  const limit = KNEE_TIMES * serviceOf(writer);
  let [low, high] = [0, ceilingOf(writer)];
  for (let step = 0; step < KNEE_STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (simulateWriter(writer, middle).p99 <= limit) low = middle;
    else high = middle;
  }
  return simulateLoad(writer, low);
}

/** Of a kind of request, when the database is as busy as at the knee. */
export function carriedPerSecond({ batches }: OperationCost, busy: number): number {
  return (busy * 1000) / batches.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

/** An isolate is one thread, too, and hashes on it. */
export function countIsolates({ cpuMs }: OperationCost, perSecond: number): number {
  return Math.ceil((perSecond * cpuMs) / 1000 / ISOLATE_SHARE);
}

/** Dollars for a million, beyond what the plan includes. */
export interface Price {
  readonly requests: number;
  readonly cpu: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

export function priceMillion({ cpuMs, batches }: OperationCost): Price {
  const count = (field: 'read' | 'written') =>
    batches.reduce((sum, batch) => sum + batch[field], 0);
  return {
    requests: PRICES.requests,
    cpu: cpuMs * PRICES.cpuMilliseconds,
    rowsRead: count('read') * PRICES.rowsRead,
    rowsWritten: count('written') * PRICES.rowsWritten,
  };
}

export function sumPrice({ requests, cpu, rowsRead, rowsWritten }: Price): number {
  return requests + cpu + rowsRead + rowsWritten;
}

/** A tenant should have a database of its own from any of these on. */
export interface MoveRule {
  readonly changesPerSecond: number;
  readonly millionUsers: number;
  /** Changes and sign-ins together: their events fill the same share of the database in a year. */
  readonly eventsPerDay: number;
}

export function findMoveRule(inputs: ModelInputs, knee: Load): MoveRule {
  const room = MOVE_SHARE * DATABASE_LIMIT_BYTES;
  return {
    changesPerSecond: MOVE_SHARE * knee.changesPerSecond,
    millionUsers: room / inputs.bytesPerUser / MILLION,
    eventsPerDay: room / inputs.bytesPerEvent / 365,
  };
}

/** Days until the audit alone has filled a database, when so many events come a second all day. */
export function daysUntilFull({ bytesPerEvent }: ModelInputs, eventsPerSecond: number): number {
  return DATABASE_LIMIT_BYTES / bytesPerEvent / eventsPerSecond / SECONDS_PER_DAY;
}
