// Percentiles, and what several rounds say together.

/** Of the same measure in several rounds. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * By nearest rank: always one of the values.
 * @param share from 0 to 1
 * @throws RangeError of nothing.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a percentile of nothing');
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}
