// Builds the filter that src/core/screening/fuse-filter.ts reads: each key gets one place of its own among its four, and
// the fingerprint there is chosen last (Graf and Lemire 2022, section 3). Some seeds do not work out: then the next is tried.
import {
  ARITY,
  countPlaces,
  type FuseShape,
  type Spread,
  spreadKey,
  writeFuseFilter,
} from '../core/screening/fuse-filter.ts';

/** Far more than are ever needed: a seed works out more often than not. */
const MAX_SEEDS = 100;

/** The same bytes for the same set of keys. @throws when no seed works out. */
export function buildFuseFilter(keys: Iterable<bigint>): Uint8Array {
  // Twice the same key could never be told apart, and so no place would ever be its own.
  const set = [...new Set(keys)];
  const { segmentLength, segmentCount } = chooseSegments(set.length);
  for (let seed = 1; seed <= MAX_SEEDS; seed += 1) {
    const shape = { seed, segmentLength, segmentCount };
    const spreads = set.map((key) => spreadKey(key, shape));
    const peeled = peel(spreads, shape);
    if (peeled !== null) return writeFuseFilter(shape, fillIn(spreads, peeled, shape));
  }
  throw new Error(`no filter of ${set.length} keys in ${MAX_SEEDS} tries`);
}

/** The authors' own figures for four places, found by trial. */
function chooseSegments(size: number): Omit<FuseShape, 'seed'> {
  const n = Math.max(size, 2);
  const segmentLength = 2 ** Math.max(0, Math.floor(Math.log(n) / Math.log(2.91) - 0.5));
  const factor = Math.max(1.075, 0.77 + (0.305 * Math.log(600_000)) / Math.log(n));
  const segments = Math.ceil((n * factor) / segmentLength);
  return { segmentLength, segmentCount: Math.max(1, segments - (ARITY - 1)) };
}

interface Peeled {
  readonly key: number;
  readonly place: number;
}

/** Takes away, again and again, a key that is alone at a place; null when some stay that never are. */
function peel(spreads: readonly Spread[], shape: FuseShape): Peeled[] | null {
  const counts = new Uint32Array(countPlaces(shape));
  // The XOR of the indices of all keys at the place: of one alone, its own.
  const indices = new Uint32Array(counts.length);
  const toggle = (index: number, step: 1 | -1) => {
    for (const place of spreads[index]?.places ?? []) {
      counts[place] = (counts[place] ?? 0) + step;
      indices[place] = (indices[place] ?? 0) ^ index;
    }
  };
  spreads.forEach((_, index) => {
    toggle(index, 1);
  });
  const alone = [...counts.keys()].filter((place) => counts[place] === 1);
  const peeled: Peeled[] = [];
  for (let place = alone.pop(); place !== undefined; place = alone.pop()) {
    if (counts[place] !== 1) continue;
    const key = indices[place] ?? 0;
    peeled.push({ key, place });
    toggle(key, -1);
    alone.push(...(spreads[key]?.places ?? []).filter((other) => counts[other] === 1));
  }
  return peeled.length === spreads.length ? peeled : null;
}

/** Backwards: nothing that is filled in later touches the places of a key whose turn is over. */
function fillIn(
  spreads: readonly Spread[],
  peeled: readonly Peeled[],
  shape: FuseShape,
): Uint16Array {
  const fingerprints = new Uint16Array(countPlaces(shape));
  for (const { key, place } of peeled.toReversed()) {
    const { places, fingerprint } = spreads[key] as Spread;
    // The place itself is still zero.
    fingerprints[place] = places.reduce((rest, at) => rest ^ (fingerprints[at] ?? 0), fingerprint);
  }
  return fingerprints;
}
