// What is over goes, so many rows at a time, each found by an index on when it ended.

/** ?1 ended before, ?2 at most. In the order in which rows may go: what hangs on others first. */
export const CLEAN_UP = {
  challenges: `DELETE FROM challenge WHERE session_hash IN (
    SELECT session_hash FROM challenge INDEXED BY challenge_by_end WHERE expires_at <= ?1 LIMIT ?2)`,
  codes: `DELETE FROM code WHERE (tenant_id, user_id, purpose, mac) IN (
    SELECT tenant_id, user_id, purpose, mac FROM code INDEXED BY code_by_end WHERE expires_at <= ?1 LIMIT ?2)`,
  loginSessions: `DELETE FROM login_session WHERE (tenant_id, user_id, id) IN (
    SELECT tenant_id, user_id, id FROM login_session INDEXED BY login_session_by_end
    WHERE expires_at IS NOT NULL AND expires_at <= ?1 LIMIT ?2)`,
  // A family of many refreshes takes several portions: its tokens go before it does.
  refreshTokens: `DELETE FROM refresh_token WHERE token_hash IN (
    SELECT r.token_hash FROM family f INDEXED BY family_by_end
      CROSS JOIN refresh_token r INDEXED BY refresh_token_by_family
        ON r.tenant_id = f.tenant_id AND r.user_id = f.user_id AND r.family_id = f.id
    WHERE ifnull(f.revoked_at, f.expires_at) <= ?1 ORDER BY ifnull(f.revoked_at, f.expires_at) LIMIT ?2)`,
  // Of the first ones alone, which are those whose tokens went: the others are not looked at before their turn.
  families: `DELETE FROM family WHERE (tenant_id, user_id, id) IN (
    SELECT tenant_id, user_id, id FROM (SELECT tenant_id, user_id, id FROM family INDEXED BY family_by_end
      WHERE ifnull(revoked_at, expires_at) <= ?1 ORDER BY ifnull(revoked_at, expires_at) LIMIT ?2) wanted
    WHERE NOT EXISTS (SELECT 1 FROM refresh_token r WHERE r.tenant_id = wanted.tenant_id
      AND r.user_id = wanted.user_id AND r.family_id = wanted.id))`,
  delivered: `DELETE FROM outbox WHERE (tenant_id, user_id, id) IN (
    SELECT tenant_id, user_id, id FROM outbox INDEXED BY outbox_delivered
    WHERE delivered_at IS NOT NULL AND delivered_at <= ?1 LIMIT ?2)`,
  deadLetters: `DELETE FROM outbox WHERE (tenant_id, user_id, id) IN (
    SELECT tenant_id, user_id, id FROM outbox INDEXED BY outbox_failed
    WHERE failed_at IS NOT NULL AND failed_at <= ?1 LIMIT ?2)`,
  throttles: `DELETE FROM throttle WHERE (tenant_id, subject) IN (
    SELECT tenant_id, subject FROM throttle INDEXED BY throttle_by_age WHERE updated_at <= ?1 LIMIT ?2)`,
  // That of the strangers has no end: its count must not be forgotten.
  lanes: `DELETE FROM lane WHERE (tenant_id, user_id, source) IN (
    SELECT tenant_id, user_id, source FROM lane INDEXED BY lane_by_age
    WHERE signed_in_at IS NOT NULL AND signed_in_at <= ?1 LIMIT ?2)`,
  floods: `DELETE FROM flood WHERE (tenant_id, source) IN (
    SELECT tenant_id, source FROM flood INDEXED BY flood_by_end WHERE full_at <= ?1 LIMIT ?2)`,
} as const;
