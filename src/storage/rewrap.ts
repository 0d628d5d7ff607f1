// The store's part of sealing anew: a portion of a table is read, and what was sealed anew is put in its place.
import type { RewrapStore } from '../core/rewrap.ts';
import { REWRAP } from './sql-rewrap.ts';
import type { Run } from './statement.ts';

interface SealedRowColumns {
  /** JSON. */
  readonly key: string;
  readonly sealed: string | null;
}

export function createRewrap(run: Run): RewrapStore {
  return {
    listSealed: async (place, table, after, atMost) => {
      // No key is empty, so that the empty one is before all.
      const [first = '', second = '', third = ''] = after;
      const values = [first, second, third, atMost];
      const [listed] = await run(place, [{ sql: REWRAP[table].list, values }]);
      const rows = (listed?.results ?? []) as SealedRowColumns[];
      return rows.map(({ key, sealed }) => ({ key: JSON.parse(key) as string[], sealed }));
    },

    replaceSealed: async (place, table, rows) => {
      const texts = rows.map(({ key, sealed, resealed }) => [...key, sealed, resealed]);
      const values = [JSON.stringify(texts)];
      const [replaced] = await run(place, [{ sql: REWRAP[table].replace, values }]);
      return replaced?.meta.changes ?? 0;
    },
  };
}
