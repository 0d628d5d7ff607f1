// Figures as a reader takes them in.
import { describe, expect, it } from 'vitest';
import { tellGoal, tellNumber, tellSeconds, tellSpread } from '../../bench/lib/figures.ts';
import { exactly } from '../../bench/lib/result.ts';

describe('a figure', () => {
  it.each([
    [0, '0'],
    [0.0004, '0'],
    [0.0312, '0.031'],
    [0.954, '0.95'],
    [1.66, '1.66'],
    [-1.66, '-1.66'],
    [68.42, '68.4'],
    [130.4, '130.4'],
    [7, '7'],
    [1232.6, '1,233'],
    [1_000_000, '1,000,000'],
  ])('%d is told as %s', (value, told) => {
    expect(tellNumber(value)).toBe(told);
  });

  it.each([
    [0.4, '0 s'],
    [59, '59 s'],
    [65, '1 min 5 s'],
    [719.9, '12 min 0 s'],
  ])('%d seconds are told as %s', (seconds, told) => {
    expect(tellSeconds(seconds)).toBe(told);
  });
});

describe('a spread', () => {
  it('is its median, with the least and the most', () => {
    const value = { min: 0.93, median: 0.95, max: 0.97 };
    expect(tellSpread(value, 'ratio')).toBe('0.95 (0.93 to 0.97)');
    expect(tellSpread(value, 'share')).toBe('95 % (93 to 97)');
    expect(tellSpread(value, 'ms')).toBe('0.95 ms (0.93 to 0.97)');
    expect(tellSpread(value, '1/s')).toBe('0.95/s (0.93 to 0.97)');
  });

  it('is one figure where all are the same', () => {
    expect(tellSpread(exactly(2), 'rows')).toBe('2 rows');
  });
});

describe('a goal', () => {
  it('is told as it was set', () => {
    expect(tellGoal({ bound: 'at-most', value: 0.07 }, 'share')).toBe('≤ 7 %');
    expect(tellGoal({ bound: 'at-least', value: 0.935 }, 'ratio')).toBe('≥ 0.935');
    expect(tellGoal({ bound: 'at-most', value: 130 }, 'KiB')).toBe('≤ 130 KiB');
  });

  it('that is none is not told', () => {
    expect(tellGoal(null, 'ms')).toBe('');
  });
});
