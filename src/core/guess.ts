// A guess at a password or a code: what it is counted as. One budget for all doors and all proofs.
import type { Core } from './context.ts';
import {
  computeThrottleSource,
  computeThrottleSubject,
  type Guess,
  LANE_LIFE,
  THROTTLE_RULE,
} from './throttle.ts';

/** `submitted`: the name as it came; null: whoever the login session is of. */
export async function describeGuess(core: Core, submitted: string | null): Promise<Guess> {
  const { keyring } = core.config;
  const [subject, source] = await Promise.all([
    submitted === null ? null : computeThrottleSubject(keyring, submitted),
    computeThrottleSource(keyring, core.ports.source),
  ]);
  return { subject, source, rule: THROTTLE_RULE, laneLife: LANE_LIFE };
}
