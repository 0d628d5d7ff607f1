// The keys of the audit's chain: what one seals, every keyring that still has it verifies, for that purpose alone.
import { createHmac } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createChain } from '../../src/core/chain.ts';
import { makeChainKey } from '../support/secrets.ts';

const old = makeChainKey('c1');
const next = makeChainKey('c2');

describe('a seal', () => {
  it('is HMAC-SHA-256 over the purpose and the parts, after the id of the first key', async () => {
    const mac = createHmac('sha256', next.key).update('["link","org-1",7]').digest('base64url');
    expect(await createChain([next, old]).seal('link', 'org-1', 7)).toBe(`c2.${mac}`);
  });

  it('is verified by every key that there is, and by no other of its id', async () => {
    const sealed = await createChain([old]).seal('event', 'a', 1);
    const verify = (...keys: (typeof old)[]) => createChain(keys).verify(sealed, 'event', 'a', 1);
    expect(await verify(old)).toBe('sealed');
    expect(await verify(next, old)).toBe('sealed');
    expect(await verify(next)).toBe('key-unknown');
    expect(await verify(makeChainKey('c1'))).toBe('altered');
  });

  it('is of one purpose and of the same parts', async () => {
    const chain = createChain([old]);
    const sealed = await chain.seal('event', 'ab', 'c');
    expect(await chain.verify(sealed, 'event', 'ab', 'c')).toBe('sealed');
    expect(await chain.verify(sealed, 'link', 'ab', 'c')).toBe('altered');
    expect(await chain.verify(sealed, 'event', 'a', 'bc')).toBe('altered');
    expect(await chain.verify(sealed, 'event', 'ab', 'c', '')).toBe('altered');
  });

  it.each([
    ['', 'key-unknown'],
    ['.', 'key-unknown'],
    ['__proto__.x', 'key-unknown'],
    ['constructor', 'key-unknown'],
    ['c9.AAAA', 'key-unknown'],
    ['c1', 'altered'],
    ['c1.', 'altered'],
    ['c1.AAAA', 'altered'],
  ])('is not %j', async (text, verdict) => {
    expect(await createChain([old]).verify(text, 'event', 'a')).toBe(verdict);
  });

  it('is no longer itself with a character more or another one', async () => {
    const chain = createChain([old]);
    const sealed = await chain.seal('event', 'a');
    expect(await chain.verify(`${sealed}A`, 'event', 'a')).toBe('altered');
    expect(await chain.verify(sealed.slice(0, -1), 'event', 'a')).toBe('altered');
    const other = sealed.endsWith('A') ? 'E' : 'A';
    expect(await chain.verify(sealed.slice(0, -1) + other, 'event', 'a')).toBe('altered');
  });

  it.each([
    ['was cut off', () => new Promise<never>(() => undefined)],
    ['failed', () => Promise.reject(new Error('no key today'))],
  ])('does not hang on the request that first imported the key, and %s', async (_, importKey) => {
    const importing = vi.spyOn(crypto.subtle, 'importKey').mockImplementationOnce(importKey);
    const chain = createChain([old]);
    chain.seal('event', 'a').catch(() => undefined);
    expect(await chain.seal('event', 'a')).toBe(await createChain([old]).seal('event', 'a'));
    importing.mockRestore();
  });

  it('cannot be made without a key', async () => {
    await expect(createChain([]).seal('event', 'a')).rejects.toThrow();
  });
});
