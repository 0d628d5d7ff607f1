// Broken password rules, in words and for programs.
import { describe, expect, it } from 'vitest';
import {
  describePasswordFault,
  describeViolations,
  listViolations,
} from '../../src/wire/violations.ts';

type Violation = Parameters<typeof listViolations>[0]['violations'][number];

const RULES: readonly (readonly [Violation, string])[] = [
  [{ rule: 'too-short', min: 15 }, 'The password must have at least 15 characters.'],
  [{ rule: 'too-long', max: 200 }, 'The password must have at most 200 characters.'],
  [
    { rule: 'class-missing', characterClass: 'lower' },
    'The password must contain a lower case letter.',
  ],
  [
    { rule: 'class-missing', characterClass: 'upper' },
    'The password must contain an upper case letter.',
  ],
  [{ rule: 'class-missing', characterClass: 'digit' }, 'The password must contain a digit.'],
  [
    { rule: 'class-missing', characterClass: 'symbol' },
    'The password must contain a special character.',
  ],
  [{ rule: 'own-name' }, "The password must not be made of the account's own names."],
  [
    { rule: 'common' },
    'The password is on a list of common and breached passwords. Choose another, such as several random words.',
  ],
  [
    { rule: 'trivial' },
    'The password is a repetition, a sequence or a row of keys. Choose another, such as several random words.',
  ],
  [{ rule: 'reused', last: 1 }, 'The password must differ from the present one.'],
  [{ rule: 'reused', last: 4 }, 'The password must differ from the last 4 ones.'],
  [
    { rule: 'breached' },
    'The password is in a known data breach. Choose another, such as several random words.',
  ],
];
const BROKEN = {
  kind: 'policy-broken',
  violations: RULES.map(([violation]) => violation),
} as const;

it('are told in a sentence each, in their order', () => {
  expect(describeViolations(BROKEN)).toBe(RULES.map(([, sentence]) => sentence).join(' '));
});

it('are listed by their identifiers and bounds, each with its sentence', () => {
  expect(listViolations(BROKEN)).toEqual(
    RULES.map(([violation, detail]) => ({ ...violation, detail })),
  );
});

it('are nothing where none is broken', () => {
  const none = { kind: 'policy-broken', violations: [] } as const;
  expect([describeViolations(none), listViolations(none)]).toEqual(['', []]);
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
