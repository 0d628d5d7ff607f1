// The password engine: hash, verify → verdict. Knows no storage and no policy; one file a scheme beside it.
import type { Keyring } from '../keyring.ts';
import type { Meter, Random } from '../ports.ts';
import {
  hashPbkdf2c,
  type Owner,
  type SchemeTools,
  spendPbkdf2c,
  verifyPbkdf2c,
} from './pbkdf2c.ts';
import { normalisePassword } from './text.ts';

export type { Owner } from './pbkdf2c.ts';

/** `match-stale`: right, and to be hashed anew. `unsupported`: not a hash that we may derive; treat as wrong. */
export type Verdict = 'match' | 'match-stale' | 'mismatch' | 'unsupported';

export interface PasswordEngine {
  /** The string to store. Costs one derivation. The text must have no `findPasswordFault`. */
  hash(password: string, owner: Owner): Promise<string>;
  /** `stored` null (no such account, no password) costs the same one derivation and is a mismatch. */
  verify(stored: string | null, password: string, owner: Owner): Promise<Verdict>;
}

export function createPasswordEngine(
  keyring: Keyring,
  random: Random,
  meter: Meter,
  rest: () => Promise<void>,
): PasswordEngine {
  const tools: SchemeTools = {
    pepper: keyring.pepper,
    random: (length) => random.bytes(length),
    pace: {
      onLink: () => {
        meter.links += 1;
      },
      rest,
    },
  };
  return {
    hash: (password, owner) => hashPbkdf2c(normalisePassword(password), owner, tools),
    verify: async (stored, password, owner) => {
      const text = normalisePassword(password);
      if (stored !== null) {
        const verdict = await verifyPbkdf2c(stored, text, owner, tools);
        if (verdict !== 'unsupported') return verdict;
      }
      // The same work as for a known user with a sound hash, so that time tells nothing.
      await spendPbkdf2c(text, tools);
      return stored === null ? 'mismatch' : 'unsupported';
    },
  };
}
