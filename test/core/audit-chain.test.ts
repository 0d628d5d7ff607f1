// What the links of the audit are over: nothing of an event can be another one's.
import { describe, expect, it } from 'vitest';
import { createEventSeals, GENESIS, listSealed, UNLINKABLE } from '../../src/core/audit-chain.ts';
import { createChain } from '../../src/core/chain.ts';
import { makeChainKey } from '../support/secrets.ts';

const chain = createChain([makeChainKey('c1')]);
const seals = createEventSeals(chain);
const position = { tenantId: 'org-1', userId: 'ann', sequence: 2 };

describe('a link', () => {
  it.each([
    ['of another tenant', { ...position, tenantId: 'org-2' }, 'before', 'mac'],
    ['of another user', { ...position, userId: 'bob' }, 'before', 'mac'],
    ['at another place', { ...position, sequence: 3 }, 'before', 'mac'],
    ['after another link', position, 'other', 'mac'],
    ['of another event', position, 'before', 'other'],
  ])('is another one %s', async (_, where, previous, mac) => {
    const link = await seals.linkEvent(position, 'before', 'mac');
    expect(await seals.linkEvent(position, 'before', 'mac')).toBe(link);
    expect(await seals.linkEvent(where, previous, mac)).not.toBe(link);
  });

  it('is what an audit of before was linked with', async () => {
    const link = await seals.linkEvent(position, 'before', 'mac');
    const parts = ['org-1', 'ann', 2, 'before', 'mac'] as const;
    expect(await chain.verify(link, 'link', ...parts)).toBe('sealed');
    const first = await seals.linkEvent({ ...position, sequence: 1 }, GENESIS, 'mac');
    expect(await chain.verify(first, 'link', 'org-1', 'ann', 1, '', 'mac')).toBe('sealed');
  });

  it('that cannot be made is not taken for none', () => {
    expect(UNLINKABLE).not.toBe(GENESIS);
  });
});

it('seals of a checkpoint all that it says, and the root before', () => {
  const content = { tenantId: 'org-1', number: 2, at: 5, through: 9, heads: '[]' };
  expect(listSealed(content, 'root')).toEqual(['org-1', 2, 'root', 5, 9, '[]']);
});
