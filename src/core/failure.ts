// Everything that an operation can refuse, with its facts. No status codes and no wire words:
// each dialect maps every kind (`satisfies Record<Failure['kind'], …>`), rich for the audit, poor on the wire.
import type { PasswordFault } from './password/text.ts';
import type { Violation } from './policy.ts';
import type { LinkFault } from './url-template.ts';

/** Why a proof was refused: for the audit. The wire must not tell these apart. */
export type ProofFault =
  | 'wrong-password'
  /** What is stored is no hash of ours, or its pepper is gone: whether the guess was right, nobody can tell. */
  | 'hash-unreadable'
  | 'unknown-user'
  | 'foreign-user'
  | 'disabled'
  | 'locked'
  /** Too many wrong guesses: whether this one was right, nobody looked. */
  | 'closed'
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
  /** `attempts`: wrong guesses in a row, where the door tells them. */
  | { readonly kind: 'proof-refused'; readonly fault: ProofFault; readonly attempts?: number }
  /** Told only to a caller who may read the tenant's users, or to the user. */
  | { readonly kind: 'user-unknown' }
  | { readonly kind: 'password-not-set' }
  | { readonly kind: 'code-refused'; readonly fault: 'none' | 'wrong' | 'expired' }
  /** Right, but past its life: told only to who proved to know it. */
  | { readonly kind: 'temporary-password-expired' }
  /** Right, but taken back by an administrator: told only to who proved to know it. */
  | { readonly kind: 'password-reset-required' }
  /** Right, but temporary, at a door that has no challenge. */
  | { readonly kind: 'password-change-required' }
  | {
      readonly kind: 'password-malformed';
      readonly field: 'current' | 'new';
      readonly fault: PasswordFault;
    }
  /** A hash of another scheme than those that can be verified here. */
  | { readonly kind: 'hash-unsupported' }
  | { readonly kind: 'name-malformed'; readonly field: string }
  | { readonly kind: 'password-unchanged' }
  | { readonly kind: 'policy-broken'; readonly violations: readonly Violation[] }
  /** The tenant lets no administrator choose a user's password. */
  | { readonly kind: 'choice-refused' }
  /** A second code that the tenant demands, or that was sent, is not right. */
  | { readonly kind: 'otp-refused'; readonly fault: 'missing' | 'wrong' }
  | { readonly kind: 'throttled'; readonly retryAfter: number }
  /** The caller comes too fast: nothing was read or counted. */
  | { readonly kind: 'rate-limited'; readonly retryAfter: number }
  /** So many hash already that this request could not do so in time: nothing was read or counted. */
  | { readonly kind: 'busy'; readonly retryAfter: number }
  /** The account is not in the state that the request needs, or is in it already. */
  | {
      readonly kind: 'state-refused';
      readonly wanted: 'active' | 'not-inactive' | 'inactive' | 'locked';
    }
  /** The account may not sign in. Told only to who may read it. */
  | { readonly kind: 'user-barred'; readonly by: 'lock' | 'deactivation' }
  | {
      readonly kind: 'session-refused';
      readonly fault: 'unknown' | 'expired' | 'token' | 'user' | 'metadata';
    }
  /** Nothing can be sent: nowhere to, or not this link. */
  | {
      readonly kind: 'send-refused';
      readonly fault: 'no-delivery' | 'no-email' | 'no-phone' | LinkFault;
    }
  /** A search that would have to read every user. */
  | { readonly kind: 'search-refused' }
  /** The caller's deadline passed before anything was written. */
  | { readonly kind: 'too-late' }
  /** Another change came first. */
  | { readonly kind: 'outpaced' }
  | { readonly kind: 'already-exists'; readonly what: 'tenant' | 'host' | 'user' | 'login-name' }
  | { readonly kind: 'not-found'; readonly what: 'tenant' | 'key' | 'user' | 'place' | 'table' }
  | { readonly kind: 'misplaced'; readonly what: 'database' | 'host' | 'organisation' }
  /** What the deployment has not: a binding that sends letters, or whom to ask for breached passwords. */
  | { readonly kind: 'not-deployed'; readonly what: 'mail' | 'breach-range' };
