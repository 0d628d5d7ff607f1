// The one writer of a database: the simulation against the closed form, and what must hold of any queue.
import { describe, expect, it } from 'vitest';
import {
  ceilingOf,
  meanTimeAtWriter,
  simulateWriter,
  type Writer,
} from '../../../bench/model/writer.ts';

const writer: Writer = { openMs: 2, commitMs: 2, betweenMs: 140 };
const uneven: Writer = { openMs: 1, commitMs: 5, betweenMs: 140 };

describe('the closed form', () => {
  it('is that of M/D/1 where both batches take the same', () => {
    // Half busy, a wait is half a service: s * r / (2 * (1 - r)).
    expect(meanTimeAtWriter(writer, 125)).toBeCloseTo(2 * (2 + 1), 10);
  });

  it('is the services alone where nobody comes, and has no end at the ceiling', () => {
    expect(meanTimeAtWriter(uneven, 0)).toBe(6);
    expect(meanTimeAtWriter(uneven, ceilingOf(uneven))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the simulation', () => {
  it.each([
    ['even batches', writer],
    ['uneven batches', uneven],
  ])('agrees with the closed form while it is not crowded: %s', (_, one) => {
    for (const share of [0.05, 0.1]) {
      const rate = share * ceilingOf(one);
      const ratio = simulateWriter(one, rate).mean / meanTimeAtWriter(one, rate);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
    }
  });

  it('is at most a tenth faster where half of the time is taken: second batches have queued before', () => {
    const rate = ceilingOf(writer) / 2;
    const ratio = simulateWriter(writer, rate).mean / meanTimeAtWriter(writer, rate);
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1);
  });

  it('takes the services alone where changes are far apart', () => {
    const { p50, p99 } = simulateWriter(writer, 0.001, { changes: 500, seed: 1 });
    expect(p50).toBeCloseTo(4, 6);
    expect(p99).toBeCloseTo(4, 6);
  });

  it('is never faster at a higher rate', () => {
    const rates = [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => share * ceilingOf(uneven));
    const times = rates.map((rate) => simulateWriter(uneven, rate));
    for (const field of ['mean', 'p50', 'p99'] as const) {
      const values = times.map((time) => time[field]);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
  });

  it('grows without end beyond the ceiling', () => {
    const rate = 1.2 * ceilingOf(writer);
    const some = simulateWriter(writer, rate, { changes: 2_000, seed: 1 });
    const more = simulateWriter(writer, rate, { changes: 20_000, seed: 1 });
    expect(more.p99).toBeGreaterThan(5 * some.p99);
  });

  it('plays the same seed the same, and another one otherwise', () => {
    const play = (seed: number) => simulateWriter(writer, 100, { changes: 1_000, seed });
    expect(play(1)).toEqual(play(1));
    expect(play(2)).not.toEqual(play(1));
  });
});
