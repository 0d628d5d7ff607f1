// Verification codes: drawn without bias, kept as a keyed MAC, bound to purpose and user, dead after a few wrong tries.
import type { SpentCode } from './commit.ts';
import type { Keyring } from './keyring.ts';
import type { Random } from './ports.ts';

/** A reset code is no second factor, and the other way round. */
export type CodePurpose = 'reset' | 'secure-otp';

/** What a code looks like: the one thing in which the dialects differ. */
export interface CodeFormat {
  readonly alphabet: string;
  readonly length: number;
}

/** 40 bits, without look-alikes (no I, O, 0, 1). */
export const LETTER_CODE: CodeFormat = { alphabet: 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789', length: 8 };
/** 26 bits: to be read out, and typed on a phone. NIST SP 800-63B-4 4.2.1.2 asks for six digits. */
export const DIGIT_CODE: CodeFormat = { alphabet: '0123456789', length: 8 };

/** By what a dialect asks for. */
export const CODE_FORMATS = { letters: LETTER_CODE, digits: DIGIT_CODE } as const;
export type CodeFormatName = keyof typeof CODE_FORMATS;

export const MAX_CODE_TRIES = 5;
/** A second request must not kill the code of the first letter. */
export const LIVE_CODES = 2;

/** A code by its MACs, of each purpose that it may be of and under each key, and how many wrong guesses it bears. */
export interface CodeRef {
  readonly purposes: readonly CodePurpose[];
  readonly macs: readonly string[];
  readonly maxTries: number;
}

export interface Code {
  /** By which it is kept: under the key of then. */
  readonly mac: string;
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

export function drawCode(random: Random, { alphabet, length }: CodeFormat): string {
  // A byte beyond the last whole round of the alphabet would favour its first characters.
  const limit = 256 - (256 % alphabet.length);
  let code = '';
  while (code.length < length) {
    for (const byte of random.bytes(length - code.length)) {
      if (byte < limit) code += alphabet[byte % alphabet.length];
    }
  }
  return code;
}

/**
 * What is stored: a keyed MAC. Whose it is, its row says: the code may come with a login name, whose user is not known
 * before the one trip that counts the guess. ASCII letters may come in either case: people retype codes.
 */
export function computeCodeMac(
  keyring: Keyring,
  purpose: CodePurpose,
  code: string,
): Promise<string> {
  return keyring.mac('code', purpose, spell(code));
}

export async function referToCode(
  keyring: Keyring,
  purposes: readonly CodePurpose[],
  code: string,
): Promise<CodeRef> {
  const macs = await Promise.all(
    purposes.map((purpose) => keyring.macs('code', purpose, spell(code))),
  );
  return { purposes, macs: macs.flat().map(({ mac }) => mac), maxTries: MAX_CODE_TRIES };
}

function spell(code: string): string {
  return code.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** The reference to a code that was found, for the commit that spends it. */
export function spendCode({ mac }: Code, purpose: CodePurpose): SpentCode {
  return { purpose, mac, maxTries: MAX_CODE_TRIES };
}
