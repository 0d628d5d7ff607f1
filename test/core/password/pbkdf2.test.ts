// Chained PBKDF2 against published vectors, node:crypto and the platform's cap.
import { pbkdf2Sync } from 'node:crypto';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type ChainCost,
  deriveChain,
  MAX_ITERATIONS_PER_CALL,
} from '../../../src/core/password/pbkdf2.ts';
import { findPasswordFault } from '../../../src/core/password/text.ts';
import { countDerivations } from '../../support/iteration-cap.ts';
import { UNPACED } from '../../support/ports.ts';
import { deriveChainByHand } from '../../support/sealed-hash.ts';
import { readVectors } from '../../support/vectors.ts';

function bytes(text: string, encoding: BufferEncoding = 'utf8'): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, encoding));
}

async function deriveHex(
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  cost: ChainCost,
): Promise<string> {
  return Buffer.from(await deriveChain(password, salt, cost, UNPACED)).toString('hex');
}

function deriveReference(password: Uint8Array, salt: Uint8Array, cost: ChainCost): string {
  return Buffer.from(deriveChainByHand(password, salt, cost)).toString('hex');
}

describe('one link is standard PBKDF2-HMAC-SHA-256', () => {
  // RFC 7914 section 11, the first 32 of 64 bytes: the first block does not depend on how many follow.
  it.each([
    ['passwd', 'salt', 1, '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc'],
    [
      'Password',
      'NaCl',
      80_000,
      '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56',
    ],
  ])(
    'gives the vector of RFC 7914 for %j, %j, %i',
    async (password, salt, iterations, expected) => {
      const cost = { iterations, perLink: MAX_ITERATIONS_PER_CALL };
      expect(await deriveHex(bytes(password), bytes(salt), cost)).toBe(expected);
      expect(
        await deriveHex(bytes(password), bytes(salt), { iterations, perLink: iterations }),
      ).toBe(expected);
    },
  );

  interface Wycheproof {
    readonly numberOfTests: number;
    readonly testGroups: readonly {
      readonly tests: readonly {
        readonly tcId: number;
        readonly password: string;
        readonly salt: string;
        readonly iterationCount: number;
        readonly dkLen: number;
        readonly dk: string;
        readonly result: string;
      }[];
    }[];
  }
  const published = readVectors<Wycheproof>('wycheproof_pbkdf2_hmacsha256_test.json');

  // Ours is always 32 bytes, so that only the bytes that both have are compared; none of the 60 is left out.
  it.skipIf(published === null)('gives each of the 60 vectors of Wycheproof', async () => {
    const tests = published?.testGroups.flatMap((group) => group.tests) ?? [];
    expect(tests).toHaveLength(60);
    for (const test of tests) {
      expect(test.result).toBe('valid');
      const output = await deriveHex(bytes(test.password, 'hex'), bytes(test.salt, 'hex'), {
        iterations: test.iterationCount,
        perLink: MAX_ITERATIONS_PER_CALL,
      });
      const digits = 2 * Math.min(32, test.dkLen);
      expect(output.slice(0, digits), `tcId ${test.tcId}`).toBe(test.dk.slice(0, digits));
    }
  });

  it('equals node:crypto for any password, salt, count and longer link', async () => {
    const octets = fc.uint8Array({ maxLength: 200 }).map((octets) => new Uint8Array(octets));
    const counts = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(1000));
    await fc.assert(
      fc.asyncProperty(octets, octets, counts, async (password, salt, [iterations, more]) => {
        const expected = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('hex');
        const cost = { iterations, perLink: iterations + more };
        expect(await deriveHex(password, salt, cost)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe('several links', () => {
  // Made with Python's hashlib.pbkdf2_hmac.
  it.each([
    [7, 3, '3232ab0c67106e527459841fcad788fccd8b879c07c0a4442b3fe6f08f6ba284'],
    [250_001, 100_000, 'ea42e243431492a4d2571e4bf812c0aa2e3ffe204bfdc4589de0a532473d9615'],
    [600_000, 100_000, '76cdedbfd55e451d0850c933c101062cef3b86a46403d399fd2659b5bfb8dbff'],
  ])(
    'give for %i iterations in links of %i what Python gives',
    async (iterations, perLink, expected) => {
      const salt = bytes('00112233445566778899aabbccddeeff', 'hex');
      const output = await deriveHex(bytes('correct horse battery staple'), salt, {
        iterations,
        perLink,
      });
      expect(output).toBe(expected);
    },
  );

  it('equal the same chain on node:crypto for any password, salt, count and link', async () => {
    const octets = fc.uint8Array({ maxLength: 100 }).map((octets) => new Uint8Array(octets));
    const counts = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 60 }));
    await fc.assert(
      fc.asyncProperty(octets, octets, counts, async (password, salt, [iterations, perLink]) => {
        const cost = { iterations, perLink };
        expect(await deriveHex(password, salt, cost)).toBe(deriveReference(password, salt, cost));
      }),
      { numRuns: 150 },
    );
  });

  it('depend on where they are cut', async () => {
    const whole = await deriveHex(bytes('pw'), bytes('salt'), { iterations: 10, perLink: 10 });
    const cut = await deriveHex(bytes('pw'), bytes('salt'), { iterations: 10, perLink: 5 });
    expect(cut).not.toBe(whole);
  });
});

describe('the cap of the platform', () => {
  it('is enforced by the shim that this suite runs under', async () => {
    const key = await crypto.subtle.importKey('raw', bytes('pw'), 'PBKDF2', false, ['deriveBits']);
    const derive = (iterations: number) =>
      crypto.subtle.deriveBits(
        { name: 'PBKDF2', hash: 'SHA-256', salt: bytes('salt'), iterations },
        key,
        256,
      );
    await expect(derive(MAX_ITERATIONS_PER_CALL + 1)).rejects.toMatchObject({
      name: 'NotSupportedError',
    });
    await expect(derive(1)).resolves.toHaveProperty('byteLength', 32);
  });

  it('is kept by every link of a long chain', async () => {
    const before = countDerivations();
    const cost = { iterations: 250_001, perLink: MAX_ITERATIONS_PER_CALL };
    await deriveHex(bytes('pw'), bytes('salt'), cost);
    expect(countDerivations() - before).toBe(3);
  });

  it.each([
    { iterations: 1, perLink: MAX_ITERATIONS_PER_CALL + 1 },
    { iterations: 600_000, perLink: 600_000 },
    { iterations: 1, perLink: Number.POSITIVE_INFINITY },
    { iterations: 1, perLink: 0 },
    { iterations: 1, perLink: -1 },
    { iterations: 1, perLink: 0.5 },
    { iterations: 1, perLink: Number.NaN },
    { iterations: 0, perLink: 1 },
    { iterations: -1, perLink: 1 },
    { iterations: 1.5, perLink: 1 },
    { iterations: Number.NaN, perLink: 1 },
    { iterations: Number.POSITIVE_INFINITY, perLink: 1 },
    { iterations: 2 ** 53, perLink: 1 },
  ])('refuses $iterations iterations in links of $perLink before any derivation', async (cost) => {
    const before = countDerivations();
    await expect(deriveHex(bytes('pw'), bytes('salt'), cost)).rejects.toBeInstanceOf(RangeError);
    expect(countDerivations()).toBe(before);
  });
});

describe('the pace of a chain', () => {
  it.each([
    [1, ['link']],
    [10, ['link']],
    [11, ['link', 'rest', 'link']],
    [35, ['link', 'rest', 'link', 'rest', 'link', 'rest', 'link']],
  ])(
    'rests between two links and nowhere else: %i iterations in links of 10',
    async (iterations, expected) => {
      const seen: string[] = [];
      const pace = {
        ...UNPACED,
        onLink: () => seen.push('link'),
        rest: async () => {
          seen.push('rest');
        },
      };
      await deriveChain(bytes('pw'), bytes('salt'), { iterations, perLink: 10 }, pace);
      expect(seen).toEqual(expected);
    },
  );

  it('begins before the first link, and ends once whatever became of them', async () => {
    const seen: string[] = [];
    const pace = {
      begin: async () => {
        seen.push('begin');
      },
      end: () => seen.push('end'),
      onLink: () => seen.push('link'),
      rest: () => Promise.reject(new Error('the request was cut off')),
    };
    await deriveChain(bytes('pw'), bytes('salt'), { iterations: 10, perLink: 10 }, pace);
    expect(seen).toEqual(['begin', 'link', 'end']);
    const cut = deriveChain(bytes('pw'), bytes('salt'), { iterations: 11, perLink: 10 }, pace);
    await expect(cut).rejects.toThrow('cut off');
    expect(seen.slice(3)).toEqual(['begin', 'link', 'end']);
  });

  it('waits for the rest to end before the next link', async () => {
    let links = 0;
    let endRest = () => {};
    const rested = new Promise<void>((resolve) => {
      endRest = resolve;
    });
    const pace = { ...UNPACED, onLink: () => (links += 1), rest: () => rested };
    const chain = deriveChain(bytes('pw'), bytes('salt'), { iterations: 2, perLink: 1 }, pace);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(links).toBe(1);
    endRest();
    await chain;
    expect(links).toBe(2);
  });

  const original = Object.getOwnPropertyDescriptor(crypto.subtle, 'deriveBits');
  afterEach(() => {
    if (original !== undefined) Object.defineProperty(crypto.subtle, 'deriveBits', original);
  });

  /** Ends within the microtask queue, as in workerd. Node's thread pool would leave the loop free without any rest. */
  function deriveWithoutLeavingTheQueue(): void {
    const value = async () => new ArrayBuffer(32);
    Object.defineProperty(crypto.subtle, 'deriveBits', { configurable: true, value });
  }

  it('gives another task a turn after each link', async () => {
    deriveWithoutLeavingTheQueue();
    let links = 0;
    let isDone = false;
    const linksAtTurns: number[] = [];
    const takeTurn = () => {
      linksAtTurns.push(links);
      if (!isDone) setImmediate(takeTurn);
    };
    const pace = {
      ...UNPACED,
      onLink: () => (links += 1),
      rest: () => new Promise<void>((resolve) => setImmediate(resolve)),
    };
    takeTurn();
    const cost = { iterations: 600_000, perLink: MAX_ITERATIONS_PER_CALL };
    await deriveChain(bytes('pw'), bytes('salt'), cost, pace);
    isDone = true;
    expect(links).toBe(6);
    const waits = linksAtTurns.map((seen, turn) => seen - (linksAtTurns[turn - 1] ?? 0));
    expect(Math.max(...waits)).toBe(1);
    expect(new Set(linksAtTurns)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});

describe('a trailing NUL', () => {
  interface Pairs {
    readonly nul_pad_pair_any_hash: readonly [string, string];
  }
  const published = readVectors<Pairs>('pbkdf2_collision_pairs.json');

  it.each<readonly [string, string]>([
    ['correct horse', 'correct horse\0'],
    ...(published === null ? [] : [published.nul_pad_pair_any_hash]),
  ])(
    'makes the same hash of %j and %j, so that it is refused as a password',
    async (plain, padded) => {
      const cost = { iterations: 3, perLink: 3 };
      expect(padded).not.toBe(plain);
      expect(await deriveHex(bytes(padded), bytes('salt'), cost)).toBe(
        await deriveHex(bytes(plain), bytes('salt'), cost),
      );
      expect(findPasswordFault(padded)).toBe('control-character');
      expect(findPasswordFault(plain)).toBeNull();
    },
  );
});
