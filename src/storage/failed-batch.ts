// What became of a batch that failed: refused by a constraint it wrote nothing, and when only its answer was lost, what it
// alone can have written tells.
import type { EventType } from '../core/audit.ts';
import type { Place } from '../core/place.ts';
import { MARKS } from './sql-marks.ts';
import type { Bound, Run } from './statement.ts';

export function isConstraint(error: unknown, text: string): boolean {
  return error instanceof Error && error.message.includes(text);
}

/**
 * `mark`: asked when the answer is lost, and its results are given in place of those that nobody heard; null: nothing tells.
 * @throws what the batch threw, when it did not happen or cannot be told to have.
 */
export async function runMarked(
  run: Run,
  place: Place,
  statements: readonly Bound[],
  mark: Bound | null,
): Promise<D1Result[]> {
  try {
    return await run(place, statements);
  } catch (error) {
    if (mark === null || isConstraint(error, 'constraint failed')) throw error;
    const found = await run(place, [mark]);
    if (found[0]?.results.length !== 1) throw error;
    return found;
  }
}

/** Of a batch that writes one of the events at least, about this user. */
export function markEvents(
  about: { readonly tenantId: string; readonly userId: string },
  activityId: string,
  types: readonly EventType[],
  loginSessionId: string | null = null,
): Bound {
  const { tenantId, userId } = about;
  const values = [tenantId, userId, activityId, JSON.stringify(types), loginSessionId];
  return { sql: MARKS.event, values };
}
