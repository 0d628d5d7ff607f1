// The store as the core sees it: what a trip loads, what a commit does. Written for D1, told without SQL.
import type { Account, Credential } from './account.ts';
import type { EventDraft } from './audit.ts';
import type { ChainPosition, EventContent } from './audit-chain.ts';
import type { AuditStore } from './audit-store.ts';
import type { Challenge, SessionRef } from './challenge.ts';
import type { CleanUpStore } from './clean-up-store.ts';
import type { Code, CodePurpose, CodeRef } from './code.ts';
import type { Commit, Committed, Refusal, SendMessage } from './commit.ts';
import type { Flood } from './flood.ts';
import type { LoginSession } from './login-session.ts';
import type { ClaimedMessage, MessageRef, MessageReport } from './outbox.ts';
import type { Pace } from './pace.ts';
import type { Place } from './place.ts';
import type { RewrapStore } from './rewrap.ts';
import type { Settings, Tenancy, Tenant } from './tenant.ts';
import type { Attempt, Guess } from './throttle.ts';

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
      /** Of the key's bucket; null: it has none here. */
      readonly pace: Pace | null;
    }
  | {
      readonly kind: 'token';
      readonly place: Place;
      readonly tenantId: string;
      readonly userId: string;
      readonly familyId: string;
      readonly version: number;
      /** What the request says of it must be so. */
      readonly tenancy: Partial<Tenancy> | null;
      readonly organisationId: string | null;
      /** The host that was called: it must not be another tenant's. */
      readonly host: string | null;
      /** The key that came with it: it must be the tenant's, of the scope signin. */
      readonly key: { readonly hash: string; readonly pace: Pace } | null;
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
      /** The session that the token is of. */
      readonly familyId: string;
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
  /** Reserves it, unless its subject must wait, or all strangers must. */
  readonly attempt?: Guess;
  readonly flood?: Flood;
  /** Its user is the target when no other is named. A token that is not its newest reserves nothing. */
  readonly loginSession?: { readonly id: string; readonly tokenHash: string | null };
  /** Needs a target by user id. A use by another user, or after it was spent, counts as a try. */
  readonly session?: SessionRef;
  /** MACs that match no code of the target count as a try against its live ones of those purposes. */
  readonly code?: CodeRef;
  /** Without a code: of which purposes an unspent one is looked for. */
  readonly outstanding?: readonly CodePurpose[];
}

export interface Opened {
  readonly place: Place;
  readonly tenant: Tenant;
  readonly principal: Principal;
  readonly account: Account | null;
  /** There whenever the account is. */
  readonly credential: Credential | null;
  /** When strangers may ask again; null when this one may, or is none. */
  readonly floodedUntil: number | null;
  /** null when none was asked for. */
  readonly attempt: Attempt | null;
  readonly challenge: Challenge | null;
  readonly code: Code | null;
  /** When the newest unspent code of the asked purposes ends or ended; null when there is none. */
  readonly codeOutstandingUntil: number | null;
  readonly loginSession: LoginSession | null;
  /** Hashes of the passwords before the present one that are remembered, the newest first. */
  readonly history: readonly string[];
}

export interface OpenedRefresh {
  readonly place: Place;
  readonly tenant: Tenant;
  readonly token: {
    readonly usedAt: number | null;
    /** The MAC key that its successor is derived under. */
    readonly macKeyId: string;
    readonly successorUsedAt: number | null;
    readonly familyId: string;
    readonly familyVersion: number;
    readonly familyExpiresAt: number;
    readonly familyRevokedAt: number | null;
    readonly account: Account;
    readonly credential: Credential;
  } | null;
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
  readonly credential: Pick<
    Credential,
    'hash' | 'mustChange' | 'temporaryExpiresAt' | 'operationId'
  >;
  readonly event: EventDraft;
  readonly messages: readonly SendMessage[];
}

export interface UserView {
  readonly account: Account;
  readonly credential: Credential;
  readonly sequence: number;
  /** When the newest event of the user happened. Milliseconds. */
  readonly touchedAt: number;
}

/** With the setting of its tenant that tells how old its password may be. */
export interface AgedUser extends UserView {
  readonly maxAge: number | undefined;
}

/** A login session and whose it is. */
export interface LoginSessionView {
  readonly session: LoginSession;
  readonly account: Account;
}

/** Which rows: those that one of the keys finds, or a page of all. */
export type Selection<Key extends string> =
  | { readonly keys: Readonly<Record<Key, readonly string[]>> }
  | {
      readonly page: {
        readonly offset: number;
        readonly limit: number;
        readonly ascending: boolean;
      };
    };

