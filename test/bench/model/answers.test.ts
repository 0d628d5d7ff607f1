// The model's answers for given inputs, by hand.
import { describe, expect, it } from 'vitest';
import {
  carriedPerSecond,
  countIsolates,
  daysUntilFull,
  findKnee,
  findMoveRule,
  listLoads,
  listRegions,
  type ModelInputs,
  priceMillion,
  sumPrice,
  writerOf,
} from '../../../bench/model/answers.ts';

const inputs: ModelInputs = {
  change: {
    hashMs: 136,
    cpuMs: 140,
    batches: [
      { milliseconds: 1, read: 20, written: 3 },
      { milliseconds: 3, read: 22, written: 8 },
    ],
  },
  signIn: {
    hashMs: 68,
    cpuMs: 70,
    batches: [
      { milliseconds: 1, read: 18, written: 3 },
      { milliseconds: 2, read: 18, written: 15 },
    ],
  },
  bytesPerUser: 2_000,
  bytesPerEvent: 500,
};

describe('a change from a region', () => {
  it('goes to the primary and back twice', () => {
    const regions = listRegions(inputs, 'Ireland');
    const tokyo = regions.find(({ name }) => name === 'Tokyo');
    expect(tokyo).toEqual({ name: 'Tokyo', hash: 136, network: 424.8, database: 4, rest: 4 });
  });

  it('pays no way in the region of the primary', () => {
    const regions = listRegions(inputs, 'Virginia');
    expect(regions.find(({ name }) => name === 'Virginia')?.network).toBe(0);
  });
});

describe('what a database carries', () => {
  const writer = writerOf(inputs);

  it('is less than its ceiling, and more than half of it', () => {
    const knee = findKnee(writer);
    expect(knee.changesPerSecond).toBeLessThan(250);
    expect(knee.changesPerSecond).toBeGreaterThan(125);
    expect(knee.p99).toBeLessThanOrEqual(5 * 4);
  });

  it('falls as its batches take longer', () => {
    const slow = findKnee(writerOf(inputs, 10));
    expect(findKnee(writer).changesPerSecond / slow.changesPerSecond).toBeCloseTo(10, 0);
  });

  it('is told for loads from a tenth of the ceiling on, none of them beyond it', () => {
    const loads = listLoads(writer);
    expect(loads[0]?.changesPerSecond).toBeCloseTo(25, 10);
    expect(loads.at(-1)?.changesPerSecond).toBeCloseTo(237.5, 10);
  });

  it('is told of sign-ins at the same share', () => {
    expect(carriedPerSecond(inputs.signIn, 0.6)).toBeCloseTo(200, 10);
  });
});

describe('what it takes', () => {
  it('counts isolates by their processor time, whole ones', () => {
    expect(countIsolates(inputs.change, 5)).toBe(1);
    expect(countIsolates(inputs.change, 100)).toBe(20);
  });

  it('prices a million by requests, processor time and rows', () => {
    const price = priceMillion(inputs.change);
    expect(price.requests).toBe(0.3);
    expect(price.cpu).toBeCloseTo(2.8, 10);
    expect(price.rowsRead).toBeCloseTo(0.042, 10);
    expect(price.rowsWritten).toBe(11);
    expect(sumPrice(price)).toBeCloseTo(14.142, 10);
  });
});

describe('when a tenant moves', () => {
  it('says half of what a database carries or holds', () => {
    const knee = findKnee(writerOf(inputs));
    const rule = findMoveRule(inputs, knee);
    expect(rule.changesPerSecond).toBe(knee.changesPerSecond / 2);
    expect(rule.millionUsers).toBeCloseTo(2.5, 10);
    expect(rule.eventsPerDay).toBeCloseTo(27_397, 0);
  });

  it('knows when the audit has filled it', () => {
    expect(daysUntilFull(inputs, 1)).toBeCloseTo(231.48, 2);
  });
});
