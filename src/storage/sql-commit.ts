// What a request writes in its second trip.

/**
 * Parameters of every statement of a commit: ?1 tenant, ?2 user, ?3 version, ?4 operation.
 * The first statement of a change moves the credential on, and all others ask for the credential that it made:
 * when it matched nothing, nothing else does. Whatever changes an account puts its operation into the credential, so
 * that what was decided on the account as it was before is outpaced.
 */
const STILL = `EXISTS (SELECT 1 FROM credential g
  WHERE g.tenant_id = ?1 AND g.user_id = ?2 AND g.version = ?3 AND g.operation_id = ?4)`;
const FAMILY_LIVES = `EXISTS (SELECT 1 FROM family l WHERE l.tenant_id = ?1 AND l.user_id = ?2 AND l.id = ?5 AND l.revoked_at IS NULL)`;
/** The user's newest event, if there is one. */
const NEWEST = `(SELECT 1) wanted LEFT JOIN event n ON n.tenant_id = ?1 AND n.user_id = ?2
      AND n.sequence = (SELECT max(s.sequence) FROM event s WHERE s.tenant_id = ?1 AND s.user_id = ?2)`;
const NEXT_SEQUENCE = 'coalesce(n.sequence, 0) + 1';

/** The link, when the newest event is the one that it was made to follow: '' before the first. */
function linkAfter(previous: string, link: string): string {
  return `iif(iif(n.sequence IS NULL, '', n.link) = ${previous}, ${link}, NULL)`;
}

/**
 * ?1 tenant, ?2 user, ?5 message, ?6 kind, ?7 payload, ?8 code purpose, ?9 code mac, ?10 now, ?11 expires,
 * ?12 since when ?13 of the kind are enough
 */
const ADD_MESSAGE = `INSERT INTO outbox (tenant_id, user_id, id, kind, payload, code_purpose, code_mac, created_at, expires_at, attempts, next_attempt_at, delivered_at, failed_at)
    SELECT ?1, ?2, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?10, NULL, NULL
    WHERE (SELECT count(*) FROM outbox m WHERE m.tenant_id = ?1 AND m.user_id = ?2 AND m.kind = ?6 AND m.created_at > ?12) < ?13`;

/**
 * ?5 now, ?6 type, ?7 actor, ?8 dialect, ?9 activity, ?10 facts, ?11 mac, ?12 the link that it follows, ?13 its own,
 * ?14 the message that it comes with, or null
 */
const ADD_EVENT = `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac, link)
    SELECT ?1, ?2, ${NEXT_SEQUENCE}, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ${linkAfter('?12', '?13')} FROM ${NEWEST}
    WHERE ${STILL} AND (?14 IS NULL OR EXISTS (
      SELECT 1 FROM outbox m WHERE m.tenant_id = ?1 AND m.user_id = ?2 AND m.id = ?14))`;

