// A refused change, remembered. An unknown user costs the same trip and leaves no row.
import { describeActorFor, type ProofKind } from './change.ts';
import type { ProofFault } from './failure.ts';
import type { Core } from './gateway.ts';
import type { Opened } from './ports.ts';

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
