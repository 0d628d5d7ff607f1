// When a message is tried again, and whose it is.
import { describe, expect, it } from 'vitest';
import { createKeyring } from '../../src/core/keyring.ts';
import {
  drawMessageId,
  MAX_ATTEMPTS,
  openMessage,
  scheduleRetry,
  sealMessage,
} from '../../src/core/outbox.ts';
import type { Random } from '../../src/core/ports.ts';
import { makeKeySecrets, platformRandom } from '../support/secrets.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FAR = NOW + 30 * DAY;

/** Every byte is this one. */
function fixed(byte: number): Random {
  return { bytes: (length) => new Uint8Array(length).fill(byte) };
}

function waitAfter(attempts: number, byte: number, expiresAt = FAR): number {
  return scheduleRetry({ attempts, expiresAt }, fixed(byte), NOW) - NOW;
}

describe('the next attempt', () => {
  it.each([
    [1, 5000],
    [2, 10_000],
    [3, 20_000],
    [8, 640_000],
    [10, 2_560_000],
    [11, HOUR],
    [MAX_ATTEMPTS, HOUR],
  ])('after %d of them is half of %d ms away or more, and no longer', (attempts, longest) => {
    expect(waitAfter(attempts, 0)).toBe(longest / 2);
    expect(waitAfter(attempts, 255)).toBeLessThanOrEqual(longest);
    expect(waitAfter(attempts, 255)).toBeGreaterThan(longest * 0.99);
    expect(waitAfter(attempts, 128)).toBe(longest * 0.75);
  });

  it('is never after the message is of no use', () => {
    expect(waitAfter(5, 255, NOW + 1234)).toBe(1234);
  });

  it('comes as long as the longest life of a code, however soon it is', () => {
    let now = NOW;
    for (let attempts = 1; attempts < MAX_ATTEMPTS; attempts += 1) now += waitAfter(attempts, 0);
    expect(now - NOW).toBeGreaterThan(DAY);
  });
});

describe('a message', () => {
  it('has an id that is nobody else’s, without the dot of what is signed', () => {
    const ids = Array.from({ length: 1000 }, () => drawMessageId(platformRandom));
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^msg_[A-Za-z0-9_-]{22}$/);
  });

  it('opens as itself alone', async () => {
    const keyring = createKeyring(makeKeySecrets());
    const own = { tenantId: 'tenant', userId: 'user', id: 'msg_1' };
    const payload = await sealMessage(keyring, platformRandom, own, '{"code":"ABCDEFGH"}');
    expect(payload).not.toContain('ABCDEFGH');
    expect(await openMessage(keyring, own, payload)).toBe('{"code":"ABCDEFGH"}');
    for (const other of [{ tenantId: 'x' }, { userId: 'x' }, { id: 'msg_2' }]) {
      expect(await openMessage(keyring, { ...own, ...other }, payload)).toBeNull();
    }
  });
});
