// Whose turn it is to hash: one at a time, tenant by tenant, and never a seat that is lost for good.
import { describe, expect, it } from 'vitest';
import { BusyError, createHashQueue, type HashQueue } from '../../src/core/hash-queue.ts';

const SEEN_LATELY = 5000;

interface Clock {
  now: number;
}

function open(limit: number): { queue: HashQueue; clock: Clock } {
  const clock = { now: 1_000_000 };
  return { queue: createHashQueue(limit, () => clock.now), clock };
}

/** A macrotask. */
function rest(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function restOften(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await rest();
}

/** Begins in the order of the calls, and says who has begun. */
function line(queue: HashQueue, names: readonly string[]) {
  const begun: string[] = [];
  const turns = names.map((name) => queue.createTurns(() => name.split(' ')[0] ?? ''));
  const all = turns.map(async (own, index) => {
    await own.begin(rest);
    begun.push(names[index] ?? '');
  });
  return { begun, turns, all };
}

describe('the queue', () => {
  it('lets one hash at a time', async () => {
    const { queue } = open(10);
    const { begun, turns } = line(queue, ['a 1', 'a 2', 'a 3']);
    await restOften();
    expect(begun).toEqual(['a 1']);
    turns[0]?.end();
    await restOften();
    expect(begun).toEqual(['a 1', 'a 2']);
    turns[1]?.leave();
    await restOften();
    expect(begun).toEqual(['a 1', 'a 2', 'a 3']);
  });

  it('lets tenants take turns, however many of one wait', async () => {
    const { queue } = open(10);
    const { begun, turns, all } = line(queue, ['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'c 1']);
    for (let round = 0; round < all.length; round += 1) {
      await restOften();
      const name = begun.at(-1) ?? '';
      turns[['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'c 1'].indexOf(name)]?.leave();
    }
    await Promise.all(all);
    expect(begun).toEqual(['a 1', 'b 1', 'c 1', 'a 2', 'b 2', 'a 3']);
  });

  it('finishes first what was begun: a change hashes twice', async () => {
    const { queue } = open(10);
    const { begun, turns } = line(queue, ['a 1', 'b 1']);
    await restOften();
    const again = async () => {
      turns[0]?.end();
      await turns[0]?.begin(rest);
      begun.push('a 1 again');
    };
    await again();
    expect(begun).toEqual(['a 1', 'a 1 again']);
    turns[0]?.leave();
    await restOften();
    expect(begun).toEqual(['a 1', 'a 1 again', 'b 1']);
  });

  it('counts the turn of a request once, however often it hashes', async () => {
    const { queue } = open(10);
    const [a, b] = line(queue, ['a 1', 'b 1']).turns;
    await restOften();
    a?.end();
    await restOften();
    const waiting = line(queue, ['b 2', 'a 2']);
    const again = a?.begin(rest);
    b?.end();
    await again;
    a?.end();
    await restOften();
    // Since b was served after a, it is the turn of a.
    expect(waiting.begun).toEqual(['a 2']);
  });

  it('takes a tenant whose requests have all left for one that comes anew', async () => {
    const { queue } = open(10);
    const first = line(queue, ['a 1', 'b 1']);
    await restOften();
    first.turns[0]?.leave();
    await restOften();
    const { begun } = line(queue, ['a 2', 'c 1']);
    first.turns[1]?.leave();
    await restOften();
    expect(begun).toEqual(['a 2']);
  });

  it('leaves the turn to who has it when another leaves', async () => {
    const { queue } = open(10);
    const { begun, turns } = line(queue, ['a 1', 'b 1', 'c 1']);
    await restOften();
    turns[0]?.end();
    await restOften();
    turns[0]?.leave();
    await restOften();
    expect(begun).toEqual(['a 1', 'b 1']);
  });

  it('has so many seats and no more, and says when to come again', async () => {
    const { queue } = open(4);
    const { turns } = line(queue, ['a 1', 'a 2', 'b 1']);
    await restOften();
    expect(queue.findWait()).toBeNull();
    const last = line(queue, ['c 1']);
    expect(queue.findWait()).toBe(1);
    await expect(queue.createTurns(() => 'd').begin(rest)).rejects.toThrow(BusyError);
    turns[0]?.leave();
    expect(queue.findWait()).toBeNull();
    expect(last.begun).toEqual([]);
  });

  it('gives a tenant half of the seats at most', async () => {
    const { queue } = open(4);
    line(queue, ['a 1', 'a 2']);
    await restOften();
    await expect(queue.createTurns(() => 'a').begin(rest)).rejects.toThrow(BusyError);
    expect(queue.findWait()).toBeNull();
    const { begun } = line(queue, ['b 1']);
    await restOften();
    expect(begun).toEqual([]);
    expect(queue.findWait()).toBeNull();
  });

  it('says when to come again by the seats that are before one', async () => {
    const { queue } = open(40);
    const names = Array.from({ length: 20 }, (_, index) => `a ${index}`);
    line(queue, names);
    // Twenty hashes of a tenth of a second.
    await expect(queue.createTurns(() => 'a').begin(rest)).rejects.toMatchObject({ retryAfter: 2 });
    line(
      queue,
      names.map((name) => name.replace('a', 'b')),
    );
    expect(queue.findWait()).toBe(4);
    await expect(queue.createTurns(() => 'c').begin(rest)).rejects.toMatchObject({ retryAfter: 4 });
  });

  it('keeps a seat through all hashes of a request', async () => {
    const { queue } = open(2);
    const [own] = line(queue, ['a 1']).turns;
    await restOften();
    own?.end();
    const other = line(queue, ['b 1']);
    expect(queue.findWait()).not.toBeNull();
    other.turns[0]?.leave();
    expect(queue.findWait()).toBeNull();
    await own?.begin(rest);
    line(queue, ['b 2']);
    expect(queue.findWait()).not.toBeNull();
  });

  it('takes back the turn and the seat of a request that was cut off', async () => {
    const { queue, clock } = open(2);
    line(queue, ['a 1']);
    const cutOff = queue.createTurns(() => 'b');
    // Waits for ever, and never asks again.
    cutOff.begin(() => new Promise(() => {})).catch(() => {});
    await restOften();
    expect(queue.findWait()).not.toBeNull();
    clock.now += SEEN_LATELY + 1;
    expect(queue.findWait()).toBeNull();
    const { begun } = line(queue, ['c 1']);
    await restOften();
    expect(begun).toEqual(['c 1']);
  });

  it('gives the turn of a request that was cut off to who waits, though nobody else comes', async () => {
    const { queue, clock } = open(10);
    const { begun } = line(queue, ['a 1', 'b 1']);
    await restOften();
    clock.now += SEEN_LATELY;
    await restOften();
    expect(begun).toEqual(['a 1']);
    clock.now += 1;
    await restOften();
    expect(begun).toEqual(['a 1', 'b 1']);
  });

  it('forgets nobody who waits when the machine has slept', async () => {
    const { queue, clock } = open(10);
    const { begun, turns, all } = line(queue, ['a 1', 'b 1', 'c 1']);
    await restOften();
    clock.now += 100 * SEEN_LATELY;
    await restOften();
    expect(begun).toEqual(['a 1', 'b 1']);
    turns[0]?.leave();
    turns[1]?.leave();
    await Promise.all(all);
    expect(begun).toEqual(['a 1', 'b 1', 'c 1']);
  });

  it('leaves it to who ticks', async () => {
    const { queue, clock } = open(2);
    const [own] = line(queue, ['a 1']).turns;
    await restOften();
    const { begun } = line(queue, ['b 1']);
    for (let i = 0; i < 3; i += 1) {
      clock.now += SEEN_LATELY;
      own?.tick();
      await restOften();
    }
    expect(begun).toEqual([]);
    clock.now += SEEN_LATELY;
    // Whoever waits has kept its seat, too.
    expect(queue.findWait()).not.toBeNull();
    own?.leave();
    await restOften();
    expect(begun).toEqual(['b 1']);
  });

  it('lets go on who was taken for lost and is not', async () => {
    const { queue, clock } = open(2);
    const { begun, turns } = line(queue, ['a 1']);
    await restOften();
    clock.now += SEEN_LATELY + 1;
    expect(queue.findWait()).toBeNull();
    const other = line(queue, ['b 1']);
    await restOften();
    expect([...begun, ...other.begun]).toEqual(['a 1', 'b 1']);
    turns[0]?.end();
    let isAgain = false;
    const again = turns[0]?.begin(rest).then(() => {
      isAgain = true;
    });
    await restOften();
    // It had no turn to end: that of the other goes on.
    expect(isAgain).toBe(false);
    other.turns[0]?.leave();
    await again;
    turns[0]?.leave();
    expect(queue.findWait()).toBeNull();
  });

  it('holds nothing of who leaves without having hashed', () => {
    const { queue } = open(1);
    const turns = queue.createTurns(() => 'a');
    turns.end();
    turns.tick();
    turns.leave();
    turns.leave();
    expect(queue.findWait()).toBeNull();
  });
});
