// What may be a password at all, before any tenant's policy: the form in which it is hashed.

/** The hard bound; a tenant's policy may be stricter. In code points (NIST SP 800-63B-4 section 3.1.1.2). */
export const MAX_PASSWORD_CODE_POINTS = 200;

/** The most UTF-16 units that NFC composes to one code point. */
const MAX_UNITS_PER_CODE_POINT = 4;

export type PasswordFault = 'empty' | 'too-long' | 'control-character' | 'ill-formed';

/** C0, DEL and C1. NUL above all: HMAC pads its key with zeros, so "pw" and "pw\0" would be one password. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Why the text can never be a password; null when it can. */
export function findPasswordFault(text: string): PasswordFault | null {
  if (text === '') return 'empty';
  // Cheap refusal of the huge: nothing longer can be composed to so few code points.
  if (text.length > MAX_PASSWORD_CODE_POINTS * MAX_UNITS_PER_CODE_POINT) return 'too-long';
  if (!text.isWellFormed()) return 'ill-formed';
  if (CONTROL_CHARACTER.test(text)) return 'control-character';
  if (countCodePoints(normalisePassword(text)) > MAX_PASSWORD_CODE_POINTS) return 'too-long';
  return null;
}

/** NFC and nothing else: never trimmed, folded or truncated. */
export function normalisePassword(text: string): string {
  return text.normalize('NFC');
}

export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
