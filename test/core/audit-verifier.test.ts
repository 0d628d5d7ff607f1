// The verification of an audit: what is whole passes, and of what is not the first thing that is wrong is named.
import { describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  createEventSeals,
  GENESIS,
  listSealed,
  UNLINKABLE,
  writeHeads,
} from '../../src/core/audit-chain.ts';
import type { EventRecord } from '../../src/core/audit-store.ts';
import {
  type AuditFault,
  createAuditVerifier,
  type Witness,
} from '../../src/core/audit-verifier.ts';
import { createChain } from '../../src/core/chain.ts';
import { makeChainKey } from '../support/secrets.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 15, 12);
const TENANT = 'org-1';
const chain = createChain([makeChainKey('c1')]);
const seals = createEventSeals(chain);

type Given = Partial<EventRecord>;

/** An audit as the Worker would have written it, each event so many minutes before NOW. */
class Audit {
  readonly events: EventRecord[] = [];
  readonly checkpoints: Checkpoint[] = [];

  async add(userId: string, minutesAgo: number, given: Given = {}): Promise<EventRecord> {
    const before = this.events.findLast((event) => event.userId === userId);
    const content = {
      ...{ tenantId: TENANT, userId, at: NOW - minutesAgo * MINUTE, type: 'sign-out' },
      ...{ actor: '{"kind":"operator"}', dialect: 'admin', facts: '{}' },
      ...{ activityId: `request-${this.events.length}`, ...given },
    };
    const position = { tenantId: TENANT, userId, sequence: (before?.sequence ?? 0) + 1 };
    const mac = given.mac ?? (await seals.sealEvent(content));
    const link = await seals.linkEvent(position, before?.link ?? GENESIS, mac);
    const event = { ...content, ...position, id: this.events.length + 1, mac, link, ...given };
    this.events.push(event);
    return event;
  }

  async check(minutesAgo: number): Promise<Checkpoint> {
    const before = this.checkpoints.at(-1);
    const covered = this.events.filter(({ id }) => id > (before?.through ?? 0));
    const heads = new Map(
      covered.map(({ userId, sequence, link }) => [userId, { userId, sequence, link: link ?? '' }]),
    );
    const content = {
      ...{ tenantId: TENANT, number: (before?.number ?? 0) + 1, at: NOW - minutesAgo * MINUTE },
      ...{ through: this.events.length, heads: writeHeads([...heads.values()]) },
    };
    const root = await chain.seal('checkpoint', ...listSealed(content, before?.root ?? GENESIS));
    const checkpoint = { ...content, root };
    this.checkpoints.push(checkpoint);
    return checkpoint;
  }

  async verify(witness: Witness | null = null): Promise<AuditFault | null> {
    const verifier = createAuditVerifier(chain, TENANT, NOW, witness);
    const waiting = [...this.checkpoints];
    const takeUntil = async (id: number) => {
      while (waiting[0] !== undefined && waiting[0].through < id) {
        const fault = await verifier.takeCheckpoint(waiting.shift() as Checkpoint);
        if (fault !== null) return fault;
      }
      return null;
    };
    for (const event of this.events) {
      const fault = (await takeUntil(event.id)) ?? (await verifier.takeEvent(event));
      if (fault !== null) return fault;
    }
    return (await takeUntil(Number.POSITIVE_INFINITY)) ?? verifier.end();
  }

  change(id: number, change: Given): void {
    this.events[id - 1] = { ...(this.events[id - 1] as EventRecord), ...change };
  }
}

/** Three events of Ann, one of Bob between them; all but the last are covered. */
async function makeAudit(): Promise<Audit> {
  const audit = new Audit();
  await audit.add('ann', 50);
  await audit.add('bob', 49);
  await audit.check(40);
  await audit.add('ann', 30);
  await audit.check(20);
  await audit.add('ann', 10);
  return audit;
}

it('finds whole what is', async () => {
  expect(await (await makeAudit()).verify()).toBeNull();
  expect(await new Audit().verify()).toBeNull();
});

