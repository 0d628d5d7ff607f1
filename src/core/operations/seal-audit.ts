// The scheduled part of the audit's chain: events that have no link yet get it, in order; and from time to time
// checkpoints seal what came since. In portions, so that no request waits long; what is left is the next run's.
import {
  type Checkpoint,
  createEventSeals,
  GENESIS,
  listSealed,
  UNLINKABLE,
  writeHeads,
} from '../audit-chain.ts';
import type { NewLink, UnlinkedEvent, Unsealed, UnsealedEvent } from '../audit-store.ts';
import type { Chain } from '../chain.ts';
import type { Core } from '../context.ts';
import type { Place } from '../place.ts';

/** Events of one portion. */
const PORTION = 500;
/** Bounds one run. */
const MAX_PORTIONS = 20;
const CHECKPOINT_EVERY = 10 * 60_000;

/** Whoever keeps what it is told outside can hold the audit against it. */
type Tell = (checkpoint: Checkpoint) => void;

/** @throws what the store threw of a place, when all the others are done. */
export async function sealAudit(core: Core, tell: Tell): Promise<void> {
  const { places } = core.config.placement;
  const runs = await Promise.allSettled(places.map((place) => sealPlace(core, place, tell)));
  for (const run of runs) if (run.status === 'rejected') throw run.reason;
}

async function sealPlace(core: Core, place: Place, tell: Tell): Promise<void> {
  await linkPlace(core, place);
  await addCheckpoints(core, place, tell);
}

async function linkPlace({ ports, config }: Core, place: Place): Promise<void> {
  for (let round = 0; round < MAX_PORTIONS; round += 1) {
    const events = await ports.store.listUnlinked(place, PORTION);
    if (events.length > 0) {
      await ports.store.linkEvents(place, await makeLinks(config.keyring.chain, events));
    }
    if (events.length < PORTION) return;
  }
}

/** A user's events come in the order of their numbers: they were written so. */
async function makeLinks(chain: Chain, events: readonly UnlinkedEvent[]): Promise<NewLink[]> {
  const { linkEvent } = createEventSeals(chain);
  const newest = new Map<string, NewLink>();
  const links: NewLink[] = [];
  for (const event of events) {
    const whose = JSON.stringify([event.tenantId, event.userId]);
    const before = newest.get(whose);
    const previous = before?.link ?? (event.sequence === 1 ? GENESIS : event.previous);
    const link = previous === null ? UNLINKABLE : await linkEvent(event, previous, event.mac);
    const made = { id: event.id, link, firstId: before?.firstId ?? event.id };
    newest.set(whose, made);
    links.push(made);
  }
  return links;
}

async function addCheckpoints({ ports, config }: Core, place: Place, tell: Tell): Promise<void> {
  const now = ports.clock.now();
  for (let round = 0; round < MAX_PORTIONS; round += 1) {
    const notSince = round === 0 ? now - CHECKPOINT_EVERY : now;
    const unsealed = await ports.store.listUnsealed(place, PORTION, notSince);
    const checkpoints = await makeCheckpoints(config.keyring.chain, unsealed, now);
    if (checkpoints.length === 0) return;
    // Another run was first, and goes on.
    if (!(await ports.store.addCheckpoints(place, checkpoints, unsealed.through))) return;
    checkpoints.forEach(tell);
    if (unsealed.events.length < PORTION) return;
  }
}

/** One per tenant of the events before the first that has no link yet. */
async function makeCheckpoints(
  chain: Chain,
  { events, newest }: Unsealed,
  now: number,
): Promise<Checkpoint[]> {
  const heads = new Map<string, Map<string, UnsealedEvent & { readonly link: string }>>();
  let through = 0;
  for (const event of events) {
    const { id, tenantId, userId, link } = event;
    if (link === null) break;
    const ofTenant = heads.get(tenantId) ?? new Map();
    heads.set(tenantId, ofTenant.set(userId, { ...event, link }));
    through = id;
  }
  return Promise.all(
    [...heads].map(async ([tenantId, ofTenant]) => {
      const before = newest.get(tenantId);
      const content = {
        tenantId,
        number: (before?.number ?? 0) + 1,
        at: now,
        through,
        heads: writeHeads([...ofTenant.values()]),
      };
      const root = await chain.seal('checkpoint', ...listSealed(content, before?.root ?? GENESIS));
      return { ...content, root };
    }),
  );
}