export const COMMIT = {
  // ?5 hash, ?6 must change, ?7 temporary until, ?8 now, ?9 operation, ?10 replay tag,
  // ?11 session hash, ?12 session tries, ?13 code purpose, ?14 code mac, ?15 code tries
  changePassword: `UPDATE credential SET version = version + 1, hash = ?5, must_change = ?6, temporary_expires_at = ?7,
      reset_required = 0, changed_at = ?8, operation_id = ?9, replay_tag = ?10
    WHERE tenant_id = ?1 AND user_id = ?2 AND version = ?3 AND operation_id = ?4
      AND (?11 IS NULL OR EXISTS (SELECT 1 FROM challenge p WHERE p.session_hash = ?11 AND p.tenant_id = ?1
        AND p.user_id = ?2 AND p.spent_version IS NULL AND p.expires_at > ?8 AND p.tries < ?12))
      AND (?14 IS NULL OR EXISTS (SELECT 1 FROM code p WHERE p.tenant_id = ?1 AND p.user_id = ?2 AND p.purpose = ?13
        AND p.mac = ?14 AND p.spent_version IS NULL AND p.expires_at > ?8 AND p.tries < ?15))`,
  // ?5 how many before the present one are remembered
  forgetPasswords: `DELETE FROM password_history WHERE tenant_id = ?1 AND user_id = ?2 AND version < ?3 - ?5 AND ${STILL}`,
  // ?5 hash
  rememberPassword: `INSERT INTO password_history (tenant_id, user_id, version, hash) SELECT ?1, ?2, ?3 - 1, ?5 WHERE ${STILL}`,
  // ?5 operation
  touchCredential: `UPDATE credential SET operation_id = ?5
    WHERE tenant_id = ?1 AND user_id = ?2 AND version = ?3 AND operation_id = ?4`,
  // ?5 username, ?6 email, ?7 phone, ?8 name, ?9 profile, ?10 role, ?11 now
  updateAccount: `UPDATE account SET username = ?5, email = ?6, phone = ?7, name = ?8, profile = ?9, role = ?10, updated_at = ?11
    WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  // ?5 names (JSON)
  dropLoginNames: `DELETE FROM login_name WHERE tenant_id = ?1 AND name IN (SELECT value FROM json_each(?5)) AND user_id = ?2 AND ${STILL}`,
  addLoginNames: `INSERT INTO login_name (tenant_id, name, user_id) SELECT ?1, n.value, ?2 FROM json_each(?5) n WHERE ${STILL}`,
  requireReset: `UPDATE credential SET reset_required = 1 WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  // ?5 disabled, ?6 locked, ?7 now
  setState: `UPDATE account SET disabled_at = ?5, locked_at = ?6, updated_at = ?7 WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  // ?5 session hash
  spendChallenge: `UPDATE challenge SET spent_version = ?3 WHERE session_hash = ?5 AND tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endOtherChallenges: `DELETE FROM challenge WHERE tenant_id = ?1 AND user_id = ?2 AND session_hash IS NOT ?5 AND ${STILL}`,
  // ?5 purpose, ?6 mac
  spendCode: `UPDATE code SET spent_version = ?3 WHERE tenant_id = ?1 AND user_id = ?2 AND purpose = ?5 AND mac = ?6 AND ${STILL}`,
  endOtherCodes: `DELETE FROM code WHERE tenant_id = ?1 AND user_id = ?2 AND NOT (purpose IS ?5 AND mac IS ?6) AND ${STILL}`,
  // ?5 now
  // Told which index: by itself the planner would take the key's first column, and read every family of the tenant.
  revokeFamilies: `UPDATE family INDEXED BY family_by_user SET revoked_at = ?5 WHERE tenant_id = ?1 AND user_id = ?2 AND revoked_at IS NULL AND ${STILL}`,
  // ?5 subject, ?6 serial, ?7 limit, ?8 now. At least itself, though later ones were given back before it.
  clearAttempts: `UPDATE throttle SET cleared = min(reserved, max(cleared + 1, ?6)), updated_at = ?8,
      blocked_until = CASE WHEN reserved - max(cleared + 1, ?6) >= ?7 THEN blocked_until ELSE 0 END
    WHERE tenant_id = ?1 AND subject = ?5 AND ${STILL}`,
  // ?5 source, ?6 how long what was taken takes to fill
  putBack: `UPDATE flood SET full_at = full_at - ?6 WHERE tenant_id = ?1 AND source = ?5 AND ${STILL}`,
  // ?5 now, ?6 to ?9 subjects, or null. Those of known sources begin with one, and ':' comes right before ';'.
  liftThrottle: `UPDATE throttle SET cleared = reserved, blocked_until = 0, updated_at = ?5
    WHERE ${STILL} AND (${['?6', '?7', '?8', '?9']
      .map((subject) => `tenant_id = ?1 AND subject >= ${subject} AND subject < ${subject} || ';'`)
      .join(' OR ')})`,
  // ?5 source
  clearLane: `UPDATE lane SET failures = 0 WHERE tenant_id = ?1 AND user_id = ?2 AND source = ?5 AND ${STILL}`,
  clearLanes: `UPDATE lane SET failures = 0 WHERE tenant_id = ?1 AND user_id = ?2 AND failures > 0 AND ${STILL}`,
  // ?5 source, ?6 now, ?7 since when it is not written again
  rememberSource: `INSERT INTO lane (tenant_id, user_id, source, failures, signed_in_at)
    SELECT ?1, ?2, ?5, 0, ?6 WHERE ${STILL}
    ON CONFLICT (tenant_id, user_id, source) DO UPDATE SET signed_in_at = ?6 WHERE signed_in_at < ?7`,
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
  // The same, ?8 MAC key
  addRefreshToken: `INSERT INTO refresh_token (token_hash, tenant_id, user_id, family_id, mac_key, created_at, used_at)
    SELECT ?6, ?1, ?2, ?5, ?8, ?7, NULL WHERE ${STILL} AND ${FAMILY_LIVES} ON CONFLICT (token_hash) DO NOTHING`,
  useRefreshToken: `UPDATE refresh_token SET used_at = ?7
    WHERE token_hash = ?6 AND tenant_id = ?1 AND user_id = ?2 AND family_id = ?5 AND used_at IS NULL AND ${STILL} AND ${FAMILY_LIVES}`,
  // ?5 family, ?6 now
  revokeOldestFamily: `UPDATE family SET revoked_at = ?5 WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL} AND id = (
      SELECT o.id FROM family o INDEXED BY family_by_user WHERE o.tenant_id = ?1 AND o.user_id = ?2 AND o.revoked_at IS NULL
        AND o.expires_at > ?5 ORDER BY o.created_at, o.id LIMIT 1)`,
  // ?5 family, ?6 now
  revokeFamily: `UPDATE family SET revoked_at = ?6 WHERE tenant_id = ?1 AND user_id = ?2 AND id = ?5 AND revoked_at IS NULL AND ${STILL}`,
  // ?5 and further as of ADD_MESSAGE
  sendMessage: `${ADD_MESSAGE} AND ${STILL}`,
  // ?5 purpose, ?6 mac, ?7 now, ?8 expires, ?9 the message that it comes with, or null
  issueCode: `INSERT INTO code (tenant_id, user_id, purpose, mac, created_at, expires_at, tries, spent_version)
    SELECT ?1, ?2, ?5, ?6, ?7, ?8, 0, NULL WHERE ${STILL} AND (?9 IS NULL OR EXISTS (
      SELECT 1 FROM outbox m WHERE m.tenant_id = ?1 AND m.user_id = ?2 AND m.id = ?9))`,
  // ?5 purpose, ?6 how many stay, ?7 mac of the newest
  endOldCodes: `DELETE FROM code WHERE tenant_id = ?1 AND user_id = ?2 AND purpose = ?5 AND ${STILL} AND mac NOT IN (
      SELECT n.mac FROM code n WHERE n.tenant_id = ?1 AND n.user_id = ?2 AND n.purpose = ?5
      ORDER BY n.mac = ?7 DESC, n.created_at DESC LIMIT ?6)`,
  addEvent: ADD_EVENT,
  // One row when the commit holds, as `outcome` has, when the event comes last and with no message.
  addLastEvent: `${ADD_EVENT} RETURNING sequence`,
  endLoginSessions: `DELETE FROM login_session WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  // ?5 session
  endLoginSession: `DELETE FROM login_session WHERE tenant_id = ?1 AND user_id = ?2 AND id = ?5 AND ${STILL}`,
  // ?5 session, ?6 now, ?7 token hash, ?8 when the password was checked, ?9 expires, ?10 metadata, ?11 subject,
  // ?12 user agent
  openLoginSession: `INSERT INTO login_session (tenant_id, id, user_id, subject, token_hash, sequence, created_at,
      changed_at, expires_at, user_verified_at, password_verified_at, user_agent, metadata)
    SELECT ?1, ?5, ?2, ?11, ?7, 1, ?6, ?6, ?9, ?6, ?8, ?12, ?10 WHERE ${STILL}`,
  // The same as far as ?10. What is null stays as it is; a key of the metadata that is null goes (RFC 7396).
  updateLoginSession: `UPDATE login_session SET token_hash = ?7, sequence = sequence + 1, changed_at = ?6,
      password_verified_at = coalesce(?8, password_verified_at), expires_at = coalesce(?9, expires_at),
      metadata = json_patch(metadata, ?10)
    WHERE tenant_id = ?1 AND user_id = ?2 AND id = ?5 AND ${STILL}`,
  // ?5 family that must live, or null, ?6 login session that must be there, or null.
  // One row when the commit holds, none when it was outpaced.
  outcome: `SELECT coalesce((SELECT max(s.sequence) FROM event s WHERE s.tenant_id = ?1 AND s.user_id = ?2), 0) AS sequence,
      (SELECT l.sequence FROM login_session l WHERE l.tenant_id = ?1 AND l.user_id = ?2 AND l.id = ?6) AS session_sequence
    WHERE ${STILL} AND (?5 IS NULL OR ${FAMILY_LIVES})
      AND (?6 IS NULL OR EXISTS (SELECT 1 FROM login_session l WHERE l.tenant_id = ?1 AND l.user_id = ?2 AND l.id = ?6))`,
} as const;

/** The end of a user, in this order: what hangs on it first, then the credential, then what nobody holds any more. */
export const ERASE = {
  endRefreshTokens: `DELETE FROM refresh_token WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endFamilies: `DELETE FROM family WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endLoginSessions: COMMIT.endLoginSessions,
  endChallenges: `DELETE FROM challenge WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endCodes: `DELETE FROM code WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endHistory: `DELETE FROM password_history WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endMessages: `DELETE FROM outbox WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  endLanes: `DELETE FROM lane WHERE tenant_id = ?1 AND user_id = ?2 AND ${STILL}`,
  addEvent: COMMIT.addEvent,
  dropLoginNames: COMMIT.dropLoginNames,
  endCredential: `DELETE FROM credential WHERE tenant_id = ?1 AND user_id = ?2 AND version = ?3 AND operation_id = ?4`,
  endAccount: `DELETE FROM account WHERE tenant_id = ?1 AND user_id = ?2
    AND NOT EXISTS (SELECT 1 FROM credential g WHERE g.tenant_id = ?1 AND g.user_id = ?2)`,
  // One row when the user is gone.
  outcome: `SELECT coalesce((SELECT max(s.sequence) FROM event s WHERE s.tenant_id = ?1 AND s.user_id = ?2), 0) AS sequence
    WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.tenant_id = ?1 AND a.user_id = ?2)`,
} as const;

export const RECORD = {
  // ?1 tenant, ?2 user, ?3 now, ?4 type, ?5 actor, ?6 dialect, ?7 activity, ?8 facts, ?9 mac, ?10 the link that
  // it follows, ?11 its own: only for an account that is there
  addRefusal: `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac, link)
    SELECT ?1, ?2, ${NEXT_SEQUENCE}, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ${linkAfter('?10', '?11')} FROM ${NEWEST}
    WHERE EXISTS (SELECT 1 FROM account e WHERE e.tenant_id = ?1 AND e.user_id = ?2)`,
  // ?5 and further as of ADD_MESSAGE; ?3 and ?4 are nothing
  addMessage: `${ADD_MESSAGE} AND ?3 IS NULL AND ?4 IS NULL
    AND EXISTS (SELECT 1 FROM account e WHERE e.tenant_id = ?1 AND e.user_id = ?2)`,
  // ?1 tenant, ?2 subject, ?3 limit, ?4 now
  giveBackAttempt: `UPDATE throttle SET cleared = min(cleared + 1, reserved), updated_at = ?4,
      blocked_until = CASE WHEN reserved - cleared - 1 >= ?3 THEN blocked_until ELSE 0 END
    WHERE tenant_id = ?1 AND subject = ?2`,
  // ?1 tenant, ?2 user, ?3 source
  giveBackInLane: `UPDATE lane SET failures = max(failures - 1, 0)
    WHERE tenant_id = ?1 AND user_id = ?2 AND source = ?3`,
  // The parameters of addRefusal; an event of the statement right before it, and one row, if that changed a row.
  addEventOfChange: `INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac, link)
    SELECT ?1, ?2, ${NEXT_SEQUENCE}, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ${linkAfter('?10', '?11')} FROM ${NEWEST}
    WHERE changes() = 1 RETURNING sequence`,
} as const;
