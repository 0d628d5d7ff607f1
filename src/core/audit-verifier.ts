// Holds a tenant's audit against its chain: takes its events and checkpoints in their order, each checkpoint after the
// events that it covers, and names the first thing that is wrong. It needs the chain's keys and nothing else.
import {
  type Checkpoint,
  GENESIS,
  type Head,
  listContent,
  listLinked,
  listSealed,
} from './audit-chain.ts';
import type { EventRecord } from './audit-store.ts';
import type { Chain } from './chain.ts';

export interface AuditFault {
  readonly kind: /** What an event says is not what was written. */
    | 'altered'
    /** It is not what came after the one before it. */
    | 'reordered'
    /** An old event stands there once more. */
    | 'replayed'
    | 'missing'
    /** The newest events of a user, which a checkpoint knows. */
    | 'tail-cut'
    | 'unlinked'
    | 'unsealed'
    /** An event is there that a checkpoint should have known. */
    | 'checkpoint-differs'
    | 'checkpoint-altered'
    | 'checkpoint-missing'
    /** Not the one that was kept outside. */
    | 'witness-differs'
    | 'foreign'
    | 'key-unknown';
  /** null: it is about no user's chain. */
  readonly userId: string | null;
  /** The number in the user's chain, or that of the checkpoint. */
  readonly at: number;
}

/** A checkpoint as it was kept outside. */
export interface Witness {
  readonly number: number;
  readonly root: string;
}

export interface AuditVerifier {
  takeEvent(event: EventRecord): Promise<AuditFault | null>;
  takeCheckpoint(checkpoint: Checkpoint): Promise<AuditFault | null>;
  /** When nothing more comes. */
  end(): AuditFault | null;
  readonly counts: { readonly events: number; readonly checkpoints: number };
  /** Worth keeping outside. null: there is none yet. */
  readNewest(): Witness | null;
}

/** Where a user's chain has come to. */
interface ChainEnd {
  readonly sequence: number;
  readonly link: string | null;
  readonly at: number;
  /** The MACs of the newest events: none comes twice. Older ones are told by their time. */
  readonly recent: readonly { readonly at: number; readonly mac: string }[];
}

const MINUTE = 60_000;
/** Requests overlap, and clocks differ: so much later may an event be written than one that says a later time. */
const MAX_DISORDER = 10 * MINUTE;
/** The schedule runs every minute. */
const MAX_UNLINKED = 15 * MINUTE;
const MAX_UNSEALED = 60 * MINUTE;

/** `now`: when the audit was read. */
export function createAuditVerifier(
  chain: Chain,
  tenantId: string,
  now: number,
  witness: Witness | null,
): AuditVerifier {
  const ends = new Map<string, ChainEnd>();
  const counts = { events: 0, checkpoints: 0 };
  /** Of the users of the events since the newest checkpoint. */
  let heads = new Map<string, Omit<Head, 'link'> & Pick<ChainEnd, 'link' | 'at'>>();
  let sealed = { number: 0, root: GENESIS };
  let isWitnessed = false;

  return {
    counts,
    readNewest: () => (sealed.number === 0 ? null : sealed),

    takeEvent: async (event) => {
      const { userId, sequence, at, link } = event;
      if (event.tenantId !== tenantId) return { kind: 'foreign', userId, at: sequence };
      const end = ends.get(userId);
      const fault = await judgeEvent(chain, event, end, now);
      if (fault !== null) return { kind: fault.kind, userId, at: fault.at ?? sequence };
      counts.events += 1;
      const recent = end?.recent.filter((one) => one.at > at - 2 * MAX_DISORDER) ?? [];
      const latest = Math.max(at, end?.at ?? 0);
      ends.set(userId, {
        ...{ sequence, link, at: latest },
        recent: [...recent, { at, mac: event.mac }],
      });
      heads.set(userId, { userId, sequence, link, at });
      return null;
    },

    takeCheckpoint: async (checkpoint) => {
      const { number, root } = checkpoint;
      const about = { userId: null, at: number } as const;
      if (checkpoint.tenantId !== tenantId) return { kind: 'foreign', ...about };
      if (number !== sealed.number + 1) {
        return { kind: 'checkpoint-missing', userId: null, at: sealed.number + 1 };
      }
      if (witness?.number === number) {
        isWitnessed = true;
        if (witness.root !== root) return { kind: 'witness-differs', ...about };
      }
      const parts = listSealed(checkpoint, sealed.root);
      const verdict = await chain.verify(root, 'checkpoint', ...parts);
      if (verdict === 'key-unknown') return { kind: 'key-unknown', ...about };
      if (verdict === 'altered') return { kind: 'checkpoint-altered', ...about };
      const fault = compareHeads(readHeads(checkpoint.heads), heads);
      if (fault !== null) return fault;
      counts.checkpoints += 1;
      sealed = { number, root };
      heads = new Map();
      return null;
    },

    end: () => {
      if (witness !== null && !isWitnessed) {
        return { kind: 'checkpoint-missing', userId: null, at: witness.number };
      }
      for (const { userId, sequence, at } of heads.values()) {
        if (at < now - MAX_UNSEALED) return { kind: 'unsealed', userId, at: sequence };
      }
      return null;
    },
  };
}

