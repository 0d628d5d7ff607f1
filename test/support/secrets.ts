// Key material and randomness for tests of the core, made by node:crypto.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import type { ChainKeys } from '../../src/core/chain.ts';
import type { Secrets } from '../../src/core/keyring.ts';
import type { Random } from '../../src/core/ports.ts';

export type PepperKey = Secrets['peppers'][number];

export function makePepper(id: string): PepperKey {
  return { id, key: drawKey() };
}

export function makeChainKey(id: string): ChainKeys[number] {
  return { id, key: drawKey() };
}

/** A private EC key; `namedCurve` P-256 unless told. */
export function makeSigningJwk(namedCurve = 'P-256'): JWK {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ format: 'jwk' }) as JWK;
}

/** One pepper p1, one MAC key m1, one chain key c1 and two signing keys, unless told. */
export function makeKeySecrets(chosen: Partial<Secrets> = {}): Secrets {
  return {
    peppers: [makePepper('p1')],
    macKeys: [makePepper('m1')],
    chainKeys: [makeChainKey('c1')],
    signingKeys: [makeSigningJwk(), makeSigningJwk()],
    ...chosen,
  };
}

function drawKey(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(32));
}

/** What production has. */
export const platformRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** The same bytes at each run (mulberry32), for statistics that must not fail by chance. */
export function createSeededRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
  return { bytes: (length) => Uint8Array.from({ length }, next) };
}

/** Pearson's statistic of the counts of `alphabet` in `text` against a uniform draw. */
export function computeChiSquare(text: string, alphabet: string): number {
  const counts = new Map([...alphabet].map((character) => [character, 0]));
  for (const character of text) counts.set(character, (counts.get(character) ?? Number.NaN) + 1);
  const expected = text.length / alphabet.length;
  return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
