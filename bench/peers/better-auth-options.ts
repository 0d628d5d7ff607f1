// better-auth as it is measured, on Node and on Workers: its own hash unless that is taken out, all else as it comes.
import type { BetterAuthOptions } from 'better-auth';

export interface PeerOptions {
  /** Left out, its users are in its memory. */
  readonly database: BetterAuthOptions['database'];
  readonly baseURL: string;
  readonly secret: string;
  /** `none`: the password is kept as it is, so that what is left is all that better-auth does beside hashing. */
  readonly hash: string;
}

const NO_HASH = {
  hash: async (password: string) => password,
  verify: async ({ hash, password }: { hash: string; password: string }) => hash === password,
};

export function makeOptions({ database, baseURL, secret, hash }: PeerOptions): BetterAuthOptions {
  return {
    database,
    baseURL,
    secret,
    // On in production, where it would refuse the load.
    rateLimit: { enabled: false },
    // Off unless the environment says otherwise.
    telemetry: { enabled: false },
    logger: { level: 'error' },
    emailAndPassword: { enabled: true, ...(hash === 'none' ? { password: NO_HASH } : {}) },
  };
}
