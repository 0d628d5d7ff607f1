// Every statement of the project, whole and constant: fragments are joined once at load, data only ever by bind().
// A caller's fragment proves who calls. It stands in each statement of an open, so that a caller who is not what
// it claims to be reads, reserves and spends nothing.
import type { CallerClaim } from '../core/store.ts';

interface CallerFragment {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  /** Whether the caller may act for the target, where only the user and an admin may: else nothing is counted. */
  readonly entitled: string;
}

const SAME_TENANCY =
  '(?2 IS NULL OR (t.client_id = ?2 AND t.client_code = ?3 AND t.database = ?4)) AND (?5 IS NULL OR t.id = ?5)';
const NO_COLUMNS =
  'NULL AS key_id, NULL AS key_scopes, NULL AS caller_id, NULL AS caller_role, 0 AS caller_repeats';
const UNRESTRICTED = '?12 = 0';

/**
 * Parameters of every caller: ?1 key hash or tenant, ?2 ?3 ?4 tenancy or null, ?5 organisation or null,
 * ?6 user or the key's scope or null, ?7 family, ?8 version, ?9 host, ?10 now,
 * ?11 target user or null, ?12 1 when only the user and an admin may act, ?13 since when a change may be repeated, or
 * null. A statement's own begin at ?14.
 */
