// What the store does for the audit's chain. Every method is one round trip and touches one database.
import type { ChainPosition, Checkpoint, EventContent, Head } from './audit-chain.ts';
import type { Place } from './place.ts';

/** An event that waits for its link. */
export interface UnlinkedEvent extends ChainPosition {
  readonly id: number;
  readonly mac: string;
  /** The link of the event before; null: that one is not linked either, or it is gone, or there is none. */
  readonly previous: string | null;
}

export interface NewLink {
  readonly id: number;
  readonly link: string;
  /** The id of the user's first event that is linked together with it: when that has a link by now, none is written. */
  readonly firstId: number;
}

/** An event that no checkpoint covers yet. */
export interface UnsealedEvent extends Omit<Head, 'link'> {
  readonly id: number;
  readonly tenantId: string;
  readonly link: string | null;
}

export interface Unsealed {
  /** In the order of their ids, of all tenants of the place. */
  readonly events: readonly UnsealedEvent[];
  /** The newest event that any checkpoint of the place covers; 0 before the first. */
  readonly through: number;
  /** The newest checkpoint of each tenant of the events. */
  readonly newest: ReadonlyMap<string, Pick<Checkpoint, 'number' | 'root'>>;
}

/** An event with all that its verification needs. */
export interface EventRecord extends EventContent, ChainPosition {
  /** The cursor. */
  readonly id: number;
  readonly mac: string;
  readonly link: string | null;
}

export interface RecordPage<Row> {
  /** Oldest first. */
  readonly rows: readonly Row[];
  /** Pass it as `after` to go on; null at the end. */
  readonly next: number | null;
}

export interface AuditStore {
  /** The oldest ones of the place. */
  listUnlinked(place: Place, atMost: number): Promise<readonly UnlinkedEvent[]>;
  linkEvents(place: Place, links: readonly NewLink[]): Promise<void>;
  /** The oldest ones of the place; none while the newest checkpoint is younger than that. */
  listUnsealed(place: Place, atMost: number, notSince: number): Promise<Unsealed>;
  /** False when other checkpoints were written since `through` was read: then none is. */
  addCheckpoints(
    place: Place,
    checkpoints: readonly Checkpoint[],
    through: number,
  ): Promise<boolean>;
  /** null for an unknown tenant. */
  exportEvents(
    place: Place,
    tenantId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<RecordPage<EventRecord> | null>;
  /** null for an unknown tenant. */
  listCheckpoints(
    place: Place,
    tenantId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<RecordPage<Checkpoint> | null>;
}
