// What follows from a refused change: it is remembered, or the guess that was none is given back.
import { describeActorFor, type ProofKind } from './change.ts';
import type { Core } from './context.ts';
import type { ProofFault } from './failure.ts';
import type { Opened } from './store.ts';
import { THROTTLE_RULE } from './throttle.ts';

/** An unknown user costs the same trip and leaves no row. */
export async function recordChangeRefusal(
  core: Core,
  opened: Opened,
  proof: ProofKind,
  fault: ProofFault,
  now: number,
): Promise<void> {
  const userId = opened.account?.userId ?? null;
  await core.ports.store.recordRefusal({
    place: opened.place,
    tenantId: opened.tenant.id,
    userId,
    now,
    event: {
      type: 'password.change-refused',
      actor: describeActorFor(opened, userId ?? ''),
      facts: { proof, reason: fault },
    },
    giveBack: null,
  });
}

/** Takes back a reserved guess that was not made; nothing when none was reserved. */
export async function giveBackAttempt(
  core: Core,
  opened: Opened,
  subject: string,
  now: number,
): Promise<void> {
  if (opened.attempt?.kind !== 'granted') return;
  await core.ports.store.recordRefusal({
    place: opened.place,
    tenantId: opened.tenant.id,
    userId: null,
    now,
    event: null,
    giveBack: { subject, rule: THROTTLE_RULE },
  });
}
