// What is sealed by a pepper: read in the order of its key, and replaced where it is still as it was read.

interface SealedStatements {
  /** ?1 ?2 ?3 key of the row before, as far as the table has one, ?4 at most. */
  readonly list: string;
  /** ?1 rows (JSON): key, text as it was read, text that it shall be. */
  readonly replace: string;
}

const CREDENTIAL: SealedStatements = {
  list: `SELECT json_array(tenant_id, user_id) AS key, hash AS sealed FROM credential
    WHERE (tenant_id, user_id) > (?1, ?2) ORDER BY tenant_id, user_id LIMIT ?4`,
  replace: `UPDATE credential SET hash = j.value ->> 3
    FROM json_each(?1) j WHERE tenant_id = j.value ->> 0 AND user_id = j.value ->> 1 AND hash = j.value ->> 2`,
};

const PASSWORD_HISTORY: SealedStatements = {
  list: `SELECT json_array(tenant_id, user_id, CAST(version AS TEXT)) AS key, hash AS sealed FROM password_history
    WHERE (tenant_id, user_id, version) > (?1, ?2, CAST(?3 AS INTEGER)) ORDER BY tenant_id, user_id, version LIMIT ?4`,
  replace: `UPDATE password_history SET hash = j.value ->> 4
    FROM json_each(?1) j WHERE tenant_id = j.value ->> 0 AND user_id = j.value ->> 1
      AND version = CAST(j.value ->> 2 AS INTEGER) AND hash = j.value ->> 3`,
};

const OUTBOX: SealedStatements = {
  list: `SELECT json_array(tenant_id, user_id, id) AS key, payload AS sealed FROM outbox
    WHERE (tenant_id, user_id, id) > (?1, ?2, ?3) ORDER BY tenant_id, user_id, id LIMIT ?4`,
  replace: `UPDATE outbox SET payload = j.value ->> 4
    FROM json_each(?1) j WHERE tenant_id = j.value ->> 0 AND user_id = j.value ->> 1 AND outbox.id = j.value ->> 2
      AND payload = j.value ->> 3`,
};

const TENANT: SealedStatements = {
  list: `SELECT json_array(id) AS key, settings AS sealed FROM tenant WHERE id > ?1 ORDER BY id LIMIT ?4`,
  replace: `UPDATE tenant SET settings = j.value ->> 2
    FROM json_each(?1) j WHERE tenant.id = j.value ->> 0 AND settings = j.value ->> 1`,
};

export const REWRAP = {
  credential: CREDENTIAL,
  password_history: PASSWORD_HISTORY,
  outbox: OUTBOX,
  tenant: TENANT,
} as const;
