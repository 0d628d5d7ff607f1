// How the hashes of one request share the thread: when others run, and that a long hash keeps its turn.
import { expect, it } from 'vitest';
import { createChainPace, createTraffic } from '../../src/core/chain-pace.ts';
import { createHashQueue } from '../../src/core/hash-queue.ts';
import type { Meter } from '../../src/core/ports.ts';

const LINKS = 6;
const METER: Meter = { trips: 0, links: 0, allowance: null, tenantId: null, refusal: null };

/**
 * What happens in order, of so many hashes of one request, one after the other. `arrivals`: how many requests come in
 * each rest, none in those behind.
 */
async function record(
  hashes: number,
  arrivals: readonly number[] = [],
  traffic = createTraffic(),
): Promise<{ seen: string; meter: Meter }> {
  const seen: string[] = [];
  const meter = { ...METER };
  let rests = 0;
  const rest = async () => {
    seen.push('rest');
    traffic.others += arrivals[rests] ?? 0;
    rests += 1;
  };
  const turns = createHashQueue(2, () => 0).createTurns(() => 'tenant');
  const pace = createChainPace({ meter, rest }, turns, traffic);
  for (let hash = 0; hash < hashes; hash += 1) {
    await pace.begin();
    for (let link = 1; link <= LINKS; link += 1) {
      if (link > 1) await pace.rest();
      pace.onLink();
      seen.push('link');
    }
    pace.end();
  }
  turns.leave();
  return { seen: seen.join(' '), meter };
}

const ALONE = 'link link link rest link link link';

it('lets others run after every three links, and not after the last', async () => {
  const { seen, meter } = await record(1);
  expect(seen).toBe(ALONE);
  expect(meter.links).toBe(LINKS);
});

it('lets others run between two hashes of one request', async () => {
  const { seen, meter } = await record(2);
  expect(seen).toBe(`${ALONE} rest ${ALONE}`);
  expect(meter.links).toBe(2 * LINKS);
});

it('lets others run after each link as long as somebody comes, and for four rests more', async () => {
  expect((await record(1, [1, 2, 1])).seen).toBe('link link link rest link rest link rest link');
  expect((await record(2, [1, 0])).seen).toBe(
    `link link link ${'rest link '.repeat(5)}link link rest link link`,
  );
});

it('knows from the hash before that somebody comes', async () => {
  const traffic = createTraffic();
  await record(1, [1, 1, 1], traffic);
  expect((await record(1, [0], traffic)).seen).toBe(`${'link rest '.repeat(4)}link link`);
  expect((await record(1, [], traffic)).seen).toBe(ALONE);
});

it('keeps its turn however long a hash takes, while its links go on', async () => {
  let now = 0;
  const queue = createHashQueue(10, () => now);
  const own = queue.createTurns(() => 'a');
  const other = queue.createTurns(() => 'b');
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve));
  const pace = createChainPace({ meter: { ...METER }, rest }, own, createTraffic());
  await pace.begin();
  let hasBegun = false;
  const waiting = other.begin(rest).then(() => {
    hasBegun = true;
  });
  for (let link = 0; link < LINKS; link += 1) {
    now += 4000;
    pace.onLink();
    await rest();
    await rest();
  }
  expect(hasBegun).toBe(false);
  pace.end();
  await waiting;
});
