// Broken password rules in words.
import { describe, expect, it } from 'vitest';
import { describePasswordFault, describeViolations } from '../../src/wire/violations.ts';

it('tells every broken rule, in its order', () => {
  const sentences = describeViolations({
    kind: 'policy-broken',
    violations: [
      { rule: 'too-short', min: 15 },
      { rule: 'too-long', max: 200 },
      { rule: 'class-missing', characterClass: 'lower' },
      { rule: 'class-missing', characterClass: 'upper' },
      { rule: 'class-missing', characterClass: 'digit' },
      { rule: 'class-missing', characterClass: 'symbol' },
      { rule: 'own-name' },
      { rule: 'common' },
      { rule: 'trivial' },
    ],
  });
  expect(sentences).toEqual([
    'The password must have at least 15 characters.',
    'The password must have at most 200 characters.',
    'The password must contain a lower case letter.',
    'The password must contain an upper case letter.',
    'The password must contain a digit.',
    'The password must contain a special character.',
    "The password must not be made of the account's own names.",
    'The password is on a list of common and breached passwords. Choose another, such as several random words.',
    'The password is a repetition, a sequence or a row of keys. Choose another, such as several random words.',
  ]);
});

it('tells nothing of nothing', () => {
  expect(describeViolations({ kind: 'policy-broken', violations: [] })).toEqual([]);
});

describe('a text that can be no password', () => {
  it.each([
    ['empty', 'must not be empty'],
    ['too-long', 'must have at most 200 characters'],
    ['control-character', 'must not contain control characters'],
    ['ill-formed', 'must be well-formed Unicode'],
  ] as const)('is told when it is %s', (fault, text) => {
    expect(describePasswordFault(fault)).toBe(text);
  });
});
