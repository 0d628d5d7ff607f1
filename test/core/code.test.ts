// Verification codes: how they are drawn, what is kept of them, and when they are live.
import { describe, expect, it } from 'vitest';
import {
  CODE_ALPHABET,
  CODE_LENGTH,
  type CodePurpose,
  drawCode,
  judgeCode,
  referToCode,
} from '../../src/core/code.ts';
import { createKeyring } from '../../src/core/keyring.ts';
import {
  computeChiSquare,
  createSeededRandom,
  makeKeySecrets,
  platformRandom,
} from '../support/secrets.ts';

describe('a drawn code', () => {
  it('is eight letters and digits that cannot be mistaken for others', () => {
    expect(CODE_LENGTH).toBe(8);
    expect(CODE_ALPHABET).toHaveLength(32);
    expect(new Set(CODE_ALPHABET).size).toBe(32);
    expect(CODE_ALPHABET).toMatch(/^[A-HJ-NP-Z2-9]+$/);
    expect(drawCode(platformRandom)).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
  });

  it('is uniform and does not repeat in a hundred thousand', () => {
    const random = createSeededRandom(7);
    const codes = Array.from({ length: 100_000 }, () => drawCode(random));
    expect(new Set(codes).size).toBe(100_000);
    // 31 degrees of freedom: beyond 90 by chance once in ten million.
    expect(computeChiSquare(codes.join(''), CODE_ALPHABET)).toBeLessThan(90);
    for (let position = 0; position < CODE_LENGTH; position += 1) {
      const column = codes.map((code) => code[position]).join('');
      expect(computeChiSquare(column, CODE_ALPHABET), `position ${position}`).toBeLessThan(90);
    }
  });

  it('takes each of its letters from the given randomness', () => {
    const counting = { bytes: (length: number) => Uint8Array.from({ length }, (_, i) => i + 32) };
    expect(drawCode(counting)).toBe('ABCDEFGH');
  });
});

describe('what is kept of a code', () => {
  const secrets = makeKeySecrets();
  const keyring = createKeyring(secrets);
  const refer = (code: string, purpose: CodePurpose = 'reset', userId = 'user-1') =>
    referToCode(keyring, purpose, userId, code);

  it('is a MAC with its purpose and the number of tries', async () => {
    const ref = await refer('ABCD2345');
    expect(ref).toEqual({
      purpose: 'reset',
      mac: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      maxTries: 5,
    });
    expect(await refer('ABCD2345')).toEqual(ref);
    expect(JSON.stringify(ref)).not.toContain('ABCD2345');
  });

  it.each(['abcd2345', 'AbCd2345'])(
    'is the same for %s, since people retype codes',
    async (typed) => {
      expect(await refer(typed)).toEqual(await refer('ABCD2345'));
    },
  );

  it.each([
    ['another code', () => refer('ABCD2346')],
    ['a blank behind', () => refer('ABCD2345 ')],
    ['a longer code', () => refer('ABCD23455')],
    ['nothing', () => refer('')],
    ['another purpose', () => refer('ABCD2345', 'secure-otp')],
    ['another user', () => refer('ABCD2345', 'reset', 'user-2')],
    ['a user and a code that join to the same letters', () => refer('1ABCD2345', 'reset', 'user-')],
    [
      'another key',
      () => referToCode(createKeyring(makeKeySecrets()), 'reset', 'user-1', 'ABCD2345'),
    ],
  ])('is another for %s', async (_, other) => {
    expect((await other()).mac).not.toBe((await refer('ABCD2345')).mac);
  });

  it.each([
    ['a long s for an S', 'SSSSSSSS', '\u017fSSSSSSS'],
    ['a sharp s for two S', 'SSSSSSSS', '\u00dfSSSSSS'],
    ['a ligature for two F', 'FFFFFFFF', '\ufb00FFFFFF'],
  ])('takes letters in either case and nothing else: not %s', async (_, code, typed) => {
    expect((await refer(typed)).mac).not.toBe((await refer(code)).mac);
  });
});

describe('the verdict on a code', () => {
  const NOW = 1_000_000;
  const live = { expiresAt: NOW + 1, tries: 0, spentVersion: null };

  it.each([
    ['live', live],
    ['live', { ...live, tries: 4 }],
    ['dead', { ...live, tries: 5 }],
    ['dead', { ...live, tries: 6 }],
    ['expired', { ...live, expiresAt: NOW }],
    ['expired', { ...live, expiresAt: NOW - 1 }],
    ['expired', { ...live, expiresAt: NOW, tries: 5 }],
    ['expired', { ...live, expiresAt: NOW, spentVersion: 2 }],
    ['spent', { ...live, spentVersion: 2 }],
    ['spent', { ...live, spentVersion: 2, tries: 5 }],
    ['unknown', null],
  ] as const)('is %s for %j', (verdict, code) => {
    expect(judgeCode(code, NOW)).toBe(verdict);
  });
});
