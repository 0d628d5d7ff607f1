// What follows from a refusal: it is remembered, and told to its user when it locks the account; or the guess that was
// none is given back.
import type { EventDraft } from './audit.ts';
import { describeActorFor, type ProofKind } from './change.ts';
import type { Core } from './context.ts';
import type { ProofFault } from './failure.ts';
import { describeNotices, dispatchAll } from './message.ts';

import type { Opened } from './store.ts';
import { CLOSING_LIMIT, type Grant, THROTTLE_RULE } from './throttle.ts';

/** An unknown user costs the same trip and leaves no row. */
export async function recordRefusal(
  core: Core,
  opened: Opened,
  event: Pick<EventDraft, 'type' | 'facts'>,
  now: number,
): Promise<void> {
  const { account, attempt, tenant, place } = opened;
  const userId = account?.userId ?? null;
  const actor = describeActorFor(opened, userId ?? '');
  const notice = attempt?.kind === 'granted' ? findNotice(attempt) : null;
  const events = [{ ...event, actor }];
  if (notice !== null) events.push({ type: notice, actor, facts: {} });
  const messages =
    notice !== null && account !== null && account.disabledAt === null
      ? await describeNotices(core, tenant, account, notice, 'unknown', now)
      : [];
  await core.ports.store.recordRefusal({
    place,
    tenantId: tenant.id,
    userId,
    now,
    events,
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

/** What a wrong guess brings about: a wait, or the end of all guessing from its lane. */
function findNotice({ failures, lane }: Grant): 'password.closed' | 'account.locked' | null {
  if (lane?.failures === CLOSING_LIMIT) return 'password.closed';
  return failures === THROTTLE_RULE.limit ? 'account.locked' : null;
}

/** Takes back a reserved guess that was not made, or was right. Nothing to do when there is neither that nor an event. */
export async function giveBackAttempt(
  core: Core,
  opened: Opened,
  now: number,
  events: readonly EventDraft[] = [],
): Promise<void> {
  const { attempt } = opened;
  const grant = attempt?.kind === 'granted' ? attempt : null;
  if (grant === null && events.length === 0) return;
  await core.ports.store.recordRefusal({
    place: opened.place,
    tenantId: opened.tenant.id,
    userId: opened.account?.userId ?? null,
    now,
    events,
    messages: [],
    giveBack: grant === null ? null : { grant, rule: THROTTLE_RULE },
  });
}
