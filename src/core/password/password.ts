// The password engine: hash, verify → verdict. Knows no storage and no policy; one file a scheme beside it.
import type { Keyring } from '../keyring.ts';
import type { Random } from '../ports.ts';
import { readForeignHash } from './foreign.ts';
import type { ChainPace } from './pbkdf2.ts';
import {
  hashPbkdf2c,
  isSealedPbkdf2c,
  type Owner,
  readPepperId,
  renewPbkdf2c,
  resealPbkdf2c,
  type SchemeTools,
  sealPbkdf2c,
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
  /** The string to store instead of a stale one of this very password. */
  renew(stored: string, password: string, owner: Owner): Promise<string>;
  /** The same hash under the active pepper: `stored` itself when it is under no old one, null when it does not open. */
  reseal(stored: string, owner: Owner): Promise<string | null>;
  /** Whether a hash that another system made is one that we can verify. */
  canAdopt(encoded: string): boolean;
  /** The string to store of such a hash. Costs no derivation. @throws RangeError when it cannot be adopted. */
  adopt(encoded: string, owner: Owner): Promise<string>;
  /** Whether what is stored is this very hash, adopted. Costs no derivation. */
  isAdopted(stored: string | null, encoded: string, owner: Owner): Promise<boolean>;
}

export function createPasswordEngine(
  keyring: Keyring,
  random: Random,
  pace: ChainPace,
): PasswordEngine {
  const tools: SchemeTools = {
    pepper: keyring.pepper,
    random: (length) => random.bytes(length),
    pace,
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
    renew: (stored, password, owner) =>
      renewPbkdf2c(stored, normalisePassword(password), owner, tools),
    reseal: async (stored, owner) => {
      const id = readPepperId(stored);
      if (id !== null && !tools.pepper.isOld(id)) return stored;
      return resealPbkdf2c(stored, owner, tools);
    },
    canAdopt: (encoded) => readForeignHash(encoded) !== null,
    adopt: async (encoded, owner) => {
      const hash = readForeignHash(encoded);
      if (hash === null) throw new RangeError('a hash of another scheme');
      return sealPbkdf2c(hash, owner, tools);
    },
    isAdopted: async (stored, encoded, owner) => {
      const hash = readForeignHash(encoded);
      return stored !== null && hash !== null && isSealedPbkdf2c(stored, hash, owner, tools);
    },
  };
}
