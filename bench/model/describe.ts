// The model in words and tables: bench/results/model.md.
import { tellNumber } from '../lib/figures.ts';
import {
  carriedPerSecond,
  countIsolates,
  daysUntilFull,
  findKnee,
  findMoveRule,
  type Load,
  listRegions,
  type ModelInputs,
  type OperationCost,
  priceMillion,
  sumPrice,
  writerOf,
} from './answers.ts';
import { PRICES, type Primary } from './published.ts';
import { ceilingOf } from './writer.ts';

const PRIMARIES: readonly Primary[] = ['Virginia', 'Ireland'];
/** Sign-ins for each change, where users change their passwords seldom. */
const SIGN_INS_PER_CHANGE = 50;
const SLOWER = [1, 3, 10] as const;

/** One sentence: how much a database carries, and when a tenant moves. */
export function tellAnswer(inputs: ModelInputs, knee: Load): string {
  const { changesPerSecond, millionUsers, eventsPerDay } = findMoveRule(inputs, knee);
  const [carried, half, users, events] = [
    knee.changesPerSecond,
    changesPerSecond,
    millionUsers,
    eventsPerDay,
  ].map(tellNumber);
  return `One database carries ${carried} changes a second; a tenant should have one of its own from ${half} changes a second, ${users} million users, or ${events} sign-ins and changes a day on, whichever comes first: each is half of what a database bears, the last one within a year`;
}

export function describeModel(inputs: ModelInputs, knee: Load): string {
  return `${[
    '# A model of the edge',
    'Written by `npm run bench -- model`: what was measured on this machine, and what others publish (`bench/model/published.ts`).',
    '## How much does one database carry, and when must a tenant move to its own?',
    `${tellAnswer(inputs, knee)}.`,
    describeDatabase(inputs, knee),
    '## A change from the regions of the world',
    describeRegions(inputs),
    '## The isolates',
    describeIsolates(inputs, knee),
    '## What a million costs',
    describePrices(inputs),
    '## What went in',
    describeInputs(inputs),
  ].join('\n\n')}\n`;
}

function describeDatabase(inputs: ModelInputs, knee: Load): string {
  const busy = knee.changesPerSecond / ceilingOf(writerOf(inputs));
  const carried = (cost: OperationCost) => tellNumber(carriedPerSecond(cost, busy));
  const mixed = carriedPerSecond(mix(inputs), busy);
  const rows = SLOWER.map((times) => {
    const slow = findKnee(writerOf(inputs, times));
    return [`${times}`, slow.changesPerSecond, slow.p50, slow.p99].map((cell) =>
      typeof cell === 'number' ? tellNumber(cell) : cell,
    );
  });
  return [
    `A database of D1 is one thread. It is carried to where p99 at it is five times what a change takes there alone: ${tellNumber(100 * busy)} % busy. That is ${carried(inputs.change)} changes a second, or ${carried(inputs.signIn)} sign-ins, or, with ${SIGN_INS_PER_CHANGE} sign-ins for each change, ${tellNumber(mixed)} changes and ${tellNumber(SIGN_INS_PER_CHANGE * mixed)} sign-ins.`,
    'The batches were measured on a local SQLite, without the copies that D1 makes of what is written. If they take longer there:',
    table(['Times as long', 'Changes a second', 'p50 at the database, ms', 'p99, ms'], rows),
    `The audit stays, ${tellNumber(inputs.bytesPerEvent)} bytes an event: at one sign-in or change a second, all day, it alone fills 10 GB in ${tellNumber(daysUntilFull(inputs, 1))} days. It is what a busy tenant meets first; events must be exported and removed by the operator before.`,
  ].join('\n\n');
}

/** A change and the sign-ins that come with it, as one. */
function mix({ change, signIn }: ModelInputs): OperationCost {
  const [open, commit] = change.batches;
  const [signInOpen, signInCommit] = signIn.batches;
  const add = (one: typeof open, other: typeof open) => ({
    milliseconds: one.milliseconds + SIGN_INS_PER_CHANGE * other.milliseconds,
    read: one.read + SIGN_INS_PER_CHANGE * other.read,
    written: one.written + SIGN_INS_PER_CHANGE * other.written,
  });
  return { ...change, batches: [add(open, signInOpen), add(commit, signInCommit)] };
}

function describeRegions(inputs: ModelInputs): string {
  const tables = PRIMARIES.map((primary) => {
    const rows = listRegions(inputs, primary).map(({ name, hash, network, database, rest }) => [
      name,
      ...[hash + network + database + rest, hash, network, database, rest].map(tellNumber),
    ]);
    const heads = ['From', 'All', 'Hash', 'Two trips', 'Database', 'Rest'];
    return `The primary in ${primary}, in milliseconds:\n\n${table(heads, rows)}`;
  });
  return [
    'From the edge that the client reaches, without the way to it, on an idle database.',
    ...tables,
    'A tenant is best placed in a database near its users: `DATABASES` says which (README, "Deploy").',
  ].join('\n\n');
}

function describeIsolates(inputs: ModelInputs, knee: Load): string {
  const rows = [1, 10, 100, knee.changesPerSecond].map((perSecond) => [
    tellNumber(perSecond),
    tellNumber(countIsolates(inputs.change, perSecond)),
    tellNumber(countIsolates(inputs.signIn, perSecond)),
  ]);
  return [
    'An isolate is one thread, and hashes on it; it is counted at 70 % busy. Cloudflare starts as many as there is work for, on its own terms.',
    table(['A second', 'Isolates for changes', 'Isolates for sign-ins'], rows),
  ].join('\n\n');
}

function describePrices(inputs: ModelInputs): string {
  const operations = [
    ['Change', inputs.change],
    ['Sign-in', inputs.signIn],
  ] as const;
  const rows = operations.map(([name, cost]) => {
    const price = priceMillion(cost);
    const { requests, cpu, rowsRead, rowsWritten } = price;
    return [name, ...[sumPrice(price), requests, cpu, rowsRead, rowsWritten].map(tellDollars)];
  });
  return [
    `Dollars, Workers Paid, beyond what the plan includes, as of ${PRICES.asOf}.`,
    table(['A million', 'All', 'Requests', 'CPU', 'Rows read', 'Rows written'], rows),
  ].join('\n\n');
}

function describeInputs(inputs: ModelInputs): string {
  const operations = [
    ['Change', inputs.change],
    ['Sign-in', inputs.signIn],
  ] as const;
  const rows = operations.map(([name, { hashMs, cpuMs, batches }]) => {
    const told = batches.map(
      ({ milliseconds, read, written }) =>
        `${tellNumber(milliseconds)} ms, ${read} read, ${written} written`,
    );
    return [name, tellNumber(hashMs), tellNumber(cpuMs), ...told];
  });
  return [
    table(['', 'Hash, ms', 'CPU, ms', 'First batch', 'Second batch'], rows),
    `Bytes of a user with a session and an event: ${tellNumber(inputs.bytesPerUser)}.`,
  ].join('\n\n');
}

function tellDollars(amount: number): string {
  return amount.toFixed(2);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
