// Broken password rules in words, for the dialects whose contract leaves them to us. Never the password.
import type { Failure } from '../core/failure.ts';

type PolicyBroken = Extract<Failure, { kind: 'policy-broken' }>;
type Malformed = Extract<Failure, { kind: 'password-malformed' }>;

export function describeViolations({ violations }: PolicyBroken): string[] {
  return violations.map(describeViolation);
}

function describeViolation(violation: PolicyBroken['violations'][number]): string {
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
