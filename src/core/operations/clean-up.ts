// What is over is deleted, in portions that no request waits long for. Nothing depends on it: what is over is refused by
// its time, whether or not it is still there.

import type { CleanUpLimits } from '../clean-up-store.ts';
import type { Core } from '../context.ts';
import type { Place } from '../place.ts';
import { LANE_LIFE } from '../throttle.ts';

const DAY = 24 * 3_600_000;
/** Rows of a kind in one portion. */
const PORTION = 200;
/** Bounds one run. What is left is the next run's. */
const MAX_PORTIONS = 20;

/** @throws what the store threw of a place, when all the others are done. */
export async function cleanUp(core: Core): Promise<void> {
  const { places } = core.config.placement;
  const runs = await Promise.allSettled(places.map((place) => cleanUpPlace(core, place)));
  for (const run of runs) if (run.status === 'rejected') throw run.reason;
}

async function cleanUpPlace(core: Core, place: Place): Promise<void> {
  const limits = findLimits(core.ports.clock.now());
  for (let round = 0; round < MAX_PORTIONS; round += 1) {
    const most = await core.ports.store.cleanUp(place, limits, PORTION);
    if (most < PORTION) return;
  }
}

/** Kept for as long as anyone could ask why something did not work, and as a retry could still come. */
function findLimits(now: number): CleanUpLimits {
  return {
    // Expired: nothing looks at it again.
    challenges: now,
    // Who comes within a day is still told that it has expired.
    loginSessions: now - DAY,
    codes: now - DAY,
    // A token of a session that has ended may repeat the change that ended it.
    families: now - DAY,
    delivered: now - DAY,
    deadLetters: now - 30 * DAY,
    // So long after the last guess the next ones are new ones.
    throttles: now - 30 * DAY,
    lanes: now - LANE_LIFE,
    floods: now,
  };
}
