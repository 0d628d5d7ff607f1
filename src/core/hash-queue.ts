// Whose turn it is to hash, in one isolate. Hashes share one thread: one at a time, each is done sooner than if all were
// cut into each other, and whoever hashes nothing waits for three links at most, or for six where one hash follows another.
// Tenants take turns, so that a crowd at one does not keep another waiting; and so few may wait that nobody waits in vain.

/** Of a request that hashes. */
interface Seat {
  readonly tenantId: string;
  /** A request that was cut off never leaves: who was not seen for so long is gone. */
  seenAt: number;
  isWaiting: boolean;
  /** What was begun is finished first. */
  hasBegun: boolean;
}

export interface HashQueue {
  /** Seconds until it is worth coming again; null while there is a seat. */
  readonly findWait: () => number | null;
  /** Of one request; it holds its seat from its first hash until it leaves. */
  readonly createTurns: (readTenant: () => string) => Turns;
}

export interface Turns {
  /** @throws BusyError when there is no seat. */
  readonly begin: (rest: () => Promise<void>) => Promise<void>;
  /** To be called while it hashes, and often. */
  readonly tick: () => void;
  readonly end: () => void;
  readonly leave: () => void;
}

export class BusyError extends Error {
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super('too many hashes wait');
    this.name = 'BusyError';
    this.retryAfter = retryAfter;
  }
}

/** Milliseconds. A link takes about eleven. */
const SEEN_LATELY = 5000;
/** Of a second: what one hash takes, measured (a sign-in has one, a change two). */
const SECONDS_PER_SEAT = 0.1;

/** `limit`: seats of one isolate; a tenant has half of them at most. `now`: milliseconds. */
export function createHashQueue(limit: number, now: () => number): HashQueue {
  const share = Math.ceil(limit / 2);
  /** In the order of arrival. */
  const seats = new Set<Seat>();
  const servedAt = new Map<string, number>();
  let services = 0;
  let current: Seat | null = null;

  const leave = (seat: Seat) => {
    seats.delete(seat);
    if (current === seat) current = null;
    if (countSeats(seat.tenantId) === 0) servedAt.delete(seat.tenantId);
  };
  const countSeats = (tenantId: string) =>
    [...seats].filter((seat) => seat.tenantId === tenantId).length;
  const dropLost = () => {
    const limitOfLost = now() - SEEN_LATELY;
    for (const seat of seats) if (seat.seenAt < limitOfLost) leave(seat);
  };
  const findWait = () => {
    dropLost();
    return seats.size < limit ? null : Math.ceil(limit * SECONDS_PER_SEAT);
  };
  const take = (tenantId: string): Seat => {
    const wait = findWait();
    if (wait !== null) throw new BusyError(wait);
    if (countSeats(tenantId) >= share) throw new BusyError(Math.ceil(share * SECONDS_PER_SEAT));
    const seat = { tenantId, seenAt: now(), isWaiting: false, hasBegun: false };
    seats.add(seat);
    return seat;
  };
  /** Whoever has begun, then the tenant that was not served for longest; else it stays with who came first. */
  const comesBefore = (a: Seat, b: Seat): boolean => {
    if (a.hasBegun !== b.hasBegun) return a.hasBegun;
    return (servedAt.get(a.tenantId) ?? 0) < (servedAt.get(b.tenantId) ?? 0);
  };
  const chooseNext = (): Seat | null => {
    let next: Seat | null = null;
    for (const seat of seats) {
      if (seat.isWaiting && (next === null || comesBefore(seat, next))) next = seat;
    }
    if (next !== null && !next.hasBegun) {
      services += 1;
      servedAt.set(next.tenantId, services);
    }
    return next;
  };
  const isTurnOf = (seat: Seat): boolean => {
    dropLost();
    current ??= chooseNext();
    return current === seat;
  };

  const createTurns = (readTenant: () => string): Turns => {
    let seat: Seat | null = null;
    return {
      begin: async (rest) => {
        // Asked again and again: a promise that another request resolves would not keep this one alive.
        for (;;) {
          // Whoever was taken for lost and is not, as after the machine slept, waits in a new seat.
          if (seat === null || !seats.has(seat)) seat = take(readTenant());
          seat.seenAt = now();
          seat.isWaiting = true;
          if (isTurnOf(seat)) break;
          await rest();
        }
        seat.isWaiting = false;
        seat.hasBegun = true;
      },
      tick: () => {
        if (seat !== null) seat.seenAt = now();
      },
      end: () => {
        if (current === seat) current = null;
      },
      leave: () => {
        if (seat !== null) leave(seat);
        seat = null;
      },
    };
  };
  return { findWait, createTurns };
}
