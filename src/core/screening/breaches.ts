// Whether a password is in a leak, asked of a server that learns no more of it than 20 bits of its SHA-1: it answers with
// every hash that begins so, as the range API of Have I Been Pwned does, and the comparison is made here.
import { utf8 } from '../bytes.ts';
import { normalisePassword } from '../password/text.ts';
import type { ReadBreachRange } from '../ports.ts';

/** `unknown`: nobody could be asked, or what was answered is no range. */
export type BreachVerdict = 'breached' | 'clear' | 'unknown';

const PREFIX_LENGTH = 5;
/** The rest of a hash, and how often it was seen. */
const LINE = /^([0-9A-F]{35}):(\d{1,15})$/i;

/** `read` null: this deployment asks nobody. */
export async function askBreaches(
  read: ReadBreachRange | null,
  password: string,
): Promise<BreachVerdict> {
  if (read === null) return 'unknown';
  const digest = await crypto.subtle.digest('SHA-1', utf8(normalisePassword(password)));
  const hash = Array.from(new Uint8Array(digest), toHex).join('');
  const range = await read(hash.slice(0, PREFIX_LENGTH));
  return range === null ? 'unknown' : findInRange(range, hash.slice(PREFIX_LENGTH));
}

function toHex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function findInRange(range: string, suffix: string): BreachVerdict {
  const lines = range.split(/\r?\n/).filter((line) => line !== '');
  let verdict: BreachVerdict = 'clear';
  for (const line of lines) {
    const [, rest, count] = LINE.exec(line) ?? [];
    if (rest === undefined) return 'unknown';
    // Lines that were never seen are padding, so that the length of the answer tells nothing.
    if (rest.toUpperCase() === suffix && Number(count) > 0) verdict = 'breached';
  }
  return verdict;
}
