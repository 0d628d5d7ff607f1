// Everything that an operation can refuse, with its facts. No status codes and no wire words:
// each dialect maps every kind (`satisfies Record<Failure['kind'], …>`), rich for the audit, poor on the wire.
import type { PasswordFault } from './password/text.ts';
import type { Violation } from './policy.ts';

/** Why a proof was refused: for the audit. The wire must not tell these apart. */
export type ProofFault =
  | 'wrong-password'
  | 'unknown-user'
  | 'foreign-user'
  | 'disabled'
  | 'no-password'
  | 'wrong-code'
  | 'challenge-unknown'
  | 'challenge-expired'
  | 'challenge-foreign'
  | 'challenge-dead'
  | 'challenge-spent'
  | 'refresh-refused'
  | 'refresh-reused';

export type Failure =
  /** The caller, its tenant or its key is not known, or they do not belong together. */
  | { readonly kind: 'caller-refused' }
  /** The caller is known, and the organisation that it names is not its own. */
  | { readonly kind: 'organisation-unknown' }
  /** The caller is known and may not do this. `member`: it holds some permission in the tenant. */
  | { readonly kind: 'not-permitted'; readonly member: boolean }
  | { readonly kind: 'proof-refused'; readonly fault: ProofFault }
  /** Told only to a caller who may read the tenant's users, or to the user. */
  | { readonly kind: 'user-unknown' }
  | { readonly kind: 'password-not-set' }
  | { readonly kind: 'code-refused'; readonly fault: 'none' | 'wrong' | 'expired' }
  /** Right, but past its life: told only to who proved to know it. */
  | { readonly kind: 'temporary-password-expired' }
  /** Right, but temporary, at a door that has no challenge. */
  | { readonly kind: 'password-change-required' }
  | {
      readonly kind: 'password-malformed';
      readonly field: 'current' | 'new';
      readonly fault: PasswordFault;
    }
  | { readonly kind: 'password-unchanged' }
  | { readonly kind: 'policy-broken'; readonly violations: readonly Violation[] }
  /** A second code that the tenant demands, or that was sent, is not right. */
  | { readonly kind: 'otp-refused'; readonly fault: 'missing' | 'wrong' }
  | { readonly kind: 'throttled'; readonly retryAfter: number }
  /** Another change came first. */
  | { readonly kind: 'outpaced' }
  | { readonly kind: 'already-exists'; readonly what: 'tenant' | 'host' | 'user' | 'login-name' }
  | { readonly kind: 'not-found'; readonly what: 'tenant' | 'key' | 'user' }
  | { readonly kind: 'misplaced'; readonly what: 'database' | 'host' | 'organisation' };
