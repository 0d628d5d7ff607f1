// A 4-wise binary fuse filter with fingerprints of 16 bits (Graf and Lemire, "Binary Fuse Filters", JEA 27, 2022): tells
// for sure that a key is not in a set, and errs once in 65,536 that it is. About 18 bits a key, four reads a lookup.

const MAGIC = 0x34_46_46_42; // "BFF4", read as little-endian
const VERSION = 1;
/** Magic, version, seed, segment length, segment count: 32 bits each, little-endian; then the fingerprints. */
export const HEADER_BYTES = 20;
export const FINGERPRINT_BYTES = 2;
/** The four places of a key lie in four segments that follow each other. */
export const ARITY = 4;

const FINGERPRINT_BITS = 16n;
const FINGERPRINT_MASK = 0xffffn;
const HALF_BITS = 32n;
const TWO_TO_32 = 2 ** 32;

/** What the places of a key follow from. */
export interface FuseShape {
  /** Unsigned, 32 bits. */
  readonly seed: number;
  /** A power of two. */
  readonly segmentLength: number;
  /** In how many segments the first of the four places may lie. */
  readonly segmentCount: number;
}

export interface FuseFilter {
  /** Never false for a key of the set. */
  readonly mayHave: (key: bigint) => boolean;
}

/** Where a key's fingerprint is spread over: the values at `places`, combined by XOR, are the fingerprint. */
export interface Spread {
  readonly places: readonly [number, number, number, number];
  readonly fingerprint: number;
}

/** @throws when the bytes are not a filter that this code reads. They are ours: it is a mistake of the build. */
export function readFuseFilter(bytes: Uint8Array): FuseFilter {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = readShape(view);
  const readFingerprint = (place: number) =>
    view.getUint16(HEADER_BYTES + place * FINGERPRINT_BYTES, true);
  return {
    mayHave: (key) => {
      const { places, fingerprint } = spreadKey(key, shape);
      return places.reduce((rest, place) => rest ^ readFingerprint(place), fingerprint) === 0;
    },
  };
}

function readShape(view: DataView): FuseShape {
  if (view.byteLength < HEADER_BYTES) throw new Error('the filter is shorter than its header');
  const [magic, version, seed, segmentLength, segmentCount] = [0, 4, 8, 12, 16].map((offset) =>
    view.getUint32(offset, true),
  ) as [number, number, number, number, number];
  if (magic !== MAGIC) throw new Error('the bytes are no filter');
  if (version !== VERSION) throw new Error(`the filter is of the unknown version ${version}`);
  const isPowerOfTwo =
    segmentLength > 0 && 2 ** Math.round(Math.log2(segmentLength)) === segmentLength;
  if (!isPowerOfTwo || segmentCount === 0) throw new Error("the filter's segments are malformed");
  const shape = { seed, segmentLength, segmentCount };
  if (view.byteLength !== HEADER_BYTES + countPlaces(shape) * FINGERPRINT_BYTES) {
    throw new Error("the filter's length is not what its header says");
  }
  return shape;
}

/** The bytes that `readFuseFilter` reads. */
export function writeFuseFilter(shape: FuseShape, fingerprints: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + fingerprints.length * FINGERPRINT_BYTES);
  const view = new DataView(bytes.buffer);
  const { seed, segmentLength, segmentCount } = shape;
  [MAGIC, VERSION, seed, segmentLength, segmentCount].forEach((value, index) => {
    view.setUint32(index * 4, value, true);
  });
  fingerprints.forEach((value, place) => {
    view.setUint16(HEADER_BYTES + place * FINGERPRINT_BYTES, value, true);
  });
  return bytes;
}

export function countPlaces({ segmentLength, segmentCount }: FuseShape): number {
  return (segmentCount + ARITY - 1) * segmentLength;
}

/** The high bits choose the first segment and the place in it, the lowest the fingerprint, those between the other places. */
export function spreadKey(key: bigint, { seed, segmentLength, segmentCount }: FuseShape): Spread {
  const hash = mix(key, seed);
  const high = Number(hash >> HALF_BITS);
  // Exact: both factors together stay below 2^53 for any filter that fits into a Worker.
  const first = Math.floor((high * (segmentCount * segmentLength)) / TWO_TO_32);
  const mask = BigInt(segmentLength - 1);
  const bits = BigInt(Math.log2(segmentLength));
  const placeIn = (segment: 1 | 2 | 3) => {
    const shift = FINGERPRINT_BITS + bits * BigInt(segment - 1);
    return (first + segment * segmentLength) ^ Number((hash >> shift) & mask);
  };
  return {
    places: [first, placeIn(1), placeIn(2), placeIn(3)],
    fingerprint: Number(hash & FINGERPRINT_MASK),
  };
}

/** The finaliser of MurmurHash3, 64 bits: another seed gives every key other places. */
function mix(key: bigint, seed: number): bigint {
  let hash = BigInt.asUintN(64, key + BigInt(seed) * 0x9e37_79b9_7f4a_7c15n);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xff51_afd7_ed55_8ccdn);
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xc4ce_b9fe_1a85_ec53n);
  return hash ^ (hash >> 33n);
}
