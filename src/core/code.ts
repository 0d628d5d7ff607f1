// Verification codes: drawn without bias, kept as a keyed MAC, bound to purpose and user, dead after a few wrong tries.
import type { Keyring } from './keyring.ts';
import type { Random } from './ports.ts';

/** A reset code is no second factor, and the other way round. */
export type CodePurpose = 'reset' | 'secure-otp';

/** 32 characters without look-alikes (no I, O, 0, 1): five bits each, so that a masked byte has no bias. */
export const CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
export const CODE_LENGTH = 8;
export const MAX_CODE_TRIES = 5;
/** A second request must not kill the code of the first letter. */
export const LIVE_CODES = 2;

/** A code by its MAC, and how many wrong guesses it bears. */
export interface CodeRef {
  readonly purpose: CodePurpose;
  readonly mac: string;
  readonly maxTries: number;
}

export interface Code {
  readonly expiresAt: number;
  readonly tries: number;
  /** The credential version that it made; null while it is live. */
  readonly spentVersion: number | null;
}

export type CodeVerdict = 'live' | 'spent' | 'expired' | 'dead' | 'unknown';

export function judgeCode(code: Code | null, now: number): CodeVerdict {
  if (code === null) return 'unknown';
  if (code.expiresAt <= now) return 'expired';
  if (code.spentVersion !== null) return 'spent';
  return code.tries >= MAX_CODE_TRIES ? 'dead' : 'live';
}

export function drawCode(random: Random): string {
  const bytes = random.bytes(CODE_LENGTH);
  return Array.from(bytes, (byte) => CODE_ALPHABET[byte & 31]).join('');
}

/** What is stored and looked up: a keyed MAC. ASCII letters may come in either case: people retype codes. */
export async function referToCode(
  keyring: Keyring,
  purpose: CodePurpose,
  userId: string,
  code: string,
): Promise<CodeRef> {
  const spelling = code.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const mac = await keyring.mac('code', purpose, userId, spelling);
  return { purpose, mac, maxTries: MAX_CODE_TRIES };
}
