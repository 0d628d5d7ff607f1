// Looking users and login sessions up, by a caller who proves itself in the same trip.
import {
  ACCOUNT_COLUMNS,
  CREDENTIAL_COLUMNS,
  LOGIN_SESSION_COLUMNS,
  mapCallers,
} from './sql-callers.ts';

const USER_COLUMNS = `${ACCOUNT_COLUMNS}, ${CREDENTIAL_COLUMNS},
  (SELECT s.sequence FROM event s WHERE s.tenant_id = a.tenant_id AND s.user_id = a.user_id
    ORDER BY s.sequence DESC LIMIT 1) AS sequence,
  (SELECT s.at FROM event s WHERE s.tenant_id = a.tenant_id AND s.user_id = a.user_id
    ORDER BY s.sequence DESC LIMIT 1) AS touched_at`;
const CREDENTIAL = 'JOIN credential c ON c.tenant_id = a.tenant_id AND c.user_id = a.user_id';
const SESSION_OWNER = 'JOIN account a ON a.tenant_id = ls.tenant_id AND a.user_id = ls.user_id';

export const DIRECTORY = mapCallers(({ from, where }) => {
  const tenant = `(SELECT t.id FROM ${from} WHERE ${where})`;
  return {
    // ?16 user ids (JSON), ?17 login names (JSON)
    usersByKeys: `SELECT ${USER_COLUMNS} FROM account a ${CREDENTIAL}
      WHERE a.tenant_id = ${tenant} AND a.user_id IN (
        SELECT value FROM json_each(?16)
        UNION SELECT n.user_id FROM json_each(?17) k
          CROSS JOIN login_name n ON n.tenant_id = ${tenant} AND n.name = k.value)`,
    // ?16 limit, ?17 offset
    usersUp: `SELECT ${USER_COLUMNS} FROM account a ${CREDENTIAL}
      WHERE a.tenant_id = ${tenant} ORDER BY a.user_id LIMIT ?16 OFFSET ?17`,
    usersDown: `SELECT ${USER_COLUMNS} FROM account a ${CREDENTIAL}
      WHERE a.tenant_id = ${tenant} ORDER BY a.user_id DESC LIMIT ?16 OFFSET ?17`,
    // ?16 limit, ?17 offset: named, since D1 refuses more values than a statement has parameters.
    countUsers: `SELECT count(*) AS total FROM account a WHERE a.tenant_id = ${tenant} AND ?17 IS NOT NULL`,
    // ?16 session ids (JSON), ?17 user ids (JSON)
    // A cross join keeps its order: first what was given, then what has it for a key.
    sessionsByKeys: `SELECT ${ACCOUNT_COLUMNS}, ${LOGIN_SESSION_COLUMNS} FROM (
        SELECT value AS id FROM json_each(?16)
        UNION SELECT o.id FROM json_each(?17) k
          CROSS JOIN login_session o ON o.tenant_id = ${tenant} AND o.user_id = k.value
      ) wanted CROSS JOIN login_session ls ON ls.tenant_id = ${tenant} AND ls.id = wanted.id ${SESSION_OWNER}`,
    // ?16 limit, ?17 offset
    sessionsUp: `SELECT ${ACCOUNT_COLUMNS}, ${LOGIN_SESSION_COLUMNS} FROM login_session ls ${SESSION_OWNER}
      WHERE ls.tenant_id = ${tenant} ORDER BY ls.created_at, ls.id LIMIT ?16 OFFSET ?17`,
    sessionsDown: `SELECT ${ACCOUNT_COLUMNS}, ${LOGIN_SESSION_COLUMNS} FROM login_session ls ${SESSION_OWNER}
      WHERE ls.tenant_id = ${tenant} ORDER BY ls.created_at DESC, ls.id DESC LIMIT ?16 OFFSET ?17`,
    countSessions: `SELECT count(*) AS total FROM login_session ls WHERE ls.tenant_id = ${tenant} AND ?17 IS NOT NULL`,
  };
});
