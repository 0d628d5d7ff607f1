// The store as the core sees it: what a trip loads, what a commit does. Written for D1, told without SQL.
import type { Account, Credential } from './account.ts';
import type { AuditEvent, EventDraft } from './audit.ts';
import type { Challenge, SessionRef } from './challenge.ts';
import type { Code, CodePurpose, CodeRef } from './code.ts';
import type { Place } from './place.ts';
import type { Tenancy, Tenant } from './tenant.ts';
import type { Attempt, ThrottleRule } from './throttle.ts';

export type Scope = 'signin' | 'user.read' | 'user.write';

/** Who calls, as the request claims it: the store tells whether it is true, in the same trip that loads the rest. */
export type CallerClaim =
  | {
      readonly kind: 'key';
      readonly place: Place;
      readonly keyHash: string;
      readonly tenancy: Tenancy | null;
      readonly organisationId: string | null;
      /** The scope without which the key is nobody's here; null when the operation asks for it later. */
      readonly scope: Scope | null;
    }
  | {
      readonly kind: 'token';
      readonly place: Place;
      readonly tenantId: string;
      readonly userId: string;
      readonly familyId: string;
      readonly version: number;
      readonly tenancy: Tenancy | null;
      readonly organisationId: string | null;
      /** The host that was called: it must not be another tenant's. */
      readonly host: string | null;
    }
  | { readonly kind: 'tenancy'; readonly place: Place; readonly tenancy: Tenancy }
  | { readonly kind: 'host'; readonly place: Place; readonly host: string }
  | { readonly kind: 'operator'; readonly place: Place; readonly tenantId: string };

/** Who calls, as the store knows it. */
export type Principal =
  | { readonly kind: 'key'; readonly keyId: string; readonly scopes: readonly Scope[] }
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly role: Account['role'];
      /** The token was ended by the user's own last change: it may repeat that change, and nothing else. */
      readonly repeats: boolean;
    }
  | { readonly kind: 'operator' }
  | { readonly kind: 'nobody' };

export interface OpenRequest {
  readonly caller: CallerClaim;
  readonly now: number;
  readonly target?: { readonly userId: string } | { readonly loginName: string };
  /** `self-or-admin`: of anyone else no guess is counted. */
  readonly actors?: 'self-or-admin' | 'anyone';
  /** A token that the target's own change ended after this time is let in once more, as `repeats`. */
  readonly repeatSince?: number;
  /** Reserves a guess under this subject, unless the subject must wait. */
  readonly attempt?: { readonly subject: string; readonly rule: ThrottleRule };
  /** Needs a target by user id. A use by another user, or after it was spent, counts as a try. */
  readonly session?: SessionRef;
  /** Needs a target by user id. A MAC that matches no code of the user counts as a try against the live ones. */
  readonly code?: CodeRef;
}

export interface Opened {
  readonly place: Place;
  readonly tenant: Tenant;
  readonly principal: Principal;
  readonly account: Account | null;
  /** There whenever the account is. */
  readonly credential: Credential | null;
  /** null when none was asked for. */
  readonly attempt: Attempt | null;
  readonly challenge: Challenge | null;
  readonly code: Code | null;
  /** When the newest unspent code of the asked purpose ends or ended; null when there is none. */
  readonly codeOutstandingUntil: number | null;
}

export interface OpenedRefresh {
  readonly place: Place;
  readonly tenant: Tenant;
  readonly token: {
    readonly usedAt: number | null;
    readonly successorUsedAt: number | null;
    readonly familyId: string;
    readonly familyVersion: number;
    readonly familyExpiresAt: number;
    readonly familyRevokedAt: number | null;
    readonly account: Account;
    readonly credential: Credential;
  } | null;
}

/** One effect of a commit. All of them happen, or none. */
export type Write =
  /** Forgives the attempts under a subject up to a serial. */
  | {
      readonly kind: 'clear-attempts';
      readonly subject: string;
      readonly serial: number;
      readonly rule: ThrottleRule;
    }
  /** Forgives every attempt under the subjects. */
  | { readonly kind: 'lift-throttle'; readonly subjects: readonly string[] }
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
    }
  | {
      readonly kind: 'rotate-refresh';
      readonly familyId: string;
      readonly tokenHash: string;
      readonly successorHash: string;
    }
  | { readonly kind: 'revoke-family'; readonly familyId: string }
  | {
      readonly kind: 'issue-code';
      readonly purpose: CodePurpose;
      readonly mac: string;
      readonly expiresAt: number;
      /** So many of the newest live on. */
      readonly keep: number;
    }
  | { readonly kind: 'event'; readonly event: EventDraft };

