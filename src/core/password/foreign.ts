// Hashes that other systems made, as far as our own scheme can verify them: PBKDF2-HMAC-SHA-256 of at most one link.
// Forms: $pbkdf2-sha256$<rounds>$<salt>$<hash> as passlib and ZITADEL write it ("." for "+", padding optional), and
// our own before it is sealed, $pbkdf2c-sha256$i=<rounds>,c=<rounds a link>$<salt>$<hash>.
import { readBase64 } from '../bytes.ts';
import { type ChainCost, MAX_ITERATIONS_PER_CALL } from './pbkdf2.ts';

const MIN_SALT_BYTES = 8;
const MAX_SALT_BYTES = 64;
const OUTPUT_BYTES = 32;

export interface DerivedHash {
  readonly cost: ChainCost;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly output: Uint8Array<ArrayBuffer>;
}

/** null for a hash that we could not verify: another scheme, a cost above the platform's cap, a cut output. */
export function readForeignHash(encoded: string): DerivedHash | null {
  const [, rounds, perLink, saltText, hashText] =
    /^\$pbkdf2(?:-sha256\$|c-sha256\$i=)([1-9]\d{0,6})(?:,c=([1-9]\d{0,5}))?\$([\w.+/]+={0,2})\$([\w.+/]+={0,2})$/.exec(
      encoded,
    ) ?? [];
  if (rounds === undefined || saltText === undefined || hashText === undefined) return null;
  if ((perLink !== undefined) !== encoded.startsWith('$pbkdf2c-')) return null;
  const salt = readAdaptedBase64(saltText);
  const output = readAdaptedBase64(hashText);
  const iterations = Number(rounds);
  const cost = { iterations, perLink: Number(perLink ?? MAX_ITERATIONS_PER_CALL) };
  if (salt === null || output?.length !== OUTPUT_BYTES || !isAffordable(cost)) return null;
  if (salt.length < MIN_SALT_BYTES || salt.length > MAX_SALT_BYTES) return null;
  // Beyond one link only our own chain is what the form says.
  if (perLink === undefined && iterations > MAX_ITERATIONS_PER_CALL) return null;
  return { cost, salt, output };
}

const MAX_LINKS = 12;

/** A stored cost above this is no hash of ours: deriving it would be an attack paid by us. */
export function isAffordable({ iterations, perLink }: ChainCost): boolean {
  // A tiny link length would turn a bounded cost into an unbounded number of calls.
  return perLink <= MAX_ITERATIONS_PER_CALL && iterations / perLink <= MAX_LINKS;
}

function readAdaptedBase64(text: string): Uint8Array<ArrayBuffer> | null {
  return readBase64(text.replaceAll('.', '+').replaceAll('=', ''));
}
