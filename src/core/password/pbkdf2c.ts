// The scheme pbkdf2c-sha256: chained PBKDF2 whose output is stored sealed by the pepper.
// Form: $pbkdf2c-sha256$i=600000,c=100000,k=<pepper id>$<salt>$<iv ‖ AES-256-GCM(output)>, base64 without padding.
import { equalBytes, readBase64, toBase64, utf8 } from '../bytes.ts';
import type { Pepper } from '../keyring.ts';
import { type DerivedHash, isAffordable } from './foreign.ts';
import { type ChainCost, type ChainPace, deriveChain, MAX_ITERATIONS_PER_CALL } from './pbkdf2.ts';

const PREFIX = '$pbkdf2c-sha256$';
/** OWASP Password Storage Cheat Sheet: PBKDF2-HMAC-SHA-256 with 600,000 iterations. */
const CURRENT_COST: ChainCost = { iterations: 600_000, perLink: MAX_ITERATIONS_PER_CALL };
const SALT_BYTES = 16;
const IV_BYTES = 12;
const OUTPUT_BYTES = 32;
const TAG_BYTES = 16;

/** Whose hash it is: bound into the seal, so that a hash copied to another row does not open. */
export interface Owner {
  readonly tenantId: string;
  readonly userId: string;
}

interface Stored {
  readonly cost: ChainCost;
  readonly pepperId: string;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

export type SchemeVerdict = 'match' | 'match-stale' | 'mismatch' | 'unsupported';

export interface SchemeTools {
  readonly pepper: Pepper;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  readonly pace: ChainPace;
}

/** Hashes with a fresh salt at the current cost under the active pepper key. */
export async function hashPbkdf2c(
  password: string,
  owner: Owner,
  tools: SchemeTools,
): Promise<string> {
  const salt = tools.random(SALT_BYTES);
  const output = await deriveChain(utf8(password), salt, CURRENT_COST, tools.pace);
  return sealPbkdf2c({ cost: CURRENT_COST, salt, output }, owner, tools);
}

/** What is stored of a derived hash. Costs no derivation. */
export async function sealPbkdf2c(
  { cost, salt, output }: DerivedHash,
  owner: Owner,
  tools: Pick<SchemeTools, 'pepper' | 'random'>,
): Promise<string> {
  const key = await tools.pepper.active();
  const iv = tools.random(IV_BYTES);
  const params = formatParams(cost, key.id);
  const ciphertext = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: sealContext(params, owner) },
    key.key,
    output,
  );
  const sealed = new Uint8Array(IV_BYTES + ciphertext.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(ciphertext), IV_BYTES);
  return `${PREFIX}${params}$${toBase64(salt)}$${toBase64(sealed)}`;
}

/** Opens the seal first: what does not open, or asks for an absurd cost, is never derived. */
export async function verifyPbkdf2c(
  stored: string,
  password: string,
  owner: Owner,
  tools: SchemeTools,
): Promise<SchemeVerdict> {
  const parsed = parseStored(stored);
  if (parsed === null) return 'unsupported';
  const expected = await unseal(parsed, owner, tools.pepper);
  if (expected === null) return 'unsupported';
  const output = await deriveChain(utf8(password), parsed.salt, parsed.cost, tools.pace);
  if (!equalBytes(output, expected)) {
    await spendRest(password, parsed.cost, tools);
    return 'mismatch';
  }
  const isStale = !isCurrentCost(parsed.cost) || tools.pepper.isOld(parsed.pepperId);
  return isStale ? 'match-stale' : 'match';
}

function isCurrentCost({ iterations, perLink }: ChainCost): boolean {
  return iterations === CURRENT_COST.iterations && perLink === CURRENT_COST.perLink;
}

