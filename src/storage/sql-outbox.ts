// The outbox: what is claimed or given up, what was received, and what is tried again.

/** Whether it is still of use: ?1 now, ?3 attempts, ?4 code tries. */
const LIVE = `o.expires_at > ?1 AND o.attempts < ?3 AND (o.code_mac IS NULL OR EXISTS (SELECT 1 FROM code c
  WHERE c.tenant_id = o.tenant_id AND c.user_id = o.user_id AND c.purpose = o.code_purpose AND c.mac = o.code_mac
    AND c.spent_version IS NULL AND c.expires_at > ?1 AND c.tries < ?4))`;

/** `due`: which. What is of use is leased until ?2; what is not is over, and keeps no payload. */
function claim(due: string): string {
  return `UPDATE outbox SET attempts = attempts + wanted.live, next_attempt_at = iif(wanted.live, ?2, NULL),
      failed_at = iif(wanted.live, NULL, ?1), payload = iif(wanted.live, payload, NULL)
    FROM (SELECT o.tenant_id, o.user_id, o.id, (${LIVE}) AS live FROM outbox o WHERE ${due}) wanted
    WHERE outbox.tenant_id = wanted.tenant_id AND outbox.user_id = wanted.user_id AND outbox.id = wanted.id
    RETURNING tenant_id, user_id, id, payload, attempts, expires_at,
      (SELECT t.settings FROM tenant t WHERE t.id = outbox.tenant_id) AS settings`;
}

export const OUTBOX = {
  // ?5 tenant, ?6 user, ?7 id
  claimOne: claim('o.tenant_id = ?5 AND o.user_id = ?6 AND o.id = ?7 AND o.next_attempt_at <= ?1'),
  // ?5 how many
  claimSome: claim('o.next_attempt_at <= ?1 ORDER BY o.next_attempt_at LIMIT ?5'),
  // ?1 tenant, ?2 user, ?3 id, ?4 now. Whoever sent it, and whatever became of its lease.
  receive: `UPDATE outbox SET delivered_at = ?4, failed_at = NULL, next_attempt_at = NULL, payload = NULL
    WHERE tenant_id = ?1 AND user_id = ?2 AND id = ?3 AND delivered_at IS NULL`,
  // ?1 tenant
  report: `SELECT t.id,
      (SELECT count(*) FROM outbox o WHERE o.tenant_id = t.id AND o.next_attempt_at IS NOT NULL) AS waiting,
      (SELECT count(*) FROM outbox o WHERE o.tenant_id = t.id AND o.delivered_at IS NOT NULL) AS delivered,
      (SELECT count(*) FROM outbox o WHERE o.tenant_id = t.id AND o.failed_at IS NOT NULL) AS failed
    FROM tenant t WHERE t.id = ?1`,
  // ?1 tenant, ?2 at most
  deadLetters: `SELECT id, user_id, kind, attempts, created_at, failed_at FROM outbox
    WHERE tenant_id = ?1 AND failed_at IS NOT NULL ORDER BY failed_at DESC, id LIMIT ?2`,
  // ?4 when, ?5 attempts: by whoever holds it, while it is not over
  postpone: `UPDATE outbox SET next_attempt_at = ?4
    WHERE tenant_id = ?1 AND user_id = ?2 AND id = ?3 AND attempts = ?5 AND next_attempt_at IS NOT NULL`,
} as const;
