// What others say, and the model takes from them: each with where it is from.

/** developers.cloudflare.com/workers/platform/pricing and /d1/platform/pricing, August 2026: beyond what the plan includes. */
export const PRICES = {
  asOf: 'August 2026',
  /** Dollars a million. */
  requests: 0.3,
  cpuMilliseconds: 0.02,
  rowsRead: 0.001,
  rowsWritten: 1,
} as const;

/** developers.cloudflare.com/d1/platform/limits: a database is one thread, which runs one query after the other. */
export const DATABASE_LIMIT_BYTES = 10_000_000_000;

export type Primary = 'Virginia' | 'Ireland';

interface Region {
  readonly name: string;
  /** Milliseconds to the primary and back. */
  readonly roundTrip: Readonly<Record<Primary, number>>;
}

/**
 * Averages between regions of one cloud, "Latency Between AWS Global Regions", as told by
 * acomputerscientistlearnsaws.blogspot.com/2017/04/aws-regions.html: old, but distances stay. Zero is within a region.
 */
export const REGIONS: readonly Region[] = [
  { name: 'Virginia', roundTrip: { Virginia: 0, Ireland: 80.5 } },
  { name: 'Ireland', roundTrip: { Virginia: 80.6, Ireland: 0 } },
  { name: 'Frankfurt', roundTrip: { Virginia: 88.7, Ireland: 19.6 } },
  { name: 'California', roundTrip: { Virginia: 72.7, Ireland: 153.2 } },
  { name: 'São Paulo', roundTrip: { Virginia: 119.5, Ireland: 191.3 } },
  { name: 'Tokyo', roundTrip: { Virginia: 145.3, Ireland: 212.4 } },
  { name: 'Singapore', roundTrip: { Virginia: 216.7, Ireland: 239 } },
  { name: 'Sydney', roundTrip: { Virginia: 230, Ireland: 309.6 } },
];
