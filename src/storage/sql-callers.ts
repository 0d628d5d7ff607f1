// Who calls, in SQL. Every statement of the project is whole and constant: fragments are joined once at load, data
// only ever by bind().
// A caller's fragment proves who calls. It stands in each statement of an open, so that a caller who is not what
// it claims to be reads, reserves and spends nothing.
import type { CallerClaim } from '../core/store.ts';

export interface CallerFragment {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  /** Whether the caller may act for the target, where only the user and an admin may: else nothing is counted. */
  readonly entitled: string;
}

const SAME_TENANCY =
  '(?2 IS NULL OR t.client_id = ?2) AND (?3 IS NULL OR t.client_code = ?3) AND (?4 IS NULL OR t.database = ?4) AND (?5 IS NULL OR t.id = ?5)';
/** A key whose bucket was asked has let this request in: the statement before said so. */
const ADMITTED = '(?15 IS NULL OR k.admitted = ?15)';
const SIGNIN_KEY = `EXISTS (SELECT 1 FROM api_key k WHERE k.key_hash = ?14 AND k.tenant_id = t.id AND k.revoked_at IS NULL
        AND instr(' ' || k.scopes || ' ', ' signin ') > 0 AND ${ADMITTED})`;
const NO_COLUMNS = 'NULL AS key_id, NULL AS key_scopes, NULL AS caller_role, 0 AS caller_repeats';
const UNRESTRICTED = '?12 = 0';

/**
 * Parameters of every caller: ?1 key hash or tenant, ?2 ?3 ?4 tenancy or null, ?5 organisation or null,
 * ?6 user or the key's scope or null, ?7 family, ?8 version, ?9 host, ?10 now,
 * ?11 target user or null, ?12 1 when only the user and an admin may act, ?13 since when a change may be repeated, or
 * null, ?14 hash of the key beside a token or null, ?15 the request, when a bucket must have let it in, or null.
 * A statement's own begin at ?16.
 */
const CALLERS: Record<CallerClaim['kind'], CallerFragment> = {
  key: {
    columns: 'k.id AS key_id, k.scopes AS key_scopes, NULL AS caller_role, 0 AS caller_repeats',
    from: 'api_key k JOIN tenant t ON t.id = k.tenant_id',
    where: `k.key_hash = ?1 AND k.revoked_at IS NULL AND ${ADMITTED} AND ${SAME_TENANCY}
      AND (?6 IS NULL OR instr(' ' || k.scopes || ' ', ' ' || ?6 || ' ') > 0)`,
    entitled: `(${UNRESTRICTED} OR instr(' ' || k.scopes || ' ', ' user.write ') > 0)`,
  },
  token: {
    columns:
      'NULL AS key_id, NULL AS key_scopes, ca.role AS caller_role, cc.version <> ?8 AS caller_repeats',
    from: `tenant t
      JOIN family f ON f.tenant_id = t.id AND f.user_id = ?6 AND f.id = ?7
      JOIN account ca ON ca.tenant_id = t.id AND ca.user_id = f.user_id
      JOIN credential cc ON cc.tenant_id = t.id AND cc.user_id = f.user_id`,
    // A token that was ended by the user's own change may still repeat that change, whose answer was lost.
    where: `t.id = ?1 AND f.version = ?8 AND f.expires_at > ?10 AND ca.disabled_at IS NULL AND ca.locked_at IS NULL
      AND ((f.revoked_at IS NULL AND cc.version = ?8)
        OR (?13 IS NOT NULL AND f.user_id = ?11 AND cc.version = ?8 + 1 AND f.revoked_at = cc.changed_at AND cc.changed_at > ?13))
      AND ${SAME_TENANCY} AND (?14 IS NULL OR ${SIGNIN_KEY})
      AND (?9 IS NULL OR NOT EXISTS (SELECT 1 FROM tenant_host h WHERE h.host = ?9 AND h.tenant_id <> t.id))`,
    entitled: `(${UNRESTRICTED} OR f.user_id = ?11 OR ca.role = 'admin')`,
  },
  tenancy: {
    columns: NO_COLUMNS,
    from: 'tenant t',
    where: 't.client_id = ?2 AND t.client_code = ?3 AND t.database = ?4',
    entitled: UNRESTRICTED,
  },
  host: {
    columns: NO_COLUMNS,
    from: 'tenant_host h JOIN tenant t ON t.id = h.tenant_id',
    where: 'h.host = ?9',
    entitled: UNRESTRICTED,
  },
  operator: { columns: NO_COLUMNS, from: 'tenant t', where: 't.id = ?1', entitled: UNRESTRICTED },
};

export const TENANT_COLUMNS = `t.id AS tenant_id, t.name AS tenant_name, t.client_id, t.client_code, t.database, t.settings`;
export const ACCOUNT_COLUMNS = `a.user_id, a.username, a.email, a.phone, a.name, a.profile, a.role, a.created_at, a.updated_at, a.disabled_at, a.locked_at`;
export const CREDENTIAL_COLUMNS = `c.version, c.hash, c.must_change, c.temporary_expires_at, c.reset_required, c.changed_at, c.operation_id, c.replay_tag`;

export const LOGIN_SESSION_COLUMNS = `ls.id AS session_id, ls.user_id AS session_user_id, ls.subject AS session_subject, ls.token_hash AS session_token_hash, ls.sequence AS session_sequence, ls.created_at AS session_created_at, ls.changed_at AS session_changed_at, ls.expires_at AS session_expires_at, ls.user_verified_at AS session_user_verified_at, ls.password_verified_at AS session_password_verified_at, ls.user_agent AS session_user_agent, ls.metadata AS session_metadata`;

export function mapCallers<T>(make: (caller: CallerFragment) => T): Record<CallerClaim['kind'], T> {
  const { key, token, tenancy, host, operator } = CALLERS;
  return {
    key: make(key),
    token: make(token),
    tenancy: make(tenancy),
    host: make(host),
    operator: make(operator),
  };
}

/** Never further away than an empty bucket takes to fill: another isolate's clock may run ahead. */
const FULL_AT = 'min(max(paced_at, ?2), ?2 + ?4)';

/**
 * A bucket of requests, by its key: told as the time at which it is full again, so that filling costs nothing (GCRA).
 * ?1 key hash, ?2 now, ?3 how long one request takes to fill, ?4 the whole bucket, ?5 the request
 */
export const ADMIT = `UPDATE api_key SET
    paced_at = ${FULL_AT} + iif(${FULL_AT} - ?2 <= ?4 - ?3, ?3, 0),
    admitted = iif(${FULL_AT} - ?2 <= ?4 - ?3, ?5, NULL)
  WHERE key_hash = ?1 AND revoked_at IS NULL RETURNING paced_at, admitted`;
