// Rows as the statements select them, and what they are in the core's words.
import type { Account, Credential, Profile } from '../core/account.ts';
import type { LoginSession } from '../core/login-session.ts';
import type {
  CallerClaim,
  ListedEvent,
  Opened,
  OpenedRefresh,
  Principal,
  Scope,
  UserView,
} from '../core/store.ts';
import type { Settings, Tenant } from '../core/tenant.ts';

interface TenantRow {
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly client_id: string;
  readonly client_code: string;
  readonly database: string;
  readonly settings: string;
}

export interface CallerRow extends TenantRow {
  readonly key_id: string | null;
  readonly key_scopes: string | null;
  readonly caller_role: Account['role'] | null;
  readonly caller_repeats: 0 | 1;
}

export interface AccountRow {
  readonly user_id: string;
  readonly username: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly profile: string;
  readonly role: Account['role'];
  readonly created_at: number;
  readonly updated_at: number;
  readonly disabled_at: number | null;
  readonly locked_at: number | null;
}

export interface CredentialRow {
  readonly version: number;
  readonly hash: string | null;
  readonly must_change: 0 | 1;
  readonly temporary_expires_at: number | null;
  readonly reset_required: 0 | 1;
  readonly changed_at: number;
  readonly operation_id: string;
  readonly replay_tag: string | null;
}

export interface LoginSessionRow {
  readonly session_id: string;
  readonly session_user_id: string;
  readonly session_subject: string;
  readonly session_token_hash: string;
  readonly session_sequence: number;
  readonly session_created_at: number;
  readonly session_changed_at: number;
  readonly session_expires_at: number | null;
  readonly session_user_verified_at: number;
  readonly session_password_verified_at: number | null;
  readonly session_user_agent: string | null;
  readonly session_metadata: string;
}

/** Joined from the left: every column is null when its row is not there. */
type Joined<Row> = Row | { readonly [Column in keyof Row]: null };

export type OpenRow = CallerRow &
  Joined<AccountRow> &
  Joined<CredentialRow> & {
    readonly blocked_until: number | null;
    /** JSON: number and link of the user's newest event. */
    readonly head: string | null;
    readonly password_history: string;
  };

/** What is loaded beside, when the request may show a proof that is not a password. */
export type ProofsRow = OpenRow &
  Joined<LoginSessionRow> & {
    readonly challenge_user_id: string | null;
    readonly challenge_expires_at: number;
    readonly challenge_tries: number;
    readonly challenge_spent_version: number | null;
    readonly code_mac: string;
    readonly code_expires_at: number | null;
    readonly code_tries: number;
    readonly code_spent_version: number | null;
    readonly code_outstanding_until: number | null;
  };

export type RefreshRow = TenantRow &
  Joined<AccountRow> &
  Joined<CredentialRow> & {
    readonly token_used_at: number | null;
    readonly token_mac_key: string;
    readonly successor_used_at: number | null;
    readonly family_id: string | null;
    readonly family_version: number;
    readonly family_expires_at: number;
    readonly family_revoked_at: number | null;
  };

export interface EventRow {
  readonly cursor: number;
  readonly user_id: string;
  readonly sequence: number;
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly dialect: string;
  readonly activity_id: string;
  readonly facts: string;
}

export function readTenantRow(row: TenantRow): Tenant {
  return {
    id: row.tenant_id,
    name: row.tenant_name,
    clientId: row.client_id,
    clientCode: row.client_code,
    database: row.database,
    settings: JSON.parse(row.settings) as Settings,
  };
}

export function readPrincipal(row: CallerRow, caller: CallerClaim): Principal {
  if (row.key_id !== null && row.key_scopes !== null) {
    return { kind: 'key', keyId: row.key_id, scopes: row.key_scopes.split(' ') as Scope[] };
  }
  if (caller.kind === 'token' && row.caller_role !== null) {
    const { userId, familyId } = caller;
    return {
      kind: 'user',
      userId,
      familyId,
      role: row.caller_role,
      repeats: row.caller_repeats === 1,
    };
  }
  return caller.kind === 'operator' ? { kind: 'operator' } : { kind: 'nobody' };
}

