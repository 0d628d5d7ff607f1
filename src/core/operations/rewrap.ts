// A portion of what is sealed is sealed anew under the active pepper: no password is needed, and none is changed.
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import type { Place } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';
import { type ResealedRow, reseal, SEALED_TABLES, type SealedTable } from '../rewrap.ts';

/** Where a portion begins: behind the row of this key; an empty one is before all. */
export interface RewrapCursor {
  readonly place: Place;
  readonly table: string;
  readonly after: readonly string[];
}

export interface RewrapPortion {
  /** The pepper that seals here: whoever drives this knows by it whether this Worker has the new secrets. */
  readonly activePepper: string;
  readonly resealed: number;
  /** Were written meanwhile by somebody else, who may have had an older pepper. */
  readonly outpaced: number;
  /** Do not open: their pepper is gone, or they were tampered with or broken. They stay as they are. */
  readonly unopened: number;
  /** null: this was the last one of the last place. */
  readonly next: RewrapCursor | null;
}

/** Rows of one portion: some milliseconds of CPU, and two trips. */
const PORTION = 200;
const FIRST: SealedTable = 'credential';

/** `cursor` null begins. Portions may be repeated, left out and begun anew at will. */
export async function rewrap(
  core: Core,
  { cursor }: { readonly cursor: RewrapCursor | null },
): Promise<Result<RewrapPortion, Failure>> {
  const { places } = core.config.placement;
  const {
    place,
    table: name,
    after,
  } = cursor ?? { place: places[0] ?? '', table: FIRST, after: [] };
  if (!places.includes(place)) return fail({ kind: 'not-found', what: 'place' });
  const table = SEALED_TABLES.find((one) => one === name);
  if (table === undefined) return fail({ kind: 'not-found', what: 'table' });
  const { store } = core.ports;
  const rows = await store.listSealed(place, table, after, PORTION);
  const stale: ResealedRow[] = [];
  let unopened = 0;
  for (const { key, sealed } of rows) {
    if (sealed === null) continue;
    const resealed = await reseal(core, table, key, sealed);
    if (resealed === null) unopened += 1;
    else if (resealed !== sealed) stale.push({ key, sealed, resealed });
  }
  const resealed = stale.length === 0 ? 0 : await store.replaceSealed(place, table, stale);
  const last = rows.at(-1);
  const isMore = rows.length === PORTION && last !== undefined;
  return ok({
    activePepper: (await core.config.keyring.pepper.active()).id,
    resealed,
    outpaced: stale.length - resealed,
    unopened,
    next: isMore ? { place, table, after: last.key } : findNext(places, place, table),
  });
}

/** The next table, or the first one of the next place. */
function findNext(places: readonly Place[], place: Place, table: SealedTable): RewrapCursor | null {
  const following = SEALED_TABLES[SEALED_TABLES.indexOf(table) + 1];
  if (following !== undefined) return { place, table: following, after: [] };
  const then = places[places.indexOf(place) + 1];
  return then === undefined ? null : { place: then, table: FIRST, after: [] };
}
