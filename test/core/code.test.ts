// Verification codes: how they are drawn, what is kept of them, and when they are live.
import { describe, expect, it } from 'vitest';
import {
  type CodePurpose,
  computeCodeMac,
  DIGIT_CODE,
  drawCode,
  judgeCode,
  LETTER_CODE,
  referToCode,
  spendCode,
} from '../../src/core/code.ts';
import { createKeyring } from '../../src/core/keyring.ts';
import {
  computeChiSquare,
  createSeededRandom,
  makeKeySecrets,
  makePepper,
  platformRandom,
} from '../support/secrets.ts';

describe('a drawn code', () => {
  it('is of eight characters that cannot be mistaken for others, or of eight digits', () => {
    expect(drawCode(platformRandom, LETTER_CODE)).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
    expect(drawCode(platformRandom, DIGIT_CODE)).toMatch(/^[0-9]{8}$/);
    expect([LETTER_CODE, DIGIT_CODE].map(({ alphabet }) => new Set(alphabet).size)).toEqual([
      32, 10,
    ]);
  });

  it.each([
    // Beyond these by chance once in ten million, at 31 and 9 degrees of freedom.
    ['letters', LETTER_CODE, 90, 100_000],
    // Of 10^8 codes some hundred thousand meet about 50 times.
    ['digits', DIGIT_CODE, 50, 99_900],
  ] as const)(
    'of %s is uniform in each place, in a hundred thousand',
    (_, format, limit, unlike) => {
      const random = createSeededRandom(7);
      const codes = Array.from({ length: 100_000 }, () => drawCode(random, format));
      expect(new Set(codes).size).toBeGreaterThanOrEqual(unlike);
      expect(computeChiSquare(codes.join(''), format.alphabet)).toBeLessThan(limit);
      for (let position = 0; position < format.length; position += 1) {
        const column = codes.map((code) => code[position]).join('');
        expect(computeChiSquare(column, format.alphabet), `position ${position}`).toBeLessThan(
          limit,
        );
      }
    },
  );

  it('takes each of its characters from the given randomness, and no byte that would favour some', () => {
    const counting = { bytes: (length: number) => Uint8Array.from({ length }, (_, i) => i + 32) };
    expect(drawCode(counting, LETTER_CODE)).toBe('ABCDEFGH');
    // 250 to 255 would make 0 to 5 more likely than the rest.
    const bytes = [250, 7, 255, 249, 251, 0, 10, 20, 253, 31, 42, 252, 53, 64, 75];
    const listed = { bytes: (length: number) => Uint8Array.from(bytes.splice(0, length)) };
    expect(drawCode(listed, DIGIT_CODE)).toBe('79000123');
    // And takes no more than it needs.
    expect(bytes).toEqual([64, 75]);
  });
});

describe('what is kept of a code', () => {
  const secrets = makeKeySecrets();
  const keyring = createKeyring(secrets);
  const mac = (code: string, purpose: CodePurpose = 'reset') =>
    computeCodeMac(keyring, purpose, code);

  it('is a MAC', async () => {
    expect(await mac('ABCD2345')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await mac('ABCD2345')).toBe(await mac('ABCD2345'));
  });

  it('is looked up by a MAC for each purpose', async () => {
    const ref = await referToCode(keyring, ['reset', 'secure-otp'], 'ABCD2345');
    const macs = [await mac('ABCD2345'), await mac('ABCD2345', 'secure-otp')];
    expect(ref).toEqual({ purposes: ['reset', 'secure-otp'], macs, maxTries: 5 });
  });

  it('is looked up under every key, and spent by the MAC that it was found by', async () => {
    const rotated = createKeyring({ ...secrets, macKeys: [makePepper('m2'), ...secrets.macKeys] });
    const { macs } = await referToCode(rotated, ['reset'], 'ABCD2345');
    expect(macs).toEqual([
      await computeCodeMac(rotated, 'reset', 'ABCD2345'),
      await mac('ABCD2345'),
    ]);
    const found = { mac: macs[1] ?? '', expiresAt: 1, tries: 0, spentVersion: null };
    const spent = { purpose: 'reset', mac: macs[1], maxTries: 5 };
    expect(spendCode(found, 'reset')).toEqual(spent);
  });

  it.each(['abcd2345', 'AbCd2345'])(
    'is the same for %s, since people retype codes',
    async (typed) => {
      expect(await mac(typed)).toBe(await mac('ABCD2345'));
    },
  );

  it.each([
    ['another code', () => mac('ABCD2346')],
    ['a blank behind', () => mac('ABCD2345 ')],
    ['a longer code', () => mac('ABCD23455')],
    ['nothing', () => mac('')],
    ['another purpose', () => mac('ABCD2345', 'secure-otp')],
    ['another key', () => computeCodeMac(createKeyring(makeKeySecrets()), 'reset', 'ABCD2345')],
  ])('is another for %s', async (_, other) => {
    expect(await other()).not.toBe(await mac('ABCD2345'));
  });

  it.each([
    ['a long s for an S', 'SSSSSSSS', '\u017fSSSSSSS'],
    ['a sharp s for two S', 'SSSSSSSS', '\u00dfSSSSSS'],
    ['a ligature for two F', 'FFFFFFFF', '\ufb00FFFFFF'],
  ])('takes letters in either case and nothing else: not %s', async (_, code, typed) => {
    expect(await mac(typed)).not.toBe(await mac(code));
  });
});

describe('the verdict on a code', () => {
  const NOW = 1_000_000;
  const live = { mac: 'mac', expiresAt: NOW + 1, tries: 0, spentVersion: null };

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
