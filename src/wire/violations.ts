// Broken password rules, in words and for programs: the one place that every dialect has them from. Never the password.
import type { Failure } from '../core/failure.ts';

type PolicyBroken = Extract<Failure, { kind: 'policy-broken' }>;
type Malformed = Extract<Failure, { kind: 'password-malformed' }>;

type Violation = PolicyBroken['violations'][number];

/** The rule and its bounds, which programs may rely on, and the sentence about it. */
export type ListedViolation = Violation & { readonly detail: string };

export const CHOICE_REFUSED = "Administrators do not choose users' passwords here: send a code.";

/** A sentence for each. */
export function describeViolations({ violations }: PolicyBroken): string {
  return violations.map(describeViolation).join(' ');
}

export function listViolations({ violations }: PolicyBroken): readonly ListedViolation[] {
  return violations.map((violation) => ({ ...violation, detail: describeViolation(violation) }));
}

function describeViolation(violation: Violation): string {
  switch (violation.rule) {
    case 'too-short':
      return `The password must have at least ${violation.min} characters.`;
    case 'too-long':
      return `The password must have at most ${violation.max} characters.`;
    case 'class-missing':
      return `The password must contain ${CLASS_NAMES[violation.characterClass]}.`;
    case 'own-name':
      return "The password must not be made of the account's own names.";
    case 'common':
      return 'The password is on a list of common and breached passwords. Choose another, such as several random words.';
    case 'trivial':
      return 'The password is a repetition, a sequence or a row of keys. Choose another, such as several random words.';
    case 'reused':
      return violation.last === 1
        ? 'The password must differ from the present one.'
        : `The password must differ from the last ${violation.last} ones.`;
    case 'breached':
      return 'The password is in a known data breach. Choose another, such as several random words.';
  }
}

const CLASS_NAMES = {
  lower: 'a lower case letter',
  upper: 'an upper case letter',
  digit: 'a digit',
  symbol: 'a special character',
} as const;

const FAULT_TEXTS: Record<Malformed['fault'], string> = {
  empty: 'must not be empty',
  'too-long': 'must have at most 200 characters',
  'control-character': 'must not contain control characters',
  'ill-formed': 'must be well-formed Unicode',
};

/** "must not be empty", to follow the field's name. */
export function describePasswordFault(fault: Malformed['fault']): string {
  return FAULT_TEXTS[fault];
}
