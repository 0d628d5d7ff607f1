// The one password policy, under every door. Pure: a password and its surroundings in, every broken rule out.
import { type Account, normaliseLoginName } from './account.ts';
import { countCodePoints, normalisePassword } from './password/text.ts';

export type CharacterClass = 'lower' | 'upper' | 'digit' | 'symbol';

/** Lengths in code points. No classes by default (NIST SP 800-63B-4 3.1.1.2); they mirror an old system's rule. */
export interface PasswordPolicy {
  readonly minLength: number;
  readonly maxLength: number;
  readonly requireClasses: readonly CharacterClass[];
}

export type Violation =
  | { readonly rule: 'too-short'; readonly min: number }
  | { readonly rule: 'too-long'; readonly max: number }
  | { readonly rule: 'class-missing'; readonly characterClass: CharacterClass }
  | { readonly rule: 'own-name' }
  /** On the list of common and breached passwords. */
  | { readonly rule: 'common' }
  /** A repetition, a sequence, a walk over the keyboard. */
  | { readonly rule: 'trivial' }
  /** One of the last so many, the present one included. */
  | { readonly rule: 'reused'; readonly last: number }
  /** In a leak, by what was asked over the network. */
  | { readonly rule: 'breached' };

/** Whose words a password must not be made of. */
export interface PolicySubject {
  readonly account: Pick<Account, 'userId' | 'username' | 'email' | 'phone' | 'name'>;
  readonly tenantName: string;
  /** The host that the service is known by. */
  readonly serviceHost: string;
}

/** In the order in which missing ones are told. */
const CLASS_PATTERNS: Record<CharacterClass, RegExp> = {
  lower: /\p{Ll}/u,
  upper: /\p{Lu}/u,
  digit: /\p{Nd}/u,
  symbol: /[^A-Za-z0-9]/,
};

/** A password is refused when, its owner's words taken out, fewer letters and digits than this are left. */
const MIN_OWN_CHARACTERS = 6;
const MIN_WORD_LENGTH = 3;
/** NIST SP 800-63B-4 3.1.1.2: the name of the service is among the words that everybody knows. */
const SERVICE_NAME = 'rekey';

export function findViolations(
  password: string,
  policy: PasswordPolicy,
  subject: PolicySubject,
): Violation[] {
  const text = normalisePassword(password);
  const length = countCodePoints(text);
  const violations: Violation[] = [];
  if (length < policy.minLength) violations.push({ rule: 'too-short', min: policy.minLength });
  if (length > policy.maxLength) violations.push({ rule: 'too-long', max: policy.maxLength });
  for (const characterClass of Object.keys(CLASS_PATTERNS) as CharacterClass[]) {
    const isRequired = policy.requireClasses.includes(characterClass);
    if (isRequired && !CLASS_PATTERNS[characterClass].test(text)) {
      violations.push({ rule: 'class-missing', characterClass });
    }
  }
  if (isMadeOfOwnNames(text, subject)) violations.push({ rule: 'own-name' });
  return violations;
}

function isMadeOfOwnNames(password: string, subject: PolicySubject): boolean {
  const words = listOwnWords(subject);
  const folded = fold(password);
  let rest = folded;
  for (const word of words) rest = rest.replaceAll(word, ' ');
  if (rest === folded) return false;
  return countCodePoints(rest.replace(/[^\p{L}\p{N}]/gu, '')) < MIN_OWN_CHARACTERS;
}

/** Longest first, so that a word inside another does not tear it apart. */
function listOwnWords({ account, tenantName, serviceHost }: PolicySubject): string[] {
  const whole = [account.userId, account.username, account.email, account.phone, account.name];
  const service = [SERVICE_NAME, serviceHost, ...serviceHost.split('.')];
  const words = [...whole, account.email?.split('@')[0], tenantName, ...service]
    .filter((word) => word !== null && word !== undefined)
    .map(fold)
    .filter((word) => countCodePoints(word) >= MIN_WORD_LENGTH);
  return [...new Set(words)].sort((a, b) => b.length - a.length);
}

function fold(text: string): string {
  return normaliseLoginName(text).toLowerCase();
}
