// What follows from a refusal: it is remembered, and told to its user when it locks the account; or the guess that was
// none is given back.
import type { EventDraft } from './audit.ts';
import { describeActorFor, type ProofKind } from './change.ts';
import type { Core } from './context.ts';
import type { ProofFault } from './failure.ts';
import { describeNotices, dispatchAll } from './message.ts';
import type { Opened } from './store.ts';
import { THROTTLE_RULE } from './throttle.ts';

/** An unknown user costs the same trip and leaves no row. */
export async function recordRefusal(
  core: Core,
  opened: Opened,
  event: Pick<EventDraft, 'type' | 'facts'>,
  now: number,
): Promise<void> {
  const { account, attempt, tenant, place } = opened;
  const userId = account?.userId ?? null;
  const locks = attempt?.kind === 'granted' && attempt.failures === THROTTLE_RULE.limit;
  const messages =
    locks && account !== null && account.disabledAt === null
      ? await describeNotices(core, tenant, account, 'account.locked', 'unknown', now)
      : [];
  await core.ports.store.recordRefusal({
    place,
    tenantId: tenant.id,
    userId,
    now,
    event: { ...event, actor: describeActorFor(opened, userId ?? '') },
    messages,
    giveBack: null,
  });
  if (userId !== null) dispatchAll(core, { place, tenantId: tenant.id, userId }, messages);
}

export function recordChangeRefusal(
  core: Core,
  opened: Opened,
  proof: ProofKind,
  fault: ProofFault,
  now: number,
): Promise<void> {
  const facts = { proof, reason: fault };
  return recordRefusal(core, opened, { type: 'password.change-refused', facts }, now);
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
    messages: [],
    giveBack: { subject, rule: THROTTLE_RULE },
  });
}