const CALLERS: Record<CallerClaim['kind'], CallerFragment> = {
  key: {
    columns:
      'k.id AS key_id, k.scopes AS key_scopes, NULL AS caller_id, NULL AS caller_role, 0 AS caller_repeats',
    from: 'api_key k JOIN tenant t ON t.id = k.tenant_id',
    where: `k.key_hash = ?1 AND k.revoked_at IS NULL AND ${SAME_TENANCY}
      AND (?6 IS NULL OR instr(' ' || k.scopes || ' ', ' ' || ?6 || ' ') > 0)`,
    entitled: UNRESTRICTED,
  },
  token: {
    columns:
      'NULL AS key_id, NULL AS key_scopes, ca.user_id AS caller_id, ca.role AS caller_role, cc.version <> ?8 AS caller_repeats',
    from: `tenant t
      JOIN family f ON f.tenant_id = t.id AND f.id = ?7
      JOIN account ca ON ca.tenant_id = t.id AND ca.user_id = f.user_id
      JOIN credential cc ON cc.tenant_id = t.id AND cc.user_id = f.user_id`,
    // A token that was ended by the user's own change may still repeat that change, whose answer was lost.
    where: `t.id = ?1 AND f.user_id = ?6 AND f.version = ?8 AND f.expires_at > ?10 AND ca.disabled_at IS NULL
      AND ((f.revoked_at IS NULL AND cc.version = ?8)
        OR (?13 IS NOT NULL AND f.user_id = ?11 AND cc.version = ?8 + 1 AND f.revoked_at = cc.changed_at AND cc.changed_at > ?13))
      AND ${SAME_TENANCY}
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

const TENANT_COLUMNS = `t.id AS tenant_id, t.name AS tenant_name, t.client_id, t.client_code, t.database, t.settings`;
const ACCOUNT_COLUMNS = `a.user_id, a.username, a.email, a.phone, a.name, a.role, a.created_at, a.disabled_at`;
const CREDENTIAL_COLUMNS = `c.version, c.hash, c.must_change, c.temporary_expires_at, c.changed_at, c.operation_id, c.replay_tag`;

export interface OpenStatements {
  readonly countChallengeMiss: string;
  readonly countCodeMiss: string;
  readonly reserveAttempt: string;
  readonly load: string;
}

export const OPEN = mapCallers(({ columns, from, where, entitled }): OpenStatements => {
  return {
    // ?14 session hash, ?15 tries
    countChallengeMiss: `UPDATE challenge SET tries = tries + 1
      WHERE session_hash = ?14 AND tenant_id = (SELECT t.id FROM ${from} WHERE ${where})
        AND (user_id <> ?11 OR spent_version IS NOT NULL) AND tries <= ?15`,
    // ?14 purpose, ?15 mac, ?16 tries
    countCodeMiss: `UPDATE code SET tries = tries + 1
      WHERE tenant_id = (SELECT t.id FROM ${from} WHERE ${where} AND ${entitled})
        AND user_id = ?11 AND purpose = ?14 AND spent_version IS NULL AND expires_at > ?10 AND tries < ?16
        AND NOT EXISTS (SELECT 1 FROM code m WHERE m.tenant_id = code.tenant_id AND m.user_id = ?11
          AND m.purpose = ?14 AND m.mac = ?15)`,
    // ?14 subject, ?15 limit, ?16 first wait, ?17 longest wait
    reserveAttempt: `INSERT INTO throttle (tenant_id, subject, reserved, cleared, blocked_until, updated_at)
      SELECT t.id, ?14, 1, 0, 0, ?10 FROM ${from} WHERE ${where} AND ${entitled}
      ON CONFLICT (tenant_id, subject) DO UPDATE SET reserved = reserved + 1, updated_at = ?10,
        blocked_until = CASE WHEN reserved + 1 - cleared >= ?15
          THEN ?10 + min(?17, ?16 << min(reserved + 1 - cleared - ?15, 20)) ELSE 0 END
      WHERE blocked_until <= ?10
      RETURNING reserved`,
    // ?14 login name, ?15 subject, ?16 session hash, ?17 purpose, ?18 mac, ?19 code tries
    load: `SELECT ${columns}, ${TENANT_COLUMNS}, ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS}, th.blocked_until,
        ch.user_id AS challenge_user_id, ch.expires_at AS challenge_expires_at, ch.tries AS challenge_tries,
        ch.spent_version AS challenge_spent_version,
        cd.expires_at AS code_expires_at, cd.tries AS code_tries, cd.spent_version AS code_spent_version,
        (SELECT max(o.expires_at) FROM code o WHERE o.tenant_id = t.id AND o.user_id = a.user_id
          AND o.purpose = ?17 AND o.spent_version IS NULL AND o.tries < ?19) AS code_outstanding_until
      FROM ${from}
      LEFT JOIN account a ON a.tenant_id = t.id AND a.user_id =
        coalesce(?11, (SELECT n.user_id FROM login_name n WHERE n.tenant_id = t.id AND n.name = ?14))
      LEFT JOIN credential c ON c.tenant_id = t.id AND c.user_id = a.user_id
      LEFT JOIN throttle th ON th.tenant_id = t.id AND th.subject = ?15
      LEFT JOIN challenge ch ON ch.session_hash = ?16 AND ch.tenant_id = t.id
      LEFT JOIN code cd ON cd.tenant_id = t.id AND cd.user_id = a.user_id AND cd.purpose = ?17 AND cd.mac = ?18
      WHERE ${where}`,
  };
});

// ?14 token hash, ?15 successor's hash
export const LOAD_REFRESH = mapCallers(
  ({ from, where }) => `SELECT ${TENANT_COLUMNS}, ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS},
      rt.used_at AS token_used_at, su.used_at AS successor_used_at, fm.id AS family_id, fm.version AS family_version,
      fm.expires_at AS family_expires_at, fm.revoked_at AS family_revoked_at
    FROM ${from}
    LEFT JOIN refresh_token rt ON rt.token_hash = ?14 AND rt.tenant_id = t.id
    LEFT JOIN refresh_token su ON su.token_hash = ?15 AND su.tenant_id = t.id
    LEFT JOIN family fm ON fm.tenant_id = t.id AND fm.id = rt.family_id
    LEFT JOIN account a ON a.tenant_id = t.id AND a.user_id = fm.user_id
    LEFT JOIN credential c ON c.tenant_id = t.id AND c.user_id = fm.user_id
    WHERE ${where}`,
);

function mapCallers<T>(make: (caller: CallerFragment) => T): Record<CallerClaim['kind'], T> {
  const { key, token, tenancy, host, operator } = CALLERS;
  return {
    key: make(key),
    token: make(token),
    tenancy: make(tenancy),
    host: make(host),
    operator: make(operator),
  };
}

/**
 * Parameters of every statement of a commit: ?1 tenant, ?2 user, ?3 version, ?4 operation of that version.
 * The first statement of a change moves the credential on, and all others ask for the credential that it made:
 * when it matched nothing, nothing else does.
 */
const STILL = `EXISTS (SELECT 1 FROM credential g JOIN account e ON e.tenant_id = g.tenant_id AND e.user_id = g.user_id
  WHERE g.tenant_id = ?1 AND g.user_id = ?2 AND g.version = ?3 AND g.operation_id IS ?4 AND e.disabled_at IS NULL)`;
const FAMILY_LIVES = `EXISTS (SELECT 1 FROM family l WHERE l.tenant_id = ?1 AND l.id = ?5 AND l.revoked_at IS NULL)`;
const NEXT_SEQUENCE = `coalesce((SELECT max(s.sequence) FROM event s WHERE s.tenant_id = ?1 AND s.user_id = ?2), 0) + 1`;

export const COMMIT = {
  // ?5 hash, ?6 must change, ?7 temporary until, ?8 now, ?9 operation, ?10 replay tag,
  // ?11 session hash, ?12 session tries, ?13 code purpose, ?14 code mac, ?15 code tries
  changePassword: `UPDATE credential SET version = version + 1, hash = ?5, must_change = ?6, temporary_expires_at = ?7,
      changed_at = ?8, operation_id = ?9, replay_tag = ?10
    WHERE tenant_id = ?1 AND user_id = ?2 AND version = ?3 AND operation_id IS ?4
      AND EXISTS (SELECT 1 FROM account e WHERE e.tenant_id = ?1 AND e.user_id = ?2 AND e.disabled_at IS NULL)
      AND (?11 IS NULL OR EXISTS (SELECT 1 FROM challenge p WHERE p.session_hash = ?11 AND p.tenant_id = ?1
        AND p.user_id = ?2 AND p.spent_version IS NULL AND p.expires_at > ?8 AND p.tries < ?12))
      AND (?14 IS NULL OR EXISTS (SELECT 1 FROM code p WHERE p.tenant_id = ?1 AND p.user_id = ?2 AND p.purpose = ?13
        AND p.mac = ?14 AND p.spent_version IS NULL AND p.expires_at > ?8 AND p.tries < ?15))`,
  // ?5 session hash
  spendChallenge: `UPDATE challenge SET spent_version = ?3 WHERE session_hash = ?5 AND tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endOtherChallenges: `DELETE FROM challenge WHERE tenant_id = ?1 AND user_id = ?2 AND session_hash IS NOT ?5 AND ${STILL}`,
  // ?5 purpose, ?6 mac
  spendCode: `UPDATE code SET spent_version = ?3 WHERE tenant_id = ?1 AND user_id = ?2 AND purpose = ?5 AND mac = ?6 AND ${STILL}`,
  endOtherCodes: `DELETE FROM code WHERE tenant_id = ?1 AND user_id = ?2 AND NOT (purpose IS ?5 AND mac IS ?6) AND ${STILL}`,
  // ?5 now
  // Told which index: by itself the planner would take the key's first column, and read every family of the tenant.
  revokeFamilies: `UPDATE family INDEXED BY family_by_user SET revoked_at = ?5 WHERE tenant_id = ?1 AND user_id = ?2 AND revoked_at IS NULL AND ${STILL}`,
  // ?5 subject, ?6 serial, ?7 limit, ?8 now
  clearAttempts: `UPDATE throttle SET cleared = max(cleared, ?6), updated_at = ?8,
      blocked_until = CASE WHEN reserved - max(cleared, ?6) >= ?7 THEN blocked_until ELSE 0 END
    WHERE tenant_id = ?1 AND subject = ?5 AND ${STILL}`,
  // ?5 subject, ?6 now
  liftThrottle: `UPDATE throttle SET cleared = reserved, blocked_until = 0, updated_at = ?6
    WHERE tenant_id = ?1 AND subject = ?5 AND ${STILL}`,
  // ?5 session hash
  forgiveChallenge: `UPDATE challenge SET tries = tries - 1 WHERE session_hash = ?5 AND tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  // ?5 hash
  rehash: `UPDATE credential SET hash = ?5 WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  // ?5 session hash, ?6 now, ?7 expires
  openChallenge: `INSERT INTO challenge (session_hash, tenant_id, user_id, created_at, expires_at, tries, spent_version)
    SELECT ?5, ?1, ?2, ?6, ?7, 0, NULL WHERE ${STILL}`,
  // ?5 family, ?6 family's version, ?7 now, ?8 expires
  startFamily: `INSERT INTO family (tenant_id, id, user_id, version, created_at, expires_at, revoked_at)
    SELECT ?1, ?5, ?2, ?6, ?7, ?8, NULL WHERE ${STILL}`,
  // ?5 family, ?6 token hash, ?7 now
  addRefreshToken: `INSERT INTO refresh_token (token_hash, tenant_id, family_id, created_at, used_at)
    SELECT ?6, ?1, ?5, ?7, NULL WHERE ${STILL} AND ${FAMILY_LIVES} ON CONFLICT (token_hash) DO NOTHING`,
  useRefreshToken: `UPDATE refresh_token SET used_at = ?7
    WHERE token_hash = ?6 AND tenant_id = ?1 AND family_id = ?5 AND used_at IS NULL AND ${STILL} AND ${FAMILY_LIVES}`,
  // ?5 family, ?6 now
  revokeFamily: `UPDATE family SET revoked_at = ?6 WHERE tenant_id = ?1 AND id = ?5 AND revoked_at IS NULL AND ${STILL}`,
  // ?5 purpose, ?6 mac, ?7 now, ?8 expires
  issueCode: `INSERT INTO code (tenant_id, user_id, purpose, mac, created_at, expires_at, tries, spent_version)
    SELECT ?1, ?2, ?5, ?6, ?7, ?8, 0, NULL WHERE ${STILL}`,
  // ?5 purpose, ?6 how many stay, ?7 mac of the newest
  endOldCodes: `DELETE FROM code WHERE tenant_id = ?1 AND user_id = ?2 AND purpose = ?5 AND ${STILL} AND mac NOT IN (
      SELECT n.mac FROM code n WHERE n.tenant_id = ?1 AND n.user_id = ?2 AND n.purpose = ?5
      ORDER BY n.mac = ?7 DESC, n.created_at DESC LIMIT ?6)`,
  // ?5 now, ?6 type, ?7 actor, ?8 dialect, ?9 activity, ?10 facts
  addEvent: `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts)
    SELECT ?1, ?2, ${NEXT_SEQUENCE}, ?5, ?6, ?7, ?8, ?9, ?10 WHERE ${STILL}`,
  // ?5 family that must live, or null. One row when the commit holds, none when it was outpaced.
  outcome: `SELECT coalesce((SELECT max(s.sequence) FROM event s WHERE s.tenant_id = ?1 AND s.user_id = ?2), 0) AS sequence
    WHERE ${STILL} AND (?5 IS NULL OR ${FAMILY_LIVES})`,
} as const;