it('says how much it saw, and what is worth keeping', async () => {
  const verifier = createAuditVerifier(chain, TENANT, NOW, null);
  expect(verifier.readNewest()).toBeNull();
  const audit = new Audit();
  await verifier.takeEvent(await audit.add('ann', 5));
  const { number, root } = await audit.check(4);
  await verifier.takeCheckpoint({ ...(audit.checkpoints[0] as Checkpoint) });
  expect(verifier.counts).toEqual({ events: 1, checkpoints: 1 });
  expect(verifier.readNewest()).toEqual({ number, root });
});

describe('an event', () => {
  it.each<[string, Given, AuditFault['kind']]>([
    ['that says another time', { at: NOW - 30 * MINUTE + 1 }, 'altered'],
    ['of another type', { type: 'sign-in.succeeded' }, 'altered'],
    ['by another', { actor: '{"kind":"anonymous"}' }, 'altered'],
    ['through another door', { dialect: 'zap' }, 'altered'],
    ['in another request', { activityId: 'request' }, 'altered'],
    ['with other facts', { facts: '{"a":1}' }, 'altered'],
    ['of another tenant', { tenantId: 'org-2' }, 'foreign'],
    ['with the link of none', { link: UNLINKABLE }, 'reordered'],
    ['with a MAC under another key', { mac: 'c9.AAAA' }, 'key-unknown'],
    ['with a link under another key', { link: 'c9.AAAA' }, 'key-unknown'],
    ['that lost its link', { link: null }, 'unlinked'],
  ])('%s', async (_, change, kind) => {
    const audit = await makeAudit();
    audit.change(3, change);
    expect(await audit.verify()).toEqual({ kind, userId: 'ann', at: 2 });
  });

  it('that is gone, or there twice', async () => {
    const audit = await makeAudit();
    audit.events.shift();
    expect(await audit.verify()).toMatchObject({ kind: 'tail-cut', userId: 'ann', at: 1 });
    const twice = await makeAudit();
    twice.events.splice(3, 0, { ...(twice.events[2] as EventRecord), id: 4 });
    expect(await twice.verify()).toEqual({ kind: 'reordered', userId: 'ann', at: 2 });
  });

  it('between others that is gone', async () => {
    const audit = await makeAudit();
    audit.checkpoints.length = 0;
    audit.events.splice(2, 1);
    expect(await audit.verify()).toEqual({ kind: 'missing', userId: 'ann', at: 2 });
  });

  it('of before, once more: whether it is old or not', async () => {
    for (const [minutesAgo, gap] of [
      [2, 1],
      [60, 58],
    ] as const) {
      const audit = new Audit();
      const { at, activityId } = await audit.add('ann', minutesAgo);
      await audit.add('ann', minutesAgo - gap);
      await audit.add('ann', 0, { at, activityId });
      expect(await audit.verify()).toEqual({ kind: 'replayed', userId: 'ann', at: 3 });
    }
  });

  it('may be some minutes older than the one before, and no more', async () => {
    for (const [minutes, fault] of [
      [10, null],
      [11, 'replayed'],
    ] as const) {
      const audit = new Audit();
      await audit.add('ann', 1);
      await audit.add('ann', 1 + minutes);
      expect((await audit.verify())?.kind ?? null).toBe(fault);
    }
  });

  it('may wait for its link some minutes, and no more; what follows it has none', async () => {
    for (const [minutes, fault] of [
      [15, null],
      [16, 'unlinked'],
    ] as const) {
      const audit = new Audit();
      await audit.add('ann', minutes, { link: null });
      expect((await audit.verify())?.kind ?? null).toBe(fault);
    }
    const audit = new Audit();
    await audit.add('ann', 2, { link: null });
    await audit.add('ann', 1);
    expect(await audit.verify()).toEqual({ kind: 'unlinked', userId: 'ann', at: 1 });
  });

  it('may wait an hour for a checkpoint, and no more', async () => {
    for (const [minutes, fault] of [
      [60, null],
      [61, 'unsealed'],
    ] as const) {
      const audit = new Audit();
      await audit.add('ann', minutes);
      expect((await audit.verify())?.kind ?? null).toBe(fault);
    }
  });
});

