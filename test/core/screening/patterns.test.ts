// What is refused for its pattern, and above all what is not.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTrivial } from '../../../src/core/screening/patterns.ts';

describe('is trivial', () => {
  it.each([
    ['one character', 'aaaaaaaaaaaaaaa'],
    ['blanks', '               '],
    ['one emoji', '\u{1f600}'.repeat(15)],
    ['two characters by turns', 'abababababababa'],
    ['a short word again and again', 'ha ha ha ha ha ha'],
    ['five digits again and again', '135791357913579'],
    ['a unit that holds its own beginning', 'aabaaabaaabaaab'],
    ['digits upwards', '123456789012345'],
    ['digits downwards', '987654321098765'],
    ['the alphabet', 'abcdefghijklmnopqrstuvwxyz'],
    ['the alphabet from its end to its beginning', 'uvwxyzabcdefghi'],
    ['the Russian alphabet', 'абвгдежзийклмноп'],
    ['a row of keys', 'qwertyuiop[]'],
    ['a row of keys backwards', 'poiuytrewqpoiuytrewq'],
    ['rows of keys', 'qwertyuiopasdfghjklzxcvbnm'],
    ['a row with shift', '!@#$%^&*()!@#$%^&*()'],
    ['a row of a German keyboard', 'qwertzuiopasdfghjklyxcvbnm'],
    ['a row of a French keyboard', 'azertyuiopqsdfghjklm'],
    ['a row of a Russian keyboard', 'йцукенгшщзхъфывапролджэ'],
    ['columns of keys', '1qaz2wsx3edc4rfv'],
    ['columns of keys without digits', 'qazwsxedcrfvtgb'],
    ['two rows by turns', '1q2w3e4r5t6y7u8i'],
    ['letters and digits of rows', 'abc123abc123abc123'],
    ['a row there and back', 'qwertytrewqwerty'],
    ['a keypad', '147258369147258369'],
  ])('%s', (_, folded) => {
    expect(isTrivial(folded)).toBe(true);
  });

  it('is whatever repeats five characters or fewer, to the end of a copy or not', () => {
    const unit = fc.array(fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 1 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(unit, fc.integer({ min: 2, max: 20 }), fc.nat(4), (characters, copies, more) => {
        const points = [...characters.join('')].slice(0, 5);
        const rest = points.slice(0, more % points.length);
        expect(isTrivial([...points.join('').repeat(copies), ...rest].join(''))).toBe(true);
      }),
    );
  });
});

const WORDS =
  'seven calm otters cross the fjord violet harbour at dawn correct horse battery staple were sad pop level banana ' +
  'tree street trespass property power write poetry first student stuv hijack define afghan nope rust queue kiosk wasp ' +
  'letter coffee balloon committee mississippi murmur tartar cocoa bonbon zebra lamp river stone';

describe('is not trivial', () => {
  it.each([
    ['three words', 'correct horse battery'],
    ['words without blanks', 'violetharbourdawn'],
    ['runs of letters, as no class is asked for', 'aaaaaaaabbbbbbbcc'],
    ['a row and something more', 'qwertyuiop violet'],
    ['a row and one letter more', 'qwertyuiopasdfx'],
    ['something before a sequence', 'x12345678901234'],
    ['a repetition and one letter more', 'abababababababx'],
    ['two long copies', 'violet dawn violet dawn '],
    ['a date and a place', '1987-06-23 lisbon'],
    ['neighbours only by twos', 'qwopasklzxnmqwop'],
    ['random letters', 'kxqmvbtzrwplnhj'],
    ['random groups', 'mK3px-9TfWq-hVb2R-Ny7Zd'.toLowerCase()],
    ['text in another script', 'утром в гавани!'],
    ['nothing', ''],
    ['one character', 'a'],
    ['two characters', 'ab'],
  ])('%s', (_, folded) => {
    expect(isTrivial(folded)).toBe(false);
  });

  it('are three different words or more, whatever joins them', () => {
    const words = fc.uniqueArray(fc.constantFrom(...new Set(WORDS.split(' '))), {
      minLength: 3,
      maxLength: 8,
    });
    fc.assert(
      fc.property(words, fc.constantFrom(' ', '-', '', '.', '_', '1'), (some, joint) => {
        expect(isTrivial(some.join(joint))).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it('is a passphrase that begins or ends with something trivial', () => {
    const trivial = fc.constantFrom('aaaaaaaa', '123456789', 'qwertyuiop', 'abcabcabc', '1qaz2wsx');
    fc.assert(
      fc.property(trivial, trivial, (before, after) => {
        expect(isTrivial(`${before} calm otters ${after}`)).toBe(false);
        expect(isTrivial(`${before}calm otters`)).toBe(false);
        expect(isTrivial(`calm otters${after}`)).toBe(false);
      }),
    );
  });
});

it('judges the longest password at once', () => {
  // The worst for the search of a unit: it almost repeats, everywhere.
  expect(isTrivial(`${'a'.repeat(199)}b`)).toBe(false);
  expect(isTrivial('abc'.repeat(66))).toBe(true);
});
