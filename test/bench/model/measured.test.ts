// What the model takes from the other benchmarks.
import { describe, expect, it } from 'vitest';
import { exactly, type Measure } from '../../../bench/lib/result.ts';
import type { Finding } from '../../../bench/lib/results.ts';
import { readHashing } from '../../../bench/model/measured.ts';

const measure = (name: string, value: number): Measure => ({
  name,
  unit: 'ms',
  value: exactly(value),
  goal: null,
});
const told = [
  measure('raw hash, p50', 68),
  measure('sign-in, CPU of the server', 71),
  measure('change, CPU of the server', 142),
];

function resultsOf(measures: readonly Measure[]) {
  const when = { commit: 'abc', date: '2026-11-22T00:00:00.000Z' };
  const overhead: Finding = {
    ...when,
    title: 'Overhead',
    seconds: 1,
    measures,
    series: {},
    notes: [],
  };
  return { findings: { overhead } };
}

describe('what the overhead was measured by', () => {
  it('is one hash for a sign-in and two for a change', () => {
    expect(readHashing(resultsOf(told))).toEqual({
      signIn: { hashMs: 68, cpuMs: 71 },
      change: { hashMs: 136, cpuMs: 142 },
    });
  });

  it('is not taken in part', () => {
    for (const missing of told) {
      expect(readHashing(resultsOf(told.filter((one) => one !== missing)))).toBeNull();
    }
  });

  it('is not there before it has run', () => {
    expect(readHashing(null)).toBeNull();
    expect(readHashing({ findings: {} })).toBeNull();
  });
});
