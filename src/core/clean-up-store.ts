// The clean-up's part of the store: what is over, and when.
import type { Place } from './place.ts';

/** What ended before is deleted. Milliseconds. */
export interface CleanUpLimits {
  readonly challenges: number;
  readonly loginSessions: number;
  readonly codes: number;
  readonly families: number;
  readonly delivered: number;
  readonly deadLetters: number;
  /** By their last use. */
  readonly throttles: number;
  readonly lanes: number;
  readonly floods: number;
}

/** Every method is one round trip and touches one database. */
export interface CleanUpStore {
  /** Gives how many rows went of the kind of which most did: fewer than `portion` when all is done. */
  cleanUp(place: Place, limits: CleanUpLimits, portion: number): Promise<number>;
}
