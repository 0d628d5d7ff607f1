// What a request loads in its first trip, and what it reserves and counts there.
import {
  ACCOUNT_COLUMNS,
  type CallerFragment,
  CREDENTIAL_COLUMNS,
  LOGIN_SESSION_COLUMNS,
  mapCallers,
  TENANT_COLUMNS,
} from './sql-callers.ts';

export interface MissStatements {
  readonly countChallengeMiss: string;
  readonly countCodeMiss: string;
}

/** What is wrong of a proof that was shown is counted before all else. */
export const MISS = mapCallers(({ from, where, entitled }): MissStatements => {
  const TARGET = `coalesce(?11, (SELECT n.user_id FROM login_name n
          WHERE n.tenant_id = (SELECT t.id FROM ${from} WHERE ${where}) AND n.name = ?19))`;
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
  };
});

export interface OpenStatements {
  readonly reserveAttempt: string;
  readonly countInLane: string;
  readonly load: string;
}

/**
 * ?16 subject or null, ?17 login name, ?18 source or null, ?19 since when a sign-in makes it known. To reserve: ?20 limit,
 * ?21 first wait, ?22 longest wait, ?23 the request, when the strangers' buckets must have let it in, or null.
 */
function openUser({ columns, from, where, entitled }: CallerFragment, proofs: Proofs) {
  const { subject, owner, sessionOfGuess, sessionOfUser } = proofs;
  const GUESSED = `coalesce(?11, (SELECT n.user_id FROM login_name n WHERE n.tenant_id = t.id AND n.name = ?17)${owner})`;
  const KNOWN_SOURCE = `EXISTS (SELECT 1 FROM lane ln WHERE ln.tenant_id = t.id AND ln.user_id = ${GUESSED}
        AND ln.source = ?18 AND ln.signed_in_at > ?19)`;
  const LET_IN = `(?23 IS NULL OR ${KNOWN_SOURCE} OR EXISTS (SELECT 1 FROM flood s JOIN flood e
          ON e.tenant_id = s.tenant_id AND e.source = '' AND e.admitted = ?23
        WHERE s.tenant_id = t.id AND s.source = ?18 AND s.admitted = ?23))`;
  return {
    reserveAttempt: `INSERT INTO throttle (tenant_id, subject, reserved, cleared, blocked_until, updated_at)
      SELECT t.id, ${subject} || iif(${KNOWN_SOURCE}, ':' || ?18, ''), 1, 0, 0, ?10 FROM ${from} ${sessionOfGuess}
      WHERE ${where} AND ${entitled} AND ${subject} IS NOT NULL AND ${LET_IN}
      ON CONFLICT (tenant_id, subject) DO UPDATE SET reserved = reserved + 1, updated_at = ?10,
        blocked_until = CASE WHEN reserved + 1 - cleared >= ?20
          THEN ?10 + min(?22, ?21 << min(reserved + 1 - cleared - ?20, 20)) ELSE 0 END
      WHERE blocked_until <= ?10
      RETURNING subject, reserved, reserved - cleared AS failures`,
    // Right after it, and only when it reserved one of a user that is there.
    countInLane: `INSERT INTO lane (tenant_id, user_id, source, failures, signed_in_at)
      SELECT a.tenant_id, a.user_id, iif(${KNOWN_SOURCE}, ?18, ''), 1, NULL FROM ${from} ${sessionOfGuess}
        JOIN account a ON a.tenant_id = t.id AND a.user_id = ${GUESSED}
      WHERE changes() = 1 AND ${where}
      ON CONFLICT (tenant_id, user_id, source) DO UPDATE SET failures = failures + 1
      RETURNING source, failures`,
    load: `SELECT ${columns}, ${TENANT_COLUMNS}, ${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS}, th.blocked_until,
        ${proofs.columns}
        (SELECT json_array(h.sequence, h.link) FROM event h WHERE h.tenant_id = t.id AND h.user_id = a.user_id
          ORDER BY h.sequence DESC LIMIT 1) AS head,
        (SELECT json_group_array(h.hash ORDER BY h.version DESC) FROM password_history h
          WHERE h.tenant_id = t.id AND h.user_id = a.user_id) AS password_history
      FROM ${from} ${sessionOfUser}
      LEFT JOIN account a ON a.tenant_id = t.id AND a.user_id = ${GUESSED}
      LEFT JOIN credential c ON c.tenant_id = t.id AND c.user_id = a.user_id
      LEFT JOIN lane ln ON ln.tenant_id = t.id AND ln.user_id = a.user_id AND ln.source = ?18 AND ln.signed_in_at > ?19
      LEFT JOIN throttle th ON th.tenant_id = t.id
        AND th.subject = ${subject} || iif(ln.source IS NULL, '', ':' || ln.source)
      ${proofs.joins}
      WHERE ${where}`,
  };
}

/** What a request may show beside a password. */
interface Proofs {
  readonly subject: string;
  readonly owner: string;
  readonly sessionOfGuess: string;
  readonly sessionOfUser: string;
  readonly columns: string;
  readonly joins: string;
}

/** Of a request that shows none of them, as most do. */
const NO_PROOFS: Proofs = {
  subject: '?16',
  owner: '',
  sessionOfGuess: '',
  sessionOfUser: '',
  columns: '',
  joins: '',
};

const PROOFS: Proofs = {
  subject: 'coalesce(?16, ls.subject)',
  owner: ', ls.user_id',
  // ?24 login session, ?25 hash of its token, or null
  sessionOfGuess: `LEFT JOIN login_session ls ON ls.tenant_id = t.id AND ls.id = ?24
          AND (?25 IS NULL OR ls.token_hash = ?25) AND (ls.expires_at IS NULL OR ls.expires_at > ?10)`,
  // To load: ?20 session hash, ?21 purposes (JSON), ?22 macs (JSON), ?23 code tries, ?24 login session
  sessionOfUser: 'LEFT JOIN login_session ls ON ls.tenant_id = t.id AND ls.id = ?24',
  columns: `ch.user_id AS challenge_user_id, ch.expires_at AS challenge_expires_at, ch.tries AS challenge_tries,
        ch.spent_version AS challenge_spent_version,
        cd.mac AS code_mac, cd.expires_at AS code_expires_at, cd.tries AS code_tries, cd.spent_version AS code_spent_version,
        (SELECT max(o.expires_at) FROM code o WHERE o.tenant_id = t.id AND o.user_id = a.user_id
          AND o.purpose IN (SELECT value FROM json_each(?21)) AND o.spent_version IS NULL AND o.tries < ?23) AS code_outstanding_until,
        ${LOGIN_SESSION_COLUMNS},`,
  joins: `LEFT JOIN challenge ch ON ch.session_hash = ?20 AND ch.tenant_id = t.id
      LEFT JOIN code cd ON cd.tenant_id = t.id AND cd.user_id = a.user_id
        AND cd.purpose IN (SELECT value FROM json_each(?21)) AND cd.mac IN (SELECT value FROM json_each(?22))`,
};

export const OPEN = mapCallers((caller): OpenStatements => openUser(caller, NO_PROOFS));
export const OPEN_WITH_PROOFS = mapCallers((caller): OpenStatements => openUser(caller, PROOFS));

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
