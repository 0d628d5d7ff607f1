// Figures as a reader takes them in.
import type { Goal, Measure, Unit } from './result.ts';
import type { Spread } from './statistics.ts';

/** What is said after the figure. */
const SUFFIXES: Readonly<Record<Unit, string>> = {
  ratio: '',
  share: ' %',
  ms: ' ms',
  '1/s': '/s',
  MB: ' MB',
  KiB: ' KiB',
  rows: ' rows',
  count: '',
  USD: ' USD',
};

const BOUNDS = { 'at-most': '≤', 'at-least': '≥' } as const;

/** `0.95 (0.93 to 0.97)`, or one figure where all are the same. */
export function tellSpread({ min, median, max }: Spread, unit: Unit): string {
  const [least, middle, most] = [min, median, max].map((value) => tellNumber(scale(value, unit)));
  const suffix = SUFFIXES[unit];
  return least === most ? `${middle}${suffix}` : `${middle}${suffix} (${least} to ${most})`;
}

export function tellGoal(goal: Goal | null, unit: Unit): string {
  if (goal === null) return '';
  // As it was set, to the last digit.
  const value = Number(scale(goal.value, unit).toPrecision(12));
  return `${BOUNDS[goal.bound]} ${value}${SUFFIXES[unit]}`;
}

export function tellMeasure({ name, unit, value }: Measure): string {
  return `${name}: ${tellSpread(value, unit)}`;
}

/** `0.031`, `1.66`, `68.4`, `130.4`, `1,232`. */
export function tellNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) return Math.round(value).toLocaleString('en');
  // What is nothing beside one is told as nothing.
  if (size < 0.001) return '0';
  const digits = size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return value.toFixed(digits);
}

/** `1 min 5 s` */
export function tellSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes === 0 ? `${whole} s` : `${minutes} min ${whole % 60} s`;
}

function scale(value: number, unit: Unit): number {
  return unit === 'share' ? value * 100 : value;
}