interface EventFault {
  readonly kind: AuditFault['kind'];
  /** Another number than that of the event. */
  readonly at?: number;
}

async function judgeEvent(
  chain: Chain,
  event: EventRecord,
  end: ChainEnd | undefined,
  now: number,
): Promise<EventFault | null> {
  const said = await chain.verify(event.mac, 'event', ...listContent(event));
  if (said !== 'sealed') return { kind: said };
  const wanted = (end?.sequence ?? 0) + 1;
  if (event.sequence > wanted) return { kind: 'missing', at: wanted };
  if (event.sequence < wanted) return { kind: 'reordered' };
  if (end?.recent.some(({ mac }) => mac === event.mac)) return { kind: 'replayed' };
  if (event.at < (end?.at ?? 0) - MAX_DISORDER) return { kind: 'replayed' };
  if (event.link === null) return event.at < now - MAX_UNLINKED ? { kind: 'unlinked' } : null;
  // What follows an event without a link was never linked by us.
  if (end?.link === null) return { kind: 'unlinked', at: end.sequence };
  const parts = listLinked(event, end?.link ?? GENESIS, event.mac);
  const linked = await chain.verify(event.link, 'link', ...parts);
  if (linked === 'key-unknown' && event.link.includes('.')) return { kind: linked };
  return linked === 'sealed' ? null : { kind: 'reordered' };
}

/**
 * `known`: of the checkpoint. `found`: of the events. A link that an event got after it was read is not missed: one without
 * it that is not young was refused before.
 */
function compareHeads(
  known: readonly Head[],
  found: ReadonlyMap<string, Omit<Head, 'link'> & Pick<ChainEnd, 'link' | 'at'>>,
): AuditFault | null {
  for (const { userId, sequence, link } of known) {
    const head = found.get(userId);
    if (head === undefined) return { kind: 'tail-cut', userId, at: sequence };
    const last = head.sequence;
    if (last < sequence) return { kind: 'tail-cut', userId, at: last + 1 };
    const isSame = head.link === link || head.link === null;
    if (last > sequence || !isSame) return { kind: 'checkpoint-differs', userId, at: last };
  }
  const covered = new Set(known.map(({ userId }) => userId));
  for (const { userId, sequence } of found.values()) {
    if (!covered.has(userId)) return { kind: 'checkpoint-differs', userId, at: sequence };
  }
  return null;
}

/** The root was found right: it is what we wrote. */
function readHeads(text: string): Head[] {
  return (JSON.parse(text) as [string, number, string][]).map(([userId, sequence, link]) => ({
    userId,
    sequence,
    link,
  }));
}
