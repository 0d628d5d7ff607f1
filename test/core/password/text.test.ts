// What may be a password at all, and the form in which it is hashed.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countCodePoints,
  findPasswordFault,
  MAX_PASSWORD_CODE_POINTS,
  normalisePassword,
} from '../../../src/core/password/text.ts';
import { findViolations } from '../../../src/core/policy.ts';
import { chooseSettings } from '../../../src/core/tenant.ts';
import { readVectors } from '../../support/vectors.ts';

const EMOJI = '\u{1f600}';
const HANGUL = '\ud55c';

describe('the length', () => {
  it('is bounded at 200', () => {
    expect(MAX_PASSWORD_CODE_POINTS).toBe(200);
  });

  it.each([
    ['one letter', 'a'],
    ['200 letters', 'a'.repeat(200)],
    ['200 emoji, which are 400 UTF-16 units', EMOJI.repeat(200)],
    ['200 precomposed syllables', HANGUL.repeat(200)],
    ['the same 200 syllables decomposed into 600 units', HANGUL.repeat(200).normalize('NFD')],
    ['200 letters of four parts each', '\u1f82'.repeat(200).normalize('NFD')],
  ])('accepts %s', (_, text) => {
    expect(findPasswordFault(text)).toBeNull();
  });

  it.each([
    ['201 letters', 'a'.repeat(201)],
    ['201 emoji', EMOJI.repeat(201)],
    ['201 syllables', HANGUL.repeat(201)],
    ['201 syllables decomposed', HANGUL.repeat(201).normalize('NFD')],
    ['101 code points that NFC makes 202 of', '\u{1d15e}'.repeat(101)],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['a megabyte of what no password may have, without a look at it', '\0'.repeat(1_000_000)],
  ])('refuses %s', (_, text) => {
    expect(findPasswordFault(text)).toBe('too-long');
  });

  it.each([
    ['', 0],
    ['abc', 3],
    [EMOJI.repeat(15), 15],
    ['e\u0301', 2],
  ])('counts code points: %j', (text, count) => {
    expect(countCodePoints(text)).toBe(count);
  });
});

describe('the characters', () => {
  it.each([
    ['blanks at both ends', '  a b  '],
    ['no-break space', 'a\u00a0b'],
    ['right-to-left text', '\u05e9\u05dc\u05d5\u05dd'],
    ['a family of emoji', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
    ['a private use character', 'a\ue000'],
    ['a replacement character', 'a\ufffd'],
    ['a byte order mark', '\ufeffa'],
    ['SQL', "' OR 1=1; --"],
  ])('may be anything that can be typed: %s', (_, text) => {
    expect(findPasswordFault(text)).toBeNull();
  });

  it('refuses nothing at all', () => {
    expect(findPasswordFault('')).toBe('empty');
  });

  it.each([
    ...Array.from({ length: 0x20 }, (_, code) => code),
    ...Array.from({ length: 0x21 }, (_, code) => 0x7f + code),
  ])('refuses the control character %i', (code) => {
    const control = String.fromCharCode(code);
    expect(findPasswordFault(`correct horse${control}battery`)).toBe('control-character');
    expect(findPasswordFault(control)).toBe('control-character');
  });

  it.each([
    ['a high surrogate alone', 'a\ud800'],
    ['a low surrogate alone', '\udc00a'],
    ['two in the wrong order', '\udc00\ud800'],
    ['one cut off by truncation', EMOJI.slice(0, 1)],
  ])('refuses %s', (_, text) => {
    expect(findPasswordFault(text)).toBe('ill-formed');
  });
});

describe('the form that is hashed', () => {
  it.each([
    ['a ligature', '\ufb01le', 'file'],
    ['fullwidth letters', '\uff50\uff41ss', 'pass'],
    ['a superscript', 'x\u00b2', 'x2'],
    ['case', 'Horse', 'horse'],
    ['a sharp s', 'stra\u00dfe', 'strasse'],
    ['a dotless i', 'm\u0131ke', 'mike'],
    ['a trailing space', 'horse ', 'horse'],
    ['a no-break space', 'a\u00a0b', 'a b'],
    ['a zero width space', 'a\u200bb', 'ab'],
  ])('keeps %s apart', (_, a, b) => {
    expect(normalisePassword(a)).not.toBe(normalisePassword(b));
  });

  it('is the same for canonically equivalent texts, and so is the verdict on them', () => {
    const text = fc.string({ unit: 'binary', maxLength: 230 });
    fc.assert(
      fc.property(text, (text) => {
        const [composed, decomposed] = [text.normalize('NFC'), text.normalize('NFD')];
        expect(normalisePassword(decomposed)).toBe(normalisePassword(composed));
        expect(findPasswordFault(decomposed)).toBe(findPasswordFault(composed));
      }),
    );
  });

  it('drops nothing: texts that NFC tells apart stay apart', () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 });
    fc.assert(
      fc.property(text, (text) => {
        expect(normalisePassword(text)).toBe(text.normalize('NFC'));
      }),
    );
  });
});

interface UnicodeCase {
  readonly name: string;
  readonly a?: string;
  readonly a_json_escape?: string;
  readonly b?: string;
  readonly expect: string;
}
const published = readVectors<{ readonly tests: readonly UnicodeCase[] }>(
  'selfmade_unicode_passwords.json',
);

describe.skipIf(published === null)('the Unicode cases beside the repository', () => {
  const { policy } = chooseSettings({});
  const subject = {
    account: { userId: 'u', username: null, email: null, phone: null, name: null },
    tenantName: 'tenant',
    serviceHost: 'login.example.com',
  };
  const isAccepted = (text: string) =>
    findPasswordFault(text) === null && findViolations(text, policy, subject).length === 0;

  it.each(published?.tests ?? [])('$name', (unicodeCase) => {
    const a = unicodeCase.a ?? (JSON.parse(`"${unicodeCase.a_json_escape}"`) as string);
    switch (unicodeCase.expect) {
      case 'same':
        return expect(normalisePassword(a)).toBe(normalisePassword(unicodeCase.b ?? ''));
      case 'different':
        return expect(normalisePassword(a)).not.toBe(normalisePassword(unicodeCase.b ?? ''));
      case 'rejected':
        return expect(isAccepted(a)).toBe(false);
      case 'accepted at min 15':
        return expect(isAccepted(a)).toBe(true);
      default:
        return expect.unreachable(unicodeCase.expect);
    }
  });
});
