// A statement with its values, and what runs some of them together.
import type { Place } from '../core/place.ts';

export type Value = string | number | null;

/** A statement and its values: bound, never joined. */
export interface Bound {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** One batch in the database of the place: one round trip, one transaction. */
export type Run = (place: Place, statements: readonly Bound[]) => Promise<D1Result[]>;
