// How much strangers may ask for, of a tenant and from one source, who bring no key and no token: guesses at many users
// are no wrong guesses in a row of any of them. Who comes from where the user signed in before is no stranger, and a code
// is never stopped: no flood can be turned against the owners.
import type { Core } from './context.ts';
import type { Pace } from './pace.ts';
import type { OpenRequest } from './store.ts';
import { computeThrottleSource, LANE_LIFE } from './throttle.ts';

/** Wrong guesses and requests for codes from one source: 60 at once, six a minute for as long as one likes. */
export const SOURCE_PACE: Pace = { interval: 10_000, span: 600_000 };
/** Wrong guesses at a tenant from all strange sources together: 3000 at once, 50 a second. */
export const TENANT_PACE: Pace = { interval: 20, span: 60_000 };

/** What a request takes from two buckets before anything else; a guess that was right puts it back. */
export interface Flood {
  readonly source: string;
  readonly sourcePace: Pace;
  /** null: it takes nothing from the tenant's. */
  readonly tenantPace: Pace | null;
  readonly laneLife: number;
}

/** null: the request is none that could be one of a flood. */
export async function describeFlood(
  core: Core,
  { caller, attempt, code, outstanding }: OpenRequest,
): Promise<Flood | null> {
  if (caller.kind !== 'tenancy' && caller.kind !== 'host') return null;
  const isGuess = attempt !== undefined && code === undefined;
  if (!isGuess && outstanding === undefined) return null;
  const source = await computeThrottleSource(core.config.keyring, core.ports.source);
  if (source === null) return null;
  // Codes must be had while strangers guess at everybody.
  const tenantPace = isGuess ? TENANT_PACE : null;
  return { source, sourcePace: SOURCE_PACE, tenantPace, laneLife: LANE_LIFE };
}