export const RECORD = {
  // ?1 tenant, ?2 user, ?3 now, ?4 type, ?5 actor, ?6 dialect, ?7 activity, ?8 facts: only for an account that is there
  addRefusal: `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts)
    SELECT ?1, ?2, ${NEXT_SEQUENCE}, ?3, ?4, ?5, ?6, ?7, ?8
    WHERE EXISTS (SELECT 1 FROM account e WHERE e.tenant_id = ?1 AND e.user_id = ?2)`,
  // ?1 tenant, ?2 subject, ?3 limit, ?4 now
  giveBackAttempt: `UPDATE throttle SET cleared = min(cleared + 1, reserved), updated_at = ?4,
      blocked_until = CASE WHEN reserved - cleared - 1 >= ?3 THEN blocked_until ELSE 0 END
    WHERE tenant_id = ?1 AND subject = ?2`,
  // The same parameters; an event of the statement right before it, if that changed a row.
  addEventOfChange: `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts)
    SELECT ?1, ?2, ${NEXT_SEQUENCE}, ?3, ?4, ?5, ?6, ?7, ?8 WHERE changes() = 1`,
} as const;

export const ADMIN = {
  insertTenant: `INSERT INTO tenant (id, name, client_id, client_code, database, settings, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  insertHost: 'INSERT INTO tenant_host (host, tenant_id) VALUES (?1, ?2)',
  insertKey: `INSERT INTO api_key (key_hash, id, tenant_id, name, scopes, created_at, revoked_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL)`,
  revokeKey: `UPDATE api_key SET revoked_at = ?3 WHERE tenant_id = ?1 AND id = ?2 AND revoked_at IS NULL`,
  insertAccount: `INSERT INTO account (tenant_id, user_id, username, email, phone, name, role, created_at, disabled_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)`,
  insertCredential: `INSERT INTO credential (tenant_id, user_id, version, hash, must_change, temporary_expires_at, changed_at, operation_id, replay_tag)
    VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, NULL, NULL)`,
  insertLoginName: 'INSERT INTO login_name (tenant_id, name, user_id) VALUES (?1, ?2, ?3)',
  readUser: `SELECT ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS},
      (SELECT max(s.sequence) FROM event s WHERE s.tenant_id = a.tenant_id AND s.user_id = a.user_id) AS sequence
    FROM account a JOIN credential c ON c.tenant_id = a.tenant_id AND c.user_id = a.user_id
    WHERE a.tenant_id = ?1 AND a.user_id = ?2`,
  readThrottle: `SELECT reserved - cleared AS failures, blocked_until FROM throttle
    WHERE tenant_id = ?1 AND subject IN (?2, ?3, ?4, ?5)`,
  readTenant: 'SELECT id FROM tenant WHERE id = ?1',
  listUserEvents: `SELECT sequence AS cursor, user_id, sequence, at, type, actor, dialect, activity_id, facts FROM event
    WHERE tenant_id = ?1 AND user_id = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4`,
  listTenantEvents: `SELECT id AS cursor, user_id, sequence, at, type, actor, dialect, activity_id, facts FROM event
    WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,
} as const;
