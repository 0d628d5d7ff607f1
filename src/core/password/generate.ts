// Temporary passwords made by us (ASVS 5.0 6.4.1): random, policy-conform, readable aloud.
import type { PasswordPolicy } from '../policy.ts';
import type { Random } from '../ports.ts';

/** 56 characters without look-alikes (no l, o, I, O, 0, 1). */
const GROUP_ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUP_LENGTH = 5;
const MIN_GROUPS = 4;

/** Groups of five joined by dashes: at least 23 characters, 116 bits, all four character classes. */
export function generatePassword(policy: PasswordPolicy, random: Random): string {
  const groups = Math.max(MIN_GROUPS, Math.ceil((policy.minLength + 1) / (GROUP_LENGTH + 1)));
  const draw = () => Array.from({ length: GROUP_LENGTH }, () => drawCharacter(random)).join('');
  for (;;) {
    const password = Array.from({ length: groups }, draw).join('-').slice(0, policy.maxLength);
    // Redrawn until it holds every class; a redraw loses a fraction of a bit.
    if (/[a-z]/.test(password) && /[A-Z]/.test(password) && /[0-9]/.test(password)) return password;
  }
}

/** Bytes at or above the largest multiple of the alphabet's length are drawn again: no modulo bias. */
function drawCharacter(random: Random): string {
  const bound = 256 - (256 % GROUP_ALPHABET.length);
  for (;;) {
    const byte = random.bytes(1)[0] ?? 255;
    if (byte < bound) return GROUP_ALPHABET.charAt(byte % GROUP_ALPHABET.length);
  }
}
