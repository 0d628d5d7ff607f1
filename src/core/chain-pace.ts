// How the hashes of one request share their isolate's thread: each waits for its turn, and others run in between.

import type { Ports } from './context.ts';
import type { Turns } from './hash-queue.ts';
import type { ChainPace } from './password/pbkdf2.ts';

/**
 * Links that are computed without a rest, of one hash or of two. A rest takes a millisecond, however little there is to do
 * meanwhile, since timers of Workers are that coarse: after every link they were a fifteenth of a sign-in.
 */
const LINKS_AT_A_TIME = 2;

export function createChainPace(
  { meter, rest }: Pick<Ports, 'meter' | 'rest'>,
  turns: Turns,
): ChainPace {
  let unrested = 0;
  const restIfDue = async () => {
    if (unrested < LINKS_AT_A_TIME) return;
    unrested = 0;
    await rest();
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
