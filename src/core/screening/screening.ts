// Whether a password is one that everybody tries: of a pattern, or on the list of common and breached ones. Offline: the
// list is in the Worker, as a filter that refuses one good password in 65,536 and lets none of its own through.
import { sha256, utf8 } from '../bytes.ts';
import { normalisePassword } from '../password/text.ts';
import type { Violation } from '../policy.ts';
import { readFuseFilter } from './fuse-filter.ts';
import { isTrivial } from './patterns.ts';

export interface Screening {
  /** Of the whole password, never of a part (NIST SP 800-63B-4 section 3.1.1.2); null when there is nothing against it. */
  readonly findViolation: (password: string) => Promise<Violation | null>;
}

/** @throws when the bytes are no filter. */
export function createScreening(filterBytes: Uint8Array): Screening {
  const filter = readFuseFilter(filterBytes);
  return {
    findViolation: async (password) => {
      const folded = foldPassword(password);
      if (isTrivial(folded)) return { rule: 'trivial' };
      return filter.mayHave(await computeScreeningKey(folded)) ? { rule: 'common' } : null;
    },
  };
}

/** For the comparison alone: what is hashed and stored keeps its case. */
export function foldPassword(password: string): string {
  return normalisePassword(password).toLowerCase();
}

/** The first 64 bits of SHA-256. */
export async function computeScreeningKey(folded: string): Promise<bigint> {
  const digest = await sha256(utf8(folded));
  return new DataView(digest.buffer).getBigUint64(0);
}
