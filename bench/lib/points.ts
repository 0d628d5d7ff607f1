// Points of a series, read by field: what is missing or of another kind is a mistake of the benchmark.
import type { Findings } from './result.ts';

export type Point = Findings['series'][string][number];

export function readNumber(point: Point, field: string): number {
  const value = point[field];
  if (typeof value !== 'number') throw new TypeError(`a point without the number ${field}`);
  return value;
}

export function readText(point: Point, field: string): string {
  const value = point[field];
  if (typeof value !== 'string') throw new TypeError(`a point without the text ${field}`);
  return value;
}
