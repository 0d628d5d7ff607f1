// An event as every statement that adds one takes it: what it says, and the MAC over that.
import type { EventDraft, Trace } from '../core/audit.ts';
import type { SealEvent } from '../core/audit-chain.ts';
import type { Value } from './statement.ts';

export type DescribeEvent = (
  about: { readonly tenantId: string; readonly userId: string },
  event: EventDraft,
  now: number,
) => Promise<readonly Value[]>;

/** In this order: at, type, actor, dialect, activity, facts, mac. */
export function createDescribeEvent(
  { dialect, activityId }: Trace,
  sealEvent: SealEvent,
): DescribeEvent {
  return async ({ tenantId, userId }, event, now) => {
    const { type } = event;
    const actor = JSON.stringify(event.actor);
    const facts = JSON.stringify(event.facts);
    const content = { tenantId, userId, at: now, type, actor, dialect, activityId, facts };
    return [now, type, actor, dialect, activityId, facts, await sealEvent(content)];
  };
}
