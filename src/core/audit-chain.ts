// The audit as a chain. Each event has a MAC over what it says, and a link over its MAC, its number and the link of the
// user's event before. A checkpoint seals the heads of a tenant's chains, and the checkpoint before. Pure but for the HMAC.
import type { Chain } from './chain.ts';

/** What an event says, as it is stored: `actor` and `facts` are JSON. */
export interface EventContent {
  readonly tenantId: string;
  /** '' for the tenant itself. */
  readonly userId: string;
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly dialect: string;
  readonly activityId: string;
  readonly facts: string;
}

/** Whose chain it is, and its place there: 1, 2, 3 … */
export interface ChainPosition {
  readonly tenantId: string;
  readonly userId: string;
  readonly sequence: number;
}

/** Of a user's newest event that a checkpoint covers. */
export interface Head {
  readonly userId: string;
  readonly sequence: number;
  readonly link: string;
}

export interface Checkpoint {
  readonly tenantId: string;
  /** 1, 2, 3 … per tenant. */
  readonly number: number;
  readonly at: number;
  /** The newest event that it covers, by its cursor. It covers all since the checkpoint before. */
  readonly through: number;
  /** JSON: writeHeads. */
  readonly heads: string;
  readonly root: string;
}

export interface EventSeals {
  /** Gives the MAC. */
  sealEvent(content: EventContent): Promise<string>;
  /** Gives the link. */
  linkEvent(position: ChainPosition, previous: string, mac: string): Promise<string>;
}

/** Before the first link, and before the first root. */
export const GENESIS = '';

/** The link of an event whose predecessor is gone: it seals nothing, and says so for ever. */
export const UNLINKABLE = '-';

export function createEventSeals(chain: Chain): EventSeals {
  return {
    sealEvent: (content) => chain.seal('event', ...listContent(content)),
    linkEvent: (position, previous, mac) =>
      chain.seal('link', ...listLinked(position, previous, mac)),
  };
}

/** It does not say which number the event has: that is known only when it is written. The link says it. */
export function listContent(content: EventContent): readonly (string | number)[] {
  const { tenantId, userId, at, type, actor, dialect, activityId, facts } = content;
  return [tenantId, userId, at, type, actor, dialect, activityId, facts];
}

export function listLinked(
  { tenantId, userId, sequence }: ChainPosition,
  previous: string,
  mac: string,
): readonly (string | number)[] {
  return [tenantId, userId, sequence, previous, mac];
}

export function listSealed(
  { tenantId, number, at, through, heads }: Omit<Checkpoint, 'root'>,
  previousRoot: string,
): readonly (string | number)[] {
  return [tenantId, number, previousRoot, at, through, heads];
}

/** One text for the same heads, in whatever order they come. */
export function writeHeads(heads: readonly Head[]): string {
  const sorted = heads.toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
  return JSON.stringify(sorted.map(({ userId, sequence, link }) => [userId, sequence, link]));
}
