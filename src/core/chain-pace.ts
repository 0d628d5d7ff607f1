// How the hashes of one request share their isolate's thread: each waits for its turn, and others run in between.

import type { Ports } from './context.ts';
import type { Turns } from './hash-queue.ts';
import type { ChainPace } from './password/pbkdf2.ts';

/**
 * Links that are computed without a rest, of one hash or of two. A rest takes a millisecond, however little there is to do
 * meanwhile, since timers of Workers are that coarse: after every link they were a fifteenth of a sign-in. So nobody rests
 * often but for somebody: once a request came while a hash rested, the next may come as soon. It need not come in the very
 * next rest: its caller may not have the answer by then. Who comes for a hash is nobody to rest for: it waits for the turn.
 */
const LINKS_ALONE = 3;
const LINKS_BESIDE_OTHERS = 1;
const RESTS_BESIDE_OTHERS = 4;

/** What comes to one isolate. */
export interface Traffic {
  /** Requests so far; without those that came for a hash. */
  others: number;
  /** Rests that are still made for others, since one came while a hash rested. */
  restsForOthers: number;
}

export function createTraffic(): Traffic {
  return { others: 0, restsForOthers: 0 };
}

export function createChainPace(
  { meter, rest }: Pick<Ports, 'meter' | 'rest'>,
  turns: Turns,
  traffic: Traffic,
): ChainPace {
  let unrested = 0;
  const restIfDue = async () => {
    if (unrested < (traffic.restsForOthers > 0 ? LINKS_BESIDE_OTHERS : LINKS_ALONE)) return;
    unrested = 0;
    const before = traffic.others;
    await rest();
    const hasCome = traffic.others > before;
    traffic.restsForOthers = hasCome
      ? RESTS_BESIDE_OTHERS
      : Math.max(0, traffic.restsForOthers - 1);
  };
  return {
    begin: async () => {
      await restIfDue();
      await turns.begin(rest);
    },
    end: turns.end,
    onLink: () => {
      unrested += 1;
      meter.links += 1;
      turns.tick();
    },
    rest: restIfDue,
  };
}