export function readAccountRow(row: Joined<AccountRow>): Account | null {
  if (row.user_id === null) return null;
  return {
    userId: row.user_id,
    username: row.username,
    email: row.email,
    phone: row.phone,
    name: row.name,
    profile: JSON.parse(row.profile) as Profile,
    role: row.role,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    disabledAt: row.disabled_at,
    lockedAt: row.locked_at,
  };
}

export function readCredentialRow(row: Joined<CredentialRow>): Credential | null {
  if (row.version === null) return null;
  return {
    version: row.version,
    hash: row.hash,
    mustChange: row.must_change === 1,
    temporaryExpiresAt: row.temporary_expires_at,
    resetRequired: row.reset_required === 1,
    changedAt: row.changed_at,
    operationId: row.operation_id,
    replayTag: row.replay_tag,
  };
}

type Proofs = Pick<Opened, 'challenge' | 'code' | 'codeOutstandingUntil' | 'loginSession'>;

export const NO_PROOFS: Proofs = {
  challenge: null,
  code: null,
  codeOutstandingUntil: null,
  loginSession: null,
};

export function readProofs(row: ProofsRow): Proofs {
  return {
    challenge: readChallengeColumns(row),
    code: readCodeColumns(row),
    codeOutstandingUntil: row.code_outstanding_until,
    loginSession: readLoginSessionColumns(row),
  };
}

function readChallengeColumns(row: ProofsRow): Opened['challenge'] {
  if (row.challenge_user_id === null) return null;
  return {
    userId: row.challenge_user_id,
    expiresAt: row.challenge_expires_at,
    tries: row.challenge_tries,
    spentVersion: row.challenge_spent_version,
  };
}

function readCodeColumns(row: ProofsRow): Opened['code'] {
  if (row.code_expires_at === null) return null;
  return {
    mac: row.code_mac,
    expiresAt: row.code_expires_at,
    tries: row.code_tries,
    spentVersion: row.code_spent_version,
  };
}

export function readRefreshColumns(row: RefreshRow): OpenedRefresh['token'] {
  const account = readAccountRow(row);
  const credential = readCredentialRow(row);
  if (row.family_id === null || account === null || credential === null) return null;
  return {
    usedAt: row.token_used_at,
    macKeyId: row.token_mac_key,
    successorUsedAt: row.successor_used_at,
    familyId: row.family_id,
    familyVersion: row.family_version,
    familyExpiresAt: row.family_expires_at,
    familyRevokedAt: row.family_revoked_at,
    account,
    credential,
  };
}

export function readEventRow(row: EventRow): ListedEvent {
  return {
    userId: row.user_id,
    sequence: row.sequence,
    at: row.at,
    type: row.type,
    actor: row.actor,
    dialect: row.dialect,
    activityId: row.activity_id,
    facts: row.facts,
  };
}

export type UserRow = AccountRow &
  CredentialRow & { readonly sequence: number | null; readonly touched_at: number | null };

export function readUserRow(row: UserRow): UserView | null {
  const account = readAccountRow(row);
  const credential = readCredentialRow(row);
  if (account === null || credential === null) return null;
  return {
    account,
    credential,
    sequence: row.sequence ?? 0,
    touchedAt: row.touched_at ?? account.createdAt,
  };
}

export function readLoginSessionColumns(row: Joined<LoginSessionRow>): LoginSession | null {
  if (row.session_id === null) return null;
  return {
    id: row.session_id,
    userId: row.session_user_id,
    subject: row.session_subject,
    tokenHash: row.session_token_hash,
    sequence: row.session_sequence,
    createdAt: row.session_created_at,
    changedAt: row.session_changed_at,
    expiresAt: row.session_expires_at,
    userVerifiedAt: row.session_user_verified_at,
    passwordVerifiedAt: row.session_password_verified_at,
    userAgent: row.session_user_agent,
    metadata: JSON.parse(row.session_metadata) as LoginSession['metadata'],
  };
}