/** The same password under what is current. Costs no derivation when the pepper alone is old. */
export async function renewPbkdf2c(
  stored: string,
  password: string,
  owner: Owner,
  tools: SchemeTools,
): Promise<string> {
  const parsed = parseStored(stored);
  const resealed =
    parsed !== null && isCurrentCost(parsed.cost)
      ? await resealPbkdf2c(stored, owner, tools)
      : null;
  return resealed ?? hashPbkdf2c(password, owner, tools);
}

/** The same hash under the active pepper; null when it does not open. Costs no derivation, and needs no password. */
export async function resealPbkdf2c(
  stored: string,
  owner: Owner,
  tools: Pick<SchemeTools, 'pepper' | 'random'>,
): Promise<string | null> {
  const parsed = parseStored(stored);
  const output = parsed && (await unseal(parsed, owner, tools.pepper));
  if (parsed === null || output === null) return null;
  return sealPbkdf2c({ cost: parsed.cost, salt: parsed.salt, output }, owner, tools);
}

/** The pepper that it is under; null for what is no hash of ours. */
export function readPepperId(stored: string): string | null {
  return parseStored(stored)?.pepperId ?? null;
}

/** Whether what is stored is this very hash. Costs no derivation. */
export async function isSealedPbkdf2c(
  stored: string,
  hash: DerivedHash,
  owner: Owner,
  tools: Pick<SchemeTools, 'pepper'>,
): Promise<boolean> {
  const parsed = parseStored(stored);
  if (parsed === null || !equalBytes(parsed.salt, hash.salt)) return false;
  const output = await unseal(parsed, owner, tools.pepper);
  return output !== null && equalBytes(output, hash.output);
}

/** Spends what a verification costs, for an account or a password that is not there. */
export async function spendPbkdf2c(password: string, tools: SchemeTools): Promise<void> {
  await deriveChain(utf8(password), new Uint8Array(SALT_BYTES), CURRENT_COST, tools.pace);
}

/** A hash of an older, lower cost must not be told by answering sooner: the iterations are what takes the time. */
async function spendRest(password: string, cost: ChainCost, tools: SchemeTools): Promise<void> {
  const iterations = CURRENT_COST.iterations - cost.iterations;
  if (iterations <= 0) return;
  const rest = { ...CURRENT_COST, iterations };
  await deriveChain(utf8(password), new Uint8Array(SALT_BYTES), rest, tools.pace);
}

function parseStored(stored: string): Stored | null {
  const match =
    /^\$pbkdf2c-sha256\$i=([1-9]\d{0,9}),c=([1-9]\d{0,9}),k=([A-Za-z0-9_-]{1,32})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{80})$/.exec(
      stored,
    );
  if (match === null) return null;
  const [, iterationsText, perLinkText, pepperId, saltText, sealedText] = match;
  const iterations = Number(iterationsText);
  const perLink = Number(perLinkText);
  if (!isAffordable({ iterations, perLink })) return null;
  const salt = readBase64(saltText ?? '');
  const sealed = readBase64(sealedText ?? '');
  if (salt === null || sealed === null || pepperId === undefined) return null;
  if (sealed.length !== IV_BYTES + OUTPUT_BYTES + TAG_BYTES) return null;
  return { cost: { iterations, perLink }, pepperId, salt, sealed };
}

async function unseal(
  stored: Stored,
  owner: Owner,
  pepper: Pepper,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const key = await pepper.find(stored.pepperId);
  if (key === null) return null;
  const params = formatParams(stored.cost, stored.pepperId);
  try {
    const output = await crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: stored.sealed.slice(0, IV_BYTES),
        additionalData: sealContext(params, owner),
      },
      key,
      stored.sealed.slice(IV_BYTES),
    );
    return new Uint8Array(output);
  } catch {
    return null;
  }
}

function formatParams(cost: ChainCost, pepperId: string): string {
  return `i=${cost.iterations},c=${cost.perLink},k=${pepperId}`;
}

/** JSON, since a separator could occur in an id. */
function sealContext(params: string, owner: Owner): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify([PREFIX, params, owner.tenantId, owner.userId]));
}
