// Fills a stopped Rekey's database file with users, and with a row for each of what every user has for long.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Far ahead: what is laid in never ends while it is measured. */
const EXPIRES_AT = 4_000_000_000_000;
const CREATED_AT = 1_700_000_000_000;
const NAMES = 1_000_000;
const DIGITS = 6;

/**
 * Of a row i of n. Six digits spread evenly, so that users named user-0, user-1 and so on have their places all over the
 * table; and for what is found by a hash, four characters spread over base64url in its order of bytes, and padding.
 */
const ID = `printf('user-%0${DIGITS}d-more', i * (${NAMES} / :rows))`;
const ALPHABET = `'-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'`;
const STEP = 'i * (16777216 / :rows)';
const HASH = `${[18, 12, 6, 0]
  .map((shift) => `substr(${ALPHABET}, 1 + (((${STEP}) >> ${shift}) & 63), 1)`)
  .join(' || ')} || '${'x'.repeat(39)}'`;

/** By table, the columns and what they hold of row i: as long as the real ones. */
const ROWS: Readonly<Record<string, string>> = {
  account: `(tenant_id, user_id, username, email, phone, name, profile, role, created_at, updated_at)
    SELECT :tenant, ${ID}, ${ID}, ${ID} || '@mail.example', NULL, NULL, '{}', 'user', ${CREATED_AT}, ${CREATED_AT}`,
  login_name: `(tenant_id, name, user_id) SELECT :tenant, ${ID}, ${ID}`,
  credential: `(tenant_id, user_id, version, hash, must_change, reset_required, changed_at, operation_id)
    SELECT :tenant, ${ID}, 1, '$pbkdf2c-sha256$i=600000,c=100000,k=1$${'x'.repeat(103)}', 0, 0, ${CREATED_AT}, '${'x'.repeat(22)}'`,
  family: `(tenant_id, id, user_id, version, created_at, expires_at)
    SELECT :tenant, '${'x'.repeat(22)}', ${ID}, 1, ${CREATED_AT}, ${EXPIRES_AT}`,
  refresh_token: `(token_hash, tenant_id, user_id, family_id, mac_key, created_at)
    SELECT ${HASH}, :tenant, ${ID}, '${'x'.repeat(22)}', '1', ${CREATED_AT}`,
  throttle: `(tenant_id, subject, reserved, cleared, blocked_until, updated_at)
    SELECT :tenant, ${HASH}, 1, 1, 0, ${CREATED_AT}`,
  lane: `(tenant_id, user_id, source, failures) SELECT :tenant, ${ID}, '', 0`,
  event: `(tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac, link)
    SELECT :tenant, ${ID}, 1, ${CREATED_AT}, 'signed-in', '{"kind":"user","userId":"x"}', 'vba', '${'x'.repeat(36)}', '{}',
      'id.${'x'.repeat(43)}', 'id.${'x'.repeat(43)}'`,
};

/** As many as are laid in; at most a million. */
export const FILLED_TABLES = Object.keys(ROWS);

/** The id of user `index` of those that were laid in. */
export function nameFilled(rows: number, index: number): string {
  const number = index * Math.floor(NAMES / rows);
  return `user-${String(number).padStart(DIGITS, '0')}-more`;
}

export function fillDatabase(folder: string, tenantId: string, rows: number): void {
  const database = new DatabaseSync(findDatabase(folder), { enableForeignKeyConstraints: false });
  try {
    // Nothing is lost with the file, and nobody else has it open.
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA temp_store = MEMORY; PRAGMA cache_size = -262144; BEGIN`);
    for (const [table, values] of Object.entries(ROWS)) {
      // Rows come in the order of the key; an index is made faster of what is there.
      const indexes = listIndexes(database, table);
      for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
      database
        .prepare(`WITH RECURSIVE counted (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM counted LIMIT :rows)
          INSERT INTO ${table} ${values} FROM counted`)
        .run({ rows, tenant: tenantId });
      for (const { sql } of indexes) database.exec(sql);
    }
    database.exec('COMMIT');
  } finally {
    database.close();
  }
}

/** What the rows of each user take, with their indexes, and what an event alone does. Of a file that was filled. */
export function measureBytes(folder: string, rows: number): { user: number; event: number } {
  const database = new DatabaseSync(findDatabase(folder), { readOnly: true });
  const sum = (where: string) => {
    const row = database
      .prepare(`SELECT sum(s.pgsize) AS bytes FROM dbstat s JOIN sqlite_schema m ON m.name = s.name
        WHERE ${where}`)
      .get() as { readonly bytes: number };
    return row.bytes / rows;
  };
  try {
    return { user: sum('TRUE'), event: sum("m.tbl_name = 'event'") };
  } finally {
    database.close();
  }
}

/** Those of schema.sql: what a UNIQUE made by itself has no text. */
function listIndexes(database: DatabaseSync, table: string) {
  return database
    .prepare(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`,
    )
    .all(table) as unknown as readonly { readonly name: string; readonly sql: string }[];
}

/** Miniflare names it by a hash, and keeps files of its own beside it. */
function findDatabase(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => join(folder, name));
  const found = files.find((path) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'account'`).get();
    database.close();
    return row !== undefined;
  });
  if (found === undefined) throw new Error(`no database of Rekey in ${folder}`);
  return found;
}
