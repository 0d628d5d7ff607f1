// All that a tenant has in a database, as text: equal before and after means that nothing of it was touched.
import * as t from './tenant.ts';

/** The tables whose rows belong to a tenant. */
export const TENANT_TABLES = [
  'account',
  'login_name',
  'credential',
  'password_history',
  'challenge',
  'code',
  'outbox',
  'family',
  'refresh_token',
  'throttle',
  'lane',
  'flood',
  'login_session',
  'event',
  'checkpoint',
  'api_key',
] as const;

/** Of a key not its bucket: from that every request takes, whatever else it does. */
export function listColumns(table: string): string {
  return table === 'api_key' ? 'key_hash, id, tenant_id, name, scopes, revoked_at' : '*';
}

export async function dumpTenant(tenant: t.TestTenant): Promise<string> {
  const database = t.databaseOf(tenant);
  const results = await database.batch(
    TENANT_TABLES.map((table) =>
      database
        .prepare(`SELECT ${listColumns(table)} FROM ${table} WHERE tenant_id = ? ORDER BY 1, 2, 3`)
        .bind(tenant.orgId),
    ),
  );
  return results
    .map(({ results: rows }, index) => `${TENANT_TABLES[index]}: ${JSON.stringify(rows)}`)
    .join('\n');
}
