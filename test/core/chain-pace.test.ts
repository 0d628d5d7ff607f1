// How the hashes of one request share the thread: when others run, and that a long hash keeps its turn.
import { expect, it } from 'vitest';
import { createChainPace } from '../../src/core/chain-pace.ts';
import { createHashQueue } from '../../src/core/hash-queue.ts';
import type { Meter } from '../../src/core/ports.ts';

const LINKS = 6;
const METER: Meter = { trips: 0, links: 0, allowance: null, tenantId: null, refusal: null };

/** What happens in order, of so many hashes of one request, one after the other. */
async function record(hashes: number): Promise<{ seen: string[]; meter: Meter }> {
  const seen: string[] = [];
  const meter = { ...METER };
  const rest = async () => void seen.push('rest');
  const turns = createHashQueue(2, () => 0).createTurns(() => 'tenant');
  const pace = createChainPace({ meter, rest }, turns);
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
  return { seen, meter };
}

it('lets others run after every two links, and not after the last', async () => {
  const { seen, meter } = await record(1);
  expect(seen.join(' ')).toBe('link link rest link link rest link link');
  expect(meter.links).toBe(LINKS);
});

it('lets others run between two hashes of one request', async () => {
  const { seen, meter } = await record(2);
  const hash = 'link link rest link link rest link link';
  expect(seen.join(' ')).toBe(`${hash} rest ${hash}`);
  expect(meter.links).toBe(2 * LINKS);
});

it('keeps its turn however long a hash takes, while its links go on', async () => {
  let now = 0;
  const queue = createHashQueue(10, () => now);
  const own = queue.createTurns(() => 'a');
  const other = queue.createTurns(() => 'b');
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve));
  const pace = createChainPace({ meter: { ...METER }, rest }, own);
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
