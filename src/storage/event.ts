// An event as every statement that adds one takes it: what it says, the MAC over that, and the link to the one before.
import type { EventDraft, Trace } from '../core/audit.ts';
import type { EventSeals } from '../core/audit-chain.ts';
import type { Value } from './statement.ts';

/** The newest event of a user, as far as the request knows. `sequence` 0 and `link` '': there is none. */
export interface ChainHead {
  readonly tenantId: string;
  readonly userId: string;
  readonly sequence: number;
  readonly link: string;
}

export type DescribeEvent = (
  about: { readonly tenantId: string; readonly userId: string },
  event: EventDraft,
  now: number,
) => Promise<readonly Value[]>;

/**
 * Of one batch; one event after the other. In this order: at, type, actor, dialect, activity, facts, mac, previous link,
 * link. Both links are null when the head is not known: then the scheduled run links it. It does so, too, when the head
 * is another one by then: the statement writes the link only after `previous`.
 */
export type BeginEvents = (head: ChainHead | null) => DescribeEvent;

export function createBeginEvents({ dialect, activityId }: Trace, seals: EventSeals): BeginEvents {
  return (head) => {
    let newest = head;
    return async ({ tenantId, userId }, event, now) => {
      const { type } = event;
      const actor = JSON.stringify(event.actor);
      const facts = JSON.stringify(event.facts);
      const content = { tenantId, userId, at: now, type, actor, dialect, activityId, facts };
      const mac = await seals.sealEvent(content);
      const said = [now, type, actor, dialect, activityId, facts, mac] as const;
      if (newest?.tenantId !== tenantId || newest.userId !== userId) return [...said, null, null];
      const { link: previous } = newest;
      const position = { tenantId, userId, sequence: newest.sequence + 1 };
      newest = { ...position, link: await seals.linkEvent(position, previous, mac) };
      return [...said, previous, newest.link];
    };
  };
}