describe('a checkpoint', () => {
  it.each<[string, Partial<Checkpoint>, AuditFault['kind'], number]>([
    ['with another number', { number: 3 }, 'checkpoint-missing', 2],
    ['of another tenant', { tenantId: 'org-2' }, 'foreign', 2],
    ['of another time', { at: NOW }, 'checkpoint-altered', 2],
    ['that covers more', { through: 4 }, 'checkpoint-altered', 2],
    ['with other heads', { heads: '[]' }, 'checkpoint-altered', 2],
    ['under another key', { root: 'c9.AAAA' }, 'key-unknown', 2],
  ])('%s', async (_, change, kind, at) => {
    const audit = await makeAudit();
    audit.checkpoints[1] = { ...(audit.checkpoints[1] as Checkpoint), ...change };
    expect(await audit.verify()).toEqual({ kind, userId: null, at });
  });

  it('is held against the one that was kept', async () => {
    const audit = await makeAudit();
    for (const { number, root } of audit.checkpoints) {
      expect(await audit.verify({ number, root })).toBeNull();
      const other = await audit.verify({ number, root: `${root}A` });
      expect(other).toEqual({ kind: 'witness-differs', userId: null, at: number });
    }
    const later = await audit.verify({ number: 3, root: 'c1.A' });
    expect(later).toEqual({ kind: 'checkpoint-missing', userId: null, at: 3 });
  });

  it('knows which events were there', async () => {
    const cut = await makeAudit();
    cut.events.splice(1, 1);
    expect(await cut.verify()).toEqual({ kind: 'tail-cut', userId: 'bob', at: 1 });
    const tail = new Audit();
    await tail.add('ann', 9);
    await tail.check(8);
    for (const minutes of [7, 6, 5]) await tail.add('ann', minutes);
    await tail.check(4);
    tail.events.splice(2, 2);
    expect(await tail.verify()).toEqual({ kind: 'tail-cut', userId: 'ann', at: 3 });
    tail.events.splice(1, 1);
    expect(await tail.verify()).toEqual({ kind: 'tail-cut', userId: 'ann', at: 4 });
    const more = new Audit();
    await more.add('ann', 5);
    const checkpoint = await more.check(4);
    await more.add('bob', 3);
    more.checkpoints[0] = await resign({ ...checkpoint, through: 2 });
    expect(await more.verify()).toEqual({ kind: 'checkpoint-differs', userId: 'bob', at: 1 });
    const further = new Audit();
    await further.add('ann', 5);
    const known = await further.check(4);
    await further.add('ann', 3);
    further.checkpoints[0] = await resign({ ...known, through: 2 });
    expect(await further.verify()).toEqual({ kind: 'checkpoint-differs', userId: 'ann', at: 2 });
    further.change(2, { link: null });
    expect(await further.verify()).toEqual({ kind: 'checkpoint-differs', userId: 'ann', at: 2 });
  });

  it('may know a link that was written after the event was read, while that is young', async () => {
    for (const [minutes, fault] of [
      [5, null],
      [20, 'unlinked'],
    ] as const) {
      const audit = new Audit();
      const { id } = await audit.add('ann', minutes);
      await audit.check(1);
      audit.change(id, { link: null });
      expect((await audit.verify())?.kind ?? null).toBe(fault);
    }
  });

  it('of other links than those of the events', async () => {
    const audit = new Audit();
    await audit.add('ann', 5);
    const heads = writeHeads([{ userId: 'ann', sequence: 1, link: 'c1.other' }]);
    audit.checkpoints.push(await resign({ ...(await audit.check(4)), heads }));
    audit.checkpoints.shift();
    expect(await audit.verify()).toEqual({ kind: 'checkpoint-differs', userId: 'ann', at: 1 });
  });

  async function resign(checkpoint: Checkpoint): Promise<Checkpoint> {
    const root = await chain.seal('checkpoint', ...listSealed(checkpoint, GENESIS));
    return { ...checkpoint, root };
  }
});

it('writes the same heads the same, in whatever order they come', () => {
  const heads = ['b', 'a', 'c'].map((userId) => ({ userId, sequence: 1, link: 'c1.x' }));
  expect(writeHeads(heads)).toBe('[["a",1,"c1.x"],["b",1,"c1.x"],["c",1,"c1.x"]]');
  expect(writeHeads(heads.toReversed())).toBe(writeHeads(heads));
});
