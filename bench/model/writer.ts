// A database of D1 is one thread: a queue with one server. Changes arrive at random; each has it run two batches, with the
// hash between them. Simulated, and in closed form beside it.
import { median, percentile } from '../lib/statistics.ts';

/** Milliseconds. */
export interface Writer {
  /** Of the two batches of a change. */
  readonly openMs: number;
  readonly commitMs: number;
  /** From the end of the first batch to the arrival of the second: the hash, and the way there and back. */
  readonly betweenMs: number;
}

/** Of what changes spend at the database, waits included. Milliseconds. */
export interface TimeAtWriter {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

export interface Simulation {
  readonly changes: number;
  /** The same one, the same arrivals, only closer together at a higher rate. */
  readonly seed: number;
}

const SIMULATION: Simulation = { changes: 20_000, seed: 20_270_104 };

/** Of the beginning, when the queue is still empty. */
const WARM_UP_SHARE = 0.1;

/** What both batches of a change take, when nobody waits. */
export function serviceOf({ openMs, commitMs }: Writer): number {
  return openMs + commitMs;
}

/** Changes a second at which it has no idle moment left, and the queue no end. */
export function ceilingOf(writer: Writer): number {
  return 1000 / serviceOf(writer);
}

/** Discrete events: each batch begins when it has arrived and the one before it has ended. */
export function simulateWriter(
  writer: Writer,
  changesPerSecond: number,
  { changes, seed }: Simulation = SIMULATION,
): TimeAtWriter {
  const { openMs, commitMs, betweenMs } = writer;
  const opens = drawArrivals(changesPerSecond, changes, seed);
  /** By change, when its second batch arrives: in the order of the first ones, since these end in theirs. */
  const commits: number[] = [];
  const spent: number[] = [];
  let freeAt = 0;
  const serve = (arrivedAt: number, service: number): number => {
    freeAt = Math.max(arrivedAt, freeAt) + service;
    return freeAt - arrivedAt;
  };
  while (spent.length < changes) {
    const open = opens[commits.length] ?? Number.POSITIVE_INFINITY;
    const commit = commits[spent.length] ?? Number.POSITIVE_INFINITY;
    if (open <= commit) commits.push(open + serve(open, openMs) + betweenMs);
    else {
      const inFirst = commit - betweenMs - (opens[spent.length] ?? 0);
      spent.push(inFirst + serve(commit, commitMs));
    }
  }
  // Typed arrays are sorted as numbers, several times as fast; what is sorted already is soon sorted again.
  const steady = [...Float64Array.from(spent.slice(Math.floor(changes * WARM_UP_SHARE))).sort()];
  const mean = steady.reduce((sum, time) => sum + time, 0) / steady.length;
  return { mean, p50: median(steady), p99: percentile(steady, 0.99) };
}

/**
 * The mean in closed form (Pollaczek and Khinchine; M/D/1 where both batches take the same), as if the second batches
 * came as independently as the first. They come a little more evenly, since they have queued before: near the ceiling it
 * says some more than the simulation does.
 */
export function meanTimeAtWriter(writer: Writer, changesPerSecond: number): number {
  const { openMs, commitMs } = writer;
  const batchesPerMs = (2 * changesPerSecond) / 1000;
  const meanSquare = (openMs ** 2 + commitMs ** 2) / 2;
  const busy = changesPerSecond / ceilingOf(writer);
  if (busy >= 1) return Number.POSITIVE_INFINITY;
  const wait = (batchesPerMs * meanSquare) / (2 * (1 - busy));
  return serviceOf(writer) + 2 * wait;
}

/** Poisson: waits between arrivals are exponential. Milliseconds from the beginning. */
function drawArrivals(perSecond: number, count: number, seed: number): readonly number[] {
  const random = createRandom(seed);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += (-Math.log(1 - random()) * 1000) / perSecond;
    return at;
  });
}

/** From 0 to below 1 (mulberry32, by Tommy Ettinger; public domain). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
