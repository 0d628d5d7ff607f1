// What a request of strangers takes from the buckets, and what the rows say of it.
import type { Flood } from '../core/flood.ts';
import type { Pace } from '../core/pace.ts';
import type { OpenRequest } from '../core/store.ts';
import type { Grant } from '../core/throttle.ts';
import { FLOOD, PUT_BACK } from './sql-flood.ts';
import type { Bound, Value } from './statement.ts';

interface FloodRow {
  readonly source: string;
  readonly full_at: number;
  readonly admitted: string | null;
}

/** `values`: of the caller. */
export function planFlood(
  { caller, flood, now }: OpenRequest,
  values: readonly Value[],
  loginName: string | null,
  activityId: string,
): Bound[] {
  if (flood === undefined) return [];
  const { source, sourcePace, tenantPace, laneLife } = flood;
  const sql = FLOOD[caller.kind];
  const take = ({ interval, span }: Pace) => [...values, source, interval, span, activityId];
  const takeFromSource = {
    sql: sql.takeFromSource,
    values: [...take(sourcePace), loginName, now - laneLife],
  };
  if (tenantPace === null) return [takeFromSource];
  return [takeFromSource, { sql: sql.takeFromTenant, values: take(tenantPace) }];
}

/** When there is one to take again; null when there was one. */
export function readFlood(flood: Flood | undefined, results: readonly D1Result[]): number | null {
  if (flood === undefined) return null;
  for (const { source, full_at: fullAt, admitted } of readRows(results)) {
    const { interval, span } = findPace(flood, source);
    if (admitted === null) return fullAt - span + interval;
  }
  return null;
}

/** What a right guess puts back: as much as it took. */
export function readTaken(flood: Flood | undefined, results: readonly D1Result[]): Grant['taken'] {
  if (flood === undefined) return [];
  return readRows(results).map(({ source }) => ({
    source,
    interval: findPace(flood, source).interval,
  }));
}

export function planPutBack(tenantId: string, { taken }: Grant): Bound[] {
  return taken.map(({ source, interval }) => ({
    sql: PUT_BACK,
    values: [tenantId, source, interval],
  }));
}

function findPace({ sourcePace, tenantPace }: Flood, source: string): Pace {
  return source === '' ? (tenantPace ?? sourcePace) : sourcePace;
}

function readRows(results: readonly D1Result[]): readonly FloodRow[] {
  return results.flatMap((result) => (result.results ?? []) as FloodRow[]);
}
