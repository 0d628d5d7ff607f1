// A commit: everything that follows from one decision about one user. All of it is written, or nothing.
import type { AccountDetails, Role } from './account.ts';
import type { EventDraft } from './audit.ts';
import type { SessionRef } from './challenge.ts';
import type { CodePurpose } from './code.ts';
import type { LoginSession } from './login-session.ts';
import type { MessageLimit, NewMessage } from './outbox.ts';
import type { Place } from './place.ts';
import type { Grant, ThrottleRule } from './throttle.ts';

/** One effect of a commit. All of them happen, or none. */
export type Write =
  /** Forgives the guess and those before it. */
  | { readonly kind: 'clear-attempts'; readonly grant: Grant; readonly rule: ThrottleRule }
  /** Forgives every guess under the subjects, from wherever, but not that there were too many in all. */
  | { readonly kind: 'lift-throttle'; readonly subjects: readonly string[] }
  /** From now on the source has a lane of its own. */
  | { readonly kind: 'remember-source'; readonly source: string }
  /** Takes back the try that a right retry was counted as. */
  | { readonly kind: 'forgive-challenge'; readonly sessionHash: string }
  /** Replaces a hash by one of the same password; the version stays. */
  | { readonly kind: 'rehash'; readonly hash: string }
  | { readonly kind: 'open-challenge'; readonly sessionHash: string; readonly expiresAt: number }
  | {
      readonly kind: 'start-family';
      readonly familyId: string;
      readonly version: number;
      readonly expiresAt: number;
      readonly tokenHash: string;
      /** The MAC key that the token's successor is derived under. */
      readonly macKeyId: string;
    }
  | {
      readonly kind: 'rotate-refresh';
      readonly familyId: string;
      readonly tokenHash: string;
      readonly successorHash: string;
      /** The MAC key that the successor's own is derived under. */
      readonly macKeyId: string;
    }
  | { readonly kind: 'revoke-family'; readonly familyId: string }
  | {
      readonly kind: 'issue-code';
      readonly purpose: CodePurpose;
      readonly mac: string;
      readonly expiresAt: number;
      /** So many of the newest live on. */
      readonly keep: number;
      /** Only with this message. */
      readonly messageId?: string;
    }
  /** Nothing when the user got as many of the kind as may be. Comes before what comes only with it. */
  | SendMessage
  /** The account as it shall be. The names that found it before give way to those that shall. */
  | {
      readonly kind: 'update-account';
      readonly details: AccountDetails;
      readonly role: Role;
      readonly oldLoginNames: readonly string[];
      readonly newLoginNames: readonly string[];
    }
  | {
      readonly kind: 'set-state';
      readonly disabledAt: number | null;
      readonly lockedAt: number | null;
    }
  /** The password is taken back: from now on it opens nothing. */
  | { readonly kind: 'require-reset' }
  /** Of the user's live sessions the one that began first. */
  | { readonly kind: 'revoke-oldest-family' }
  /** Every code of the user. */
  | { readonly kind: 'end-codes' }
  /** Every session of the user, of whatever kind, and every challenge. */
  | { readonly kind: 'end-sessions' }
  | {
      readonly kind: 'open-login-session';
      readonly session: Omit<LoginSession, 'sequence' | 'changedAt' | 'userId'>;
    }
  | {
      readonly kind: 'update-login-session';
      readonly id: string;
      readonly tokenHash: string;
      /** null: as it was. */
      readonly passwordVerifiedAt: number | null;
      readonly expiresAt: number | null;
      /** null ends a key. */
      readonly metadata: Readonly<Record<string, string | null>>;
    }
  | { readonly kind: 'end-login-session'; readonly id: string }
  | {
      readonly kind: 'event';
      readonly event: EventDraft;
      /** Only with this message. */
      readonly messageId?: string;
    };

export interface SendMessage {
  readonly kind: 'send-message';
  readonly message: NewMessage;
  readonly limit: MessageLimit;
}

/** A new password, with everything that must follow from it: proofs spent, sessions ended. */
export interface PasswordChange {
  readonly hash: string;
  readonly mustChange: boolean;
  readonly temporaryExpiresAt: number | null;
  readonly replayTag: string | null;
  /** What must still be live at the moment of the commit, and is spent with it. */
  readonly session: SessionRef | null;
  readonly code: SpentCode | null;
  readonly history: {
    /** The password that it replaces, when it is to be remembered. */
    readonly replaced: string | null;
    /** How many are from now on; null: none was before, so that there is none to forget. */
    readonly keep: number | null;
  };
}

/** A code that a change spends. */
export interface SpentCode {
  readonly purpose: CodePurpose;
  readonly mac: string;
  readonly maxTries: number;
}

export interface Commit {
  readonly place: Place;
  readonly tenantId: string;
  readonly userId: string;
  readonly now: number;
  /** Names the operation in the credential that it makes. */
  readonly operationId: string;
  /** The credential as it was read: when it is another one by now, nothing is written. */
  readonly seen: { readonly version: number; readonly operationId: string };
  readonly change: PasswordChange | null;
  /** Whether what was decided on the account as it is now must not go through after this. A change always is so. */
  readonly outpaces: boolean;
  readonly writes: readonly Write[];
}

/** `sequence`: the user's newest event number after the commit; `sessionSequence` that of the login session. */
export type Committed =
  | { readonly won: true; readonly sequence: number; readonly sessionSequence: number | null }
  /** `taken`: another account has one of the login names. `late`: the caller does not wait any more. */
  | { readonly won: false; readonly because: 'outpaced' | 'taken' | 'late' };

/** A refusal, or a check, to be remembered: nothing else changes. An unknown user leaves no row, at the same cost. */
export interface Refusal {
  readonly place: Place;
  readonly tenantId: string;
  readonly userId: string | null;
  readonly now: number;
  readonly events: readonly EventDraft[];
  /** To the user, if there is one. */
  readonly messages: readonly SendMessage[];
  /** A reserved guess that was none. */
  readonly giveBack: { readonly grant: Grant; readonly rule: ThrottleRule } | null;
}
