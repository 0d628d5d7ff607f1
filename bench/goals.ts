// What is asked of each benchmark. A miss is a finding to mend in the product, not here.
import type { Goal } from './lib/result.ts';

const atMost = (value: number): Goal => ({ bound: 'at-most', value });
const atLeast = (value: number): Goal => ({ bound: 'at-least', value });

/** What a request costs beside its hashes, as a share of them (p50 with one connection). */
export const OVERHEAD = { signIn: atMost(0.05), change: atMost(0.04) };

/** The same with the hash taken out, over an empty route and as many plain reads of D1 as there are trips. */
export const BARE_PATH = atMost(1.3);

/** Requests a second of eight connections, of what the raw hash alone carries. */
export const SATURATION = { signIn: atLeast(0.93), change: atLeast(0.46) };

/** Refusals that need no hash, of the empty route, and where they need D1 of a route with one plain read. */
export const REFUSAL = { withoutD1: atLeast(0.5), withD1: atLeast(0.85) };

/** JWKS and health, of the empty route. */
export const CHEAP_ROUTE = atLeast(0.85);

/** How many links of PBKDF2 (of 100,000 rounds) a cheap route waits for, a hash that runs beside it. */
export const LINKS_WAITED = atMost(2);

/** KiB of gzip, with all dialects: the code, and beside it the list of common passwords is told. */
export const BUNDLE = atMost(130);

/** Of the smallest app of Hono, from the start of the process to the first answer. */
export const COLD_START = atMost(1.6);

/** p50 with a million rows of each kind, of the p50 with a thousand. */
export const GROWTH = atMost(1.15);

/** Megabytes over the smallest app of Hono after the same load, and the growth from one equal batch to the next. */
export const MEMORY = { over: atMost(40), growth: atMost(1.1) };

/** p50 of an unknown user's sign-in, of that of a known one with a wrong password: how far it may be from 1. */
export const ENUMERATION = atMost(0.02);
