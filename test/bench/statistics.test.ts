// Percentiles by nearest rank, and what several rounds say together.
import { describe, expect, it } from 'vitest';
import { median, percentile, spread } from '../../bench/lib/statistics.ts';

describe('a percentile', () => {
  it('is always one of the values, by nearest rank', () => {
    const values = [40, 10, 30, 20];
    expect([0, 0.25, 0.26, 0.5, 0.75, 0.99, 1].map((share) => percentile(values, share))).toEqual([
      10, 10, 20, 20, 30, 40, 40,
    ]);
  });

  it('is the 99th of a hundred, not the greatest', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(values, 0.99)).toBe(99);
  });

  it('sorts as numbers, and leaves the values as they were', () => {
    const values = [100, 9, 20];
    expect(median(values)).toBe(20);
    expect(values).toEqual([100, 9, 20]);
  });

  it('of nothing is refused', () => {
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

it('a spread is the least, the median and the most', () => {
  expect(spread([3, 1, 2, 9, 4])).toEqual({ min: 1, median: 3, max: 9 });
});
