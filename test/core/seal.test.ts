// What is sealed opens for the same purpose and owner alone, under the peppers that there are.
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../src/core/keyring.ts';
import { openText, sealText } from '../../src/core/seal.ts';
import { makeKeySecrets, makePepper, platformRandom } from '../support/secrets.ts';

const old = makePepper('p1');
const secrets = makeKeySecrets({ peppers: [old] });
const keyring = createKeyring(secrets);
const OWNER = ['tenant', 'user', 'msg_1'];
const TEXT = 'the code is ABCDEFGH, ü 🔑';

function seal(text = TEXT, purpose: 'message' | 'webhook-secret' = 'message') {
  return sealText(keyring, platformRandom, purpose, OWNER, text);
}

describe('a sealed text', () => {
  it.each([TEXT, '', '\u0000\ufeff', 'x'.repeat(100_000)])('is read again (%#)', async (text) => {
    expect(await openText(keyring, 'message', OWNER, await seal(text))).toBe(text);
  });

  it('shows nothing of it, and is another one each time', async () => {
    const [one, other] = [await seal(), await seal()];
    expect(one).toMatch(/^p1\.[A-Za-z0-9+/]+$/);
    expect(one).not.toBe(other);
    expect(atob(one.slice(3))).not.toContain('ABCDEFGH');
  });

  it.each([
    ['another tenant', ['other', 'user', 'msg_1']],
    ['another user', ['tenant', 'other', 'msg_1']],
    ['another message', ['tenant', 'user', 'msg_2']],
    ['nobody', []],
    ['the same letters, parted otherwise', ['tenantuser', '', 'msg_1']],
  ])('does not open for %s', async (_, owner) => {
    expect(await openText(keyring, 'message', owner, await seal())).toBeNull();
  });

  it('does not open for another purpose', async () => {
    expect(await openText(keyring, 'webhook-secret', OWNER, await seal())).toBeNull();
    const secret = await seal(TEXT, 'webhook-secret');
    expect(await openText(keyring, 'message', OWNER, secret)).toBeNull();
    expect(await openText(keyring, 'webhook-secret', OWNER, secret)).toBe(TEXT);
  });

  it('is not sealed by the pepper itself, which seals the hashes', async () => {
    const bytes = Uint8Array.from(atob((await seal()).slice(3)), (letter) => letter.charCodeAt(0));
    const key = await keyring.pepper.find('p1');
    if (key === null) throw new Error('no pepper');
    const additionalData = new TextEncoder().encode(JSON.stringify(['message', 'p1', ...OWNER]));
    const algorithm = { name: 'AES-GCM', iv: bytes.slice(0, 12), additionalData };
    await expect(crypto.subtle.decrypt(algorithm, key, bytes.slice(12))).rejects.toThrow();
  });

  it('does not open when a bit of it is another', async () => {
    const sealed = await seal();
    for (const at of [4, 24, sealed.length - 5]) {
      const letter = sealed[at] === 'A' ? 'B' : 'A';
      const changed = `${sealed.slice(0, at)}${letter}${sealed.slice(at + 1)}`;
      expect(await openText(keyring, 'message', OWNER, changed)).toBeNull();
    }
  });

  it('does not open with anything before or behind it', async () => {
    const sealed = await seal();
    for (const other of [`x!${sealed}`, ` ${sealed}`, `${sealed}!`, `${sealed}\n`]) {
      expect(await openText(keyring, 'message', OWNER, other)).toBeNull();
    }
  });

  it.each(['', 'p1', 'p1.', '.AAAA', 'p1.!', 'p1.AAAA', 'p2.AAAA', 'p1.A', 'p1.AAAA.AAAA'])(
    'is none of ours: %j',
    async (text) => {
      expect(await openText(keyring, 'message', OWNER, text)).toBeNull();
    },
  );

  it('opens after the pepper was rotated, as long as the old one is kept', async () => {
    const sealed = await seal();
    const rotated = createKeyring({ ...secrets, peppers: [makePepper('p2'), old] });
    expect(await openText(rotated, 'message', OWNER, sealed)).toBe(TEXT);
    expect(await sealText(rotated, platformRandom, 'message', OWNER, TEXT)).toMatch(/^p2\./);
    const dropped = createKeyring({ ...secrets, peppers: [makePepper('p2')] });
    expect(await openText(dropped, 'message', OWNER, sealed)).toBeNull();
    const other = createKeyring({ ...secrets, peppers: [makePepper('p1')] });
    expect(await openText(other, 'message', OWNER, sealed)).toBeNull();
  });
});
