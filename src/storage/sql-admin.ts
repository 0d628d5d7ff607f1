// The operator's statements: tenants, keys, users, the audit.
import { ACCOUNT_COLUMNS, CREDENTIAL_COLUMNS } from './sql-callers.ts';

export const ADMIN = {
  insertTenant: `INSERT INTO tenant (id, name, client_id, client_code, database, settings, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  // ?1 tenant, ?2 settings as they were read, ?3 as they shall be. Whatever blanks somebody wrote between them by hand.
  updateSettings: 'UPDATE tenant SET settings = ?3 WHERE id = ?1 AND json(settings) = json(?2)',
  insertHost: 'INSERT INTO tenant_host (host, tenant_id) VALUES (?1, ?2)',
  insertKey: `INSERT INTO api_key (key_hash, id, tenant_id, name, scopes, created_at, revoked_at, paced_at, admitted)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, 0, NULL)`,
  revokeKey: `UPDATE api_key SET revoked_at = ?3 WHERE tenant_id = ?1 AND id = ?2 AND revoked_at IS NULL`,
  insertAccount: `INSERT INTO account (tenant_id, user_id, username, email, phone, name, profile, role, created_at, updated_at, disabled_at, locked_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, NULL, NULL)`,
  insertCredential: `INSERT INTO credential (tenant_id, user_id, version, hash, must_change, temporary_expires_at, reset_required, changed_at, operation_id, replay_tag)
    VALUES (?1, ?2, 1, ?3, ?4, ?5, 0, ?6, ?7, NULL)`,
  insertLoginName: 'INSERT INTO login_name (tenant_id, name, user_id) VALUES (?1, ?2, ?3)',
  readUser: `SELECT ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS},
      (SELECT max(s.sequence) FROM event s WHERE s.tenant_id = a.tenant_id AND s.user_id = a.user_id) AS sequence,
      NULL AS touched_at, (SELECT t.settings ->> '$.maxAge' FROM tenant t WHERE t.id = a.tenant_id) AS max_age
    FROM account a JOIN credential c ON c.tenant_id = a.tenant_id AND c.user_id = a.user_id
    WHERE a.tenant_id = ?1 AND a.user_id = ?2`,
  readSequence: 'SELECT max(sequence) AS sequence FROM event WHERE tenant_id = ?1 AND user_id = ?2',
  readThrottle: `SELECT reserved - cleared AS failures, blocked_until FROM throttle
    WHERE tenant_id = ?1 AND subject IN (?2, ?3, ?4, ?5)`,
  readStrangers: `SELECT failures FROM lane WHERE tenant_id = ?1 AND user_id = ?2 AND source = ''`,
  readTenant: 'SELECT id FROM tenant WHERE id = ?1',
  listUserEvents: `SELECT sequence AS cursor, user_id, sequence, at, type, actor, dialect, activity_id, facts FROM event
    WHERE tenant_id = ?1 AND user_id = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4`,
  listTenantEvents: `SELECT id AS cursor, user_id, sequence, at, type, actor, dialect, activity_id, facts FROM event
    WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,
} as const;
