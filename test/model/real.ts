// The product under the model: one environment for all of its requests, whose databases count their trips and fail
// where they are told to, and a clock that the model moves.
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import { type Env, setAddress } from '../support/rekey.ts';
import type { World } from './world.ts';

/** Of one request. `statement` is of as many as the batch has, round and round. */
export interface Fault {
  readonly kind: 'at-statement' | 'after-commit';
  readonly trip: 0 | 1;
  readonly statement: number;
}

/** Between what the request has read and what it writes. */
type Meanwhile = () => Promise<void>;

export interface Watched {
  readonly on: Env;
  /** For the next request. */
  readonly arm: (fault: Fault | null, meanwhile?: Meanwhile | null) => void;
  /** Of the request that has ended: how many trips, to which databases, and whether it met its fault. */
  readonly read: () => {
    readonly trips: number;
    readonly touched: ReadonlySet<string>;
    readonly hasFailed: boolean;
  };
}

export function watchDatabases(): Watched {
  let fault: Fault | null = null;
  let meanwhile: Meanwhile | null = null;
  let trips = 0;
  let hasFailed = false;
  const touched = new Set<string>();
  const watch = (database: D1Database, name: string) => ({
    prepare: (sql: string) => database.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      const trip = trips;
      trips += 1;
      touched.add(name);
      if (trip === 1) await meanwhile?.();
      if (fault === null || fault.trip !== trip) return database.batch(statements);
      hasFailed = true;
      if (fault.kind === 'after-commit') {
        await database.batch(statements);
        throw new Error('Network connection lost.');
      }
      const broken = database.prepare('INSERT INTO tenant (id) VALUES (NULL)');
      return database.batch(statements.with(fault.statement % statements.length, broken));
    },
  });
  return {
    on: { ...(env as unknown as Env), DB: watch(env.DB, 'DB'), DB_EU: watch(env.DB_EU, 'DB_EU') },
    arm: (next, other = null) => {
      fault = next;
      meanwhile = other;
      trips = 0;
      touched.clear();
      hasFailed = false;
    },
    read: () => ({ trips, touched: new Set(touched), hasFailed }),
  };
}

export function setClock(now: number): void {
  vi.setSystemTime(now);
}

/** Of all requests from now on. */
export function setSource(world: World, source: string | null): void {
  world.from = source;
  setAddress(source);
}
