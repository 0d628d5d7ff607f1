// What is asked when the answer of a batch was lost: what the batch alone can have left. One row when it is there.

const NEWEST =
  '(SELECT coalesce(max(s.sequence), 0) FROM event s WHERE s.tenant_id = ?1 AND s.user_id = ?2)';

/** ?1 tenant, ?2 user; ?5 login session, or null. As the outcome of a commit tells it. */
const OUTCOME = `SELECT ${NEWEST} AS sequence,
      (SELECT l.sequence FROM login_session l WHERE l.tenant_id = ?1 AND l.user_id = ?2 AND l.id = ?5) AS session_sequence`;

export const MARKS = {
  // ?3 the request, ?4 types (JSON): no other request has its id, and none writes an event of the type twice of one user.
  // It is among the newest: it was written a moment ago, and a user's events are many.
  event: `${OUTCOME}
    WHERE EXISTS (SELECT 1 FROM event e WHERE e.tenant_id = ?1 AND e.user_id = ?2 AND e.sequence > ${NEWEST} - 100
      AND e.activity_id = ?3 AND e.type IN (SELECT value FROM json_each(?4)))`,
  // ?3 version, ?4 operation
  credential: `${OUTCOME}
    WHERE EXISTS (SELECT 1 FROM credential g WHERE g.tenant_id = ?1 AND g.user_id = ?2 AND g.version = ?3 AND g.operation_id = ?4)`,
  // ?3 hash of the session's new token
  loginSession: `${OUTCOME}
    WHERE EXISTS (SELECT 1 FROM login_session n WHERE n.tenant_id = ?1 AND n.user_id = ?2 AND n.id = ?5 AND n.token_hash = ?3)`,
} as const;