/** A new password, with everything that must follow from it: proofs spent, sessions ended. */
export interface PasswordChange {
  readonly hash: string;
  readonly mustChange: boolean;
  readonly temporaryExpiresAt: number | null;
  readonly replayTag: string | null;
  /** What must still be live at the moment of the commit, and is spent with it. */
  readonly session: SessionRef | null;
  readonly code: CodeRef | null;
}

export interface Commit {
  readonly place: Place;
  readonly tenantId: string;
  readonly userId: string;
  readonly now: number;
  /** Names the operation in the credential that it makes, so that a lost answer can be told apart. */
  readonly operationId: string;
  /** The credential as it was read: when it is another one by now, nothing is written. */
  readonly seen: { readonly version: number; readonly operationId: string | null };
  readonly change: PasswordChange | null;
  readonly writes: readonly Write[];
}

/** `sequence`: the user's newest event number after the commit. */
export type Committed = { readonly won: true; readonly sequence: number } | { readonly won: false };

/** A refusal to be remembered: nothing else changes. An unknown user leaves no row, at the same cost. */
export interface Refusal {
  readonly place: Place;
  readonly tenantId: string;
  readonly userId: string | null;
  readonly now: number;
  readonly event: EventDraft | null;
  /** A reserved guess that was none. */
  readonly giveBack: { readonly subject: string; readonly rule: ThrottleRule } | null;
}

export interface NewTenant extends Tenant {
  readonly place: Place;
  readonly hosts: readonly string[];
  readonly now: number;
}

export interface NewKey {
  readonly place: Place;
  readonly tenantId: string;
  readonly id: string;
  readonly keyHash: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly now: number;
}

export interface NewUser {
  readonly place: Place;
  readonly tenantId: string;
  readonly account: Account;
  readonly loginNames: readonly string[];
  readonly credential: Pick<Credential, 'hash' | 'mustChange' | 'temporaryExpiresAt'>;
  readonly event: EventDraft;
}

export interface UserView {
  readonly account: Account;
  readonly credential: Credential;
  readonly sequence: number;
}

export interface ThrottleView {
  readonly failures: number;
  readonly blockedUntil: number;
}

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly AuditEvent[];
  /** Pass it as `after` to go on; null at the end. */
  readonly next: number | null;
}

/** Every method is one round trip and touches one database. */
export interface Store {
  /** null when the caller is not what it claims to be: then nothing was reserved, counted or read beyond that. */
  open(request: OpenRequest): Promise<Opened | null>;
  openRefresh(
    caller: CallerClaim,
    tokenHash: string,
    successorHash: string,
  ): Promise<OpenedRefresh | null>;
  commit(commit: Commit): Promise<Committed>;
  /** Whether the operation made the credential's present version: asked after an ambiguous failure only. */
  findOperation(commit: Commit): Promise<Committed>;
  recordRefusal(refusal: Refusal): Promise<void>;
  insertTenant(tenant: NewTenant, event: EventDraft): Promise<'inserted' | 'tenant' | 'host'>;
  insertKey(key: NewKey, event: EventDraft): Promise<'inserted' | 'tenant-unknown'>;
  revokeKey(
    place: Place,
    tenantId: string,
    keyId: string,
    now: number,
    event: EventDraft,
  ): Promise<boolean>;
  insertUser(user: NewUser): Promise<'inserted' | 'user' | 'login-name'>;
  readUser(place: Place, tenantId: string, userId: string): Promise<UserView | null>;
  readThrottle(place: Place, tenantId: string, subjects: readonly string[]): Promise<ThrottleView>;
  listEvents(
    place: Place,
    tenantId: string,
    query: { readonly userId: string | null; readonly after: number; readonly limit: number },
  ): Promise<EventPage | null>;
}
