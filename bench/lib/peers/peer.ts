// What a peer is to the benchmark: the same two acts, whatever it speaks, and what it says of itself.
import type { Call } from '../load.ts';
import { listTree, readResidentMegabytes } from '../processor.ts';
import type { Side } from '../rounds.ts';
import type { Server } from '../workerd.ts';

/** Of the load client: so many requests over so many connections. */
export interface Shape {
  readonly connections: number;
  readonly requests: number;
}

export interface Target {
  readonly pid: number;
  readonly load: (shape: Shape) => Side['load'];
}

export interface Acts {
  readonly signIn: Target;
  /** From a password that is told to another one, whichever hashes the peer makes of it. */
  readonly change: Target;
}

export interface Peer {
  readonly name: string;
  /** Which hash, and how strong: what no figure may be read without. */
  readonly hash: string;
  /** Of the program, with its name. */
  readonly version: string;
  /** Where the users are. */
  readonly storage: string;
  /** `slow`: a request takes tens of milliseconds. */
  readonly pace: 'slow' | 'quick';
  readonly acts: Acts;
  /** One sign-in's hash by itself, at the same door; null: there is none, or none that can be asked for. */
  readonly rawHash: Target | null;
  /** The same with the hash taken out; null: it cannot be. */
  readonly bare: Acts | null;
  readonly residentMegabytes: () => number;
  /** Starts another one, and stops it. Milliseconds. */
  readonly startCold: () => Promise<number>;
  /** What is installed to run it. */
  readonly installMegabytes: number;
  readonly stop: () => Promise<void>;
}

/** As many as there are connections at most: each changes a password of its own. */
export const USERS = 8;

export function targetHttp(
  { url, pid }: Server,
  makeCall: (index: number, connection: number) => Call,
): Target {
  return { pid, load: (shape) => ({ url, ...shape, status: 200, makeCall }) };
}

export function toSide({ pid, load }: Target, shape: Shape): Side {
  return { pid, load: load(shape) };
}

/** Of workerd below miniflare's host, without the host: it is not there in production. */
export function readWorkerdMegabytes(host: number): number {
  return listTree(host)
    .slice(1)
    .reduce((sum, pid) => sum + readResidentMegabytes(pid), 0);
}

/** From a start that is stopped again. */
export async function takeStart(
  starting: Promise<Server & { readonly started: number }>,
): Promise<number> {
  const { started, stop } = await starting;
  await stop();
  return started;
}

export async function stopAll(servers: readonly Pick<Server, 'stop'>[]): Promise<void> {
  await Promise.all(servers.map(({ stop }) => stop()));
}
