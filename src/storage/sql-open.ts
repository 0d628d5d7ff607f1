// What a request loads in its first trip, and what it reserves and counts there.
import {
  ACCOUNT_COLUMNS,
  CREDENTIAL_COLUMNS,
  LOGIN_SESSION_COLUMNS,
  mapCallers,
  TENANT_COLUMNS,
} from './sql-callers.ts';

export interface OpenStatements {
  readonly countChallengeMiss: string;
  readonly countCodeMiss: string;
  readonly reserveAttempt: string;
  readonly countInLane: string;
  readonly load: string;
}

export const OPEN = mapCallers(({ columns, from, where, entitled }): OpenStatements => {
  const TARGET = `coalesce(?11, (SELECT n.user_id FROM login_name n
          WHERE n.tenant_id = (SELECT t.id FROM ${from} WHERE ${where}) AND n.name = ?19))`;
  const SESSION = `LEFT JOIN login_session ls ON ls.tenant_id = t.id AND ls.id = ?20
          AND (?21 IS NULL OR ls.token_hash = ?21) AND (ls.expires_at IS NULL OR ls.expires_at > ?10)`;
  const GUESSED = `coalesce(?11, (SELECT n.user_id FROM login_name n WHERE n.tenant_id = t.id AND n.name = ?22), ls.user_id)`;
  const KNOWN_SOURCE = `EXISTS (SELECT 1 FROM lane ln WHERE ln.tenant_id = t.id AND ln.user_id = ${GUESSED}
        AND ln.source = ?23 AND ln.signed_in_at > ?24)`;
  const LET_IN = `(?25 IS NULL OR ${KNOWN_SOURCE} OR EXISTS (SELECT 1 FROM flood s JOIN flood e
          ON e.tenant_id = s.tenant_id AND e.source = '' AND e.admitted = ?25
        WHERE s.tenant_id = t.id AND s.source = ?23 AND s.admitted = ?25))`;
  return {
    // ?16 session hash, ?17 tries
    countChallengeMiss: `UPDATE challenge SET tries = tries + 1
      WHERE session_hash = ?16 AND tenant_id = (SELECT t.id FROM ${from} WHERE ${where})
        AND (user_id <> ?11 OR spent_version IS NOT NULL) AND tries <= ?17`,
    // ?16 purposes (JSON), ?17 macs (JSON), ?18 tries, ?19 login name
    countCodeMiss: `UPDATE code SET tries = tries + 1
      WHERE tenant_id = (SELECT t.id FROM ${from} WHERE ${where} AND ${entitled}) AND user_id = ${TARGET}
        AND purpose IN (SELECT value FROM json_each(?16)) AND spent_version IS NULL AND expires_at > ?10 AND tries < ?18
        AND NOT EXISTS (SELECT 1 FROM code m WHERE m.tenant_id = code.tenant_id AND m.user_id = code.user_id
          AND m.purpose IN (SELECT value FROM json_each(?16)) AND m.mac IN (SELECT value FROM json_each(?17)))`,
    // ?16 subject, or null for that of the login session ?20 (?21 hash of its token, or null), ?17 limit,
    // ?18 first wait, ?19 longest wait, ?22 login name, ?23 source or null, ?24 since when a sign-in makes it known,
    // ?25 the request, when the strangers' buckets must have let it in, or null
    reserveAttempt: `INSERT INTO throttle (tenant_id, subject, reserved, cleared, blocked_until, updated_at)
      SELECT t.id, coalesce(?16, ls.subject) || iif(${KNOWN_SOURCE}, ':' || ?23, ''), 1, 0, 0, ?10 FROM ${from} ${SESSION}
      WHERE ${where} AND ${entitled} AND coalesce(?16, ls.subject) IS NOT NULL AND ${LET_IN}
      ON CONFLICT (tenant_id, subject) DO UPDATE SET reserved = reserved + 1, updated_at = ?10,
        blocked_until = CASE WHEN reserved + 1 - cleared >= ?17
          THEN ?10 + min(?19, ?18 << min(reserved + 1 - cleared - ?17, 20)) ELSE 0 END
      WHERE blocked_until <= ?10
      RETURNING subject, reserved, reserved - cleared AS failures`,
    // The same parameters; right after it, and only when it reserved one of a user that is there.
    countInLane: `INSERT INTO lane (tenant_id, user_id, source, failures, signed_in_at)
      SELECT a.tenant_id, a.user_id, iif(${KNOWN_SOURCE}, ?23, ''), 1, NULL FROM ${from} ${SESSION}
        JOIN account a ON a.tenant_id = t.id AND a.user_id = ${GUESSED}
      WHERE changes() = 1 AND ${where}
      ON CONFLICT (tenant_id, user_id, source) DO UPDATE SET failures = failures + 1
      RETURNING source, failures`,
    // ?16 login name, ?17 subject, ?18 session hash, ?19 purposes (JSON), ?20 macs (JSON), ?21 code tries, ?22 login session,
    // ?23 source or null, ?24 since when a sign-in makes it known
    load: `SELECT ${columns}, ${TENANT_COLUMNS}, ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS}, th.blocked_until,
        ch.user_id AS challenge_user_id, ch.expires_at AS challenge_expires_at, ch.tries AS challenge_tries,
        ch.spent_version AS challenge_spent_version,
        cd.mac AS code_mac, cd.expires_at AS code_expires_at, cd.tries AS code_tries, cd.spent_version AS code_spent_version,
        (SELECT max(o.expires_at) FROM code o WHERE o.tenant_id = t.id AND o.user_id = a.user_id
          AND o.purpose IN (SELECT value FROM json_each(?19)) AND o.spent_version IS NULL AND o.tries < ?21) AS code_outstanding_until,
        ${LOGIN_SESSION_COLUMNS},
        (SELECT json_array(h.sequence, h.link) FROM event h WHERE h.tenant_id = t.id AND h.user_id = a.user_id
          ORDER BY h.sequence DESC LIMIT 1) AS head,
        (SELECT json_group_array(h.hash ORDER BY h.version DESC) FROM password_history h
          WHERE h.tenant_id = t.id AND h.user_id = a.user_id) AS password_history
      FROM ${from}
      LEFT JOIN login_session ls ON ls.tenant_id = t.id AND ls.id = ?22
      LEFT JOIN account a ON a.tenant_id = t.id AND a.user_id =
        coalesce(?11, (SELECT n.user_id FROM login_name n WHERE n.tenant_id = t.id AND n.name = ?16), ls.user_id)
      LEFT JOIN credential c ON c.tenant_id = t.id AND c.user_id = a.user_id
      LEFT JOIN lane ln ON ln.tenant_id = t.id AND ln.user_id = a.user_id AND ln.source = ?23 AND ln.signed_in_at > ?24
      LEFT JOIN throttle th ON th.tenant_id = t.id
        AND th.subject = coalesce(?17, ls.subject) || iif(ln.source IS NULL, '', ':' || ln.source)
      LEFT JOIN challenge ch ON ch.session_hash = ?18 AND ch.tenant_id = t.id
      LEFT JOIN code cd ON cd.tenant_id = t.id AND cd.user_id = a.user_id
        AND cd.purpose IN (SELECT value FROM json_each(?19)) AND cd.mac IN (SELECT value FROM json_each(?20))
      WHERE ${where}`,
  };
});

// ?16 token hash, ?17 its successor's hash under each MAC key (JSON, by the key's id)
export const LOAD_REFRESH = mapCallers(
  ({ from, where }) => `SELECT ${TENANT_COLUMNS}, ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS},
      rt.used_at AS token_used_at, rt.mac_key AS token_mac_key, su.used_at AS successor_used_at, fm.id AS family_id, fm.version AS family_version,
      fm.expires_at AS family_expires_at, fm.revoked_at AS family_revoked_at
    FROM ${from}
    LEFT JOIN refresh_token rt ON rt.token_hash = ?16 AND rt.tenant_id = t.id
    LEFT JOIN refresh_token su ON su.token_hash = json_extract(?17, '$."' || rt.mac_key || '"') AND su.tenant_id = t.id
    LEFT JOIN family fm ON fm.tenant_id = t.id AND fm.user_id = rt.user_id AND fm.id = rt.family_id
    LEFT JOIN account a ON a.tenant_id = t.id AND a.user_id = fm.user_id
    LEFT JOIN credential c ON c.tenant_id = t.id AND c.user_id = fm.user_id
    WHERE ${where}`,
);