/** Who asks, of which tenant, and what was found. `total`: how many there are beyond the page. */
export interface Looked<Row> extends Pick<Opened, 'place' | 'tenant' | 'principal'> {
  readonly rows: readonly Row[];
  readonly total: number;
}

export interface ThrottleView {
  readonly failures: number;
  readonly blockedUntil: number;
  /** By strangers, under all names together. */
  readonly guesses: number;
}

/** Not parsed: a row that somebody spoiled must not hide the others. */
export type ListedEvent = Omit<EventContent & ChainPosition, 'tenantId'>;

export interface EventPage {
  /** Oldest first. */
  readonly events: readonly ListedEvent[];
  /** Pass it as `after` to go on; null at the end. */
  readonly next: number | null;
}

/** `sequence`: the user's newest event number. An id that was another's before goes on with its numbers. */
export type InsertedUser =
  | { readonly sequence: number; readonly taken?: undefined }
  | { readonly taken: 'user' | 'login-name' };

/** Of the messages that are due, in the order in which they became it, or of one of them. */
export interface MessageClaim {
  readonly place: Place;
  readonly now: number;
  readonly which: MessageRef | { readonly atMost: number };
  readonly leaseUntil: number;
  /** Of no use are messages after so many attempts, and whose code is not live: after so many wrong guesses, too. */
  readonly maxAttempts: number;
  readonly maxCodeTries: number;
}

export interface NewSettings {
  readonly place: Place;
  /** As it was read: when it is another by now, nothing is written. */
  readonly tenant: Tenant;
  readonly settings: Settings;
  readonly now: number;
}

/**
 * Every method is one round trip and touches one database. Whatever writes an event takes another one when its answer was
 * lost, and tells truly whether it happened; when it cannot, it throws.
 */
export interface Store extends AuditStore, RewrapStore, CleanUpStore {
  /**
   * null when the caller is not what it claims to be, or its bucket is empty (the meter tells): then nothing was
   * reserved, counted or read beyond that.
   */
  open(request: OpenRequest): Promise<Opened | null>;
  openRefresh(
    caller: CallerClaim,
    now: number,
    tokenHash: string,
    /** Of its successor under each MAC key, by the key's id. */
    successorHashes: Readonly<Record<string, string>>,
  ): Promise<OpenedRefresh | null>;
  commit(commit: Commit): Promise<Committed>;
  recordRefusal(refusal: Refusal): Promise<void>;
  /** Nobody else gets them until the lease ends; what is of no use any more is given up. */
  claimMessages(claim: MessageClaim): Promise<readonly ClaimedMessage[]>;
  /** `retryAt`: null when it was received. */
  settleMessage(message: ClaimedMessage, now: number, retryAt: number | null): Promise<void>;
  insertTenant(tenant: NewTenant, event: EventDraft): Promise<'inserted' | 'tenant' | 'host'>;
  updateSettings(settings: NewSettings, event: EventDraft): Promise<boolean>;
  /** null for an unknown tenant. */
  readMessages(place: Place, tenantId: string, atMost: number): Promise<MessageReport | null>;
  insertKey(key: NewKey, event: EventDraft): Promise<'inserted' | 'tenant-unknown'>;
  revokeKey(
    place: Place,
    tenantId: string,
    keyId: string,
    now: number,
    event: EventDraft,
  ): Promise<boolean>;
  insertUser(user: NewUser): Promise<InsertedUser>;
  /** Everything of the user but its events. The same conditions as of a commit. */
  eraseUser(
    commit: Omit<Commit, 'change' | 'writes' | 'outpaces'>,
    loginNames: readonly string[],
    event: EventDraft,
  ): Promise<Committed>;
  /** null as of `open`. */
  findUsers(
    caller: CallerClaim,
    now: number,
    selection: Selection<'userIds' | 'loginNames'>,
  ): Promise<Looked<UserView> | null>;
  findLoginSessions(
    caller: CallerClaim,
    now: number,
    selection: Selection<'ids' | 'userIds'>,
  ): Promise<Looked<LoginSessionView> | null>;
  readUser(place: Place, tenantId: string, userId: string): Promise<AgedUser | null>;
  readThrottle(
    place: Place,
    tenantId: string,
    userId: string,
    subjects: readonly string[],
  ): Promise<ThrottleView>;
  listEvents(
    place: Place,
    tenantId: string,
    query: { readonly userId: string | null; readonly after: number; readonly limit: number },
  ): Promise<EventPage | null>;
}
