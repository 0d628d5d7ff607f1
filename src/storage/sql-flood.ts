// Two buckets of what strangers may ask for: the source's, then the tenant's. Each is told by the time at which it is full
// again, as the buckets of keys are.
import { mapCallers } from './sql-callers.ts';

export interface FloodStatements {
  readonly takeFromSource: string;
  readonly takeFromTenant: string;
}

/** Never further away than an empty bucket takes to fill: another isolate's clock may run ahead. */
const FULL_AT = 'min(max(full_at, ?10), ?10 + ?18)';
const TAKE = `ON CONFLICT (tenant_id, source) DO UPDATE SET
      full_at = ${FULL_AT} + iif(${FULL_AT} - ?10 <= ?18 - ?17, ?17, 0),
      admitted = iif(${FULL_AT} - ?10 <= ?18 - ?17, ?19, NULL)
    RETURNING source, full_at, admitted`;

/** ?16 source, ?17 how long one request takes to fill, ?18 the whole bucket, ?19 the request */
export const FLOOD = mapCallers(({ from, where }): FloodStatements => {
  const USER = `coalesce(?11, (SELECT n.user_id FROM login_name n WHERE n.tenant_id = t.id AND n.name = ?20))`;
  return {
    // ?20 login name, ?21 since when a sign-in makes the source known: then nothing is taken
    takeFromSource: `INSERT INTO flood (tenant_id, source, full_at, admitted)
      SELECT t.id, ?16, ?10 + ?17, ?19 FROM ${from} WHERE ${where} AND NOT EXISTS (SELECT 1 FROM lane ln
        WHERE ln.tenant_id = t.id AND ln.user_id = ${USER} AND ln.source = ?16 AND ln.signed_in_at > ?21)
      ${TAKE}`,
    takeFromTenant: `INSERT INTO flood (tenant_id, source, full_at, admitted)
      SELECT t.id, '', ?10 + ?17, ?19 FROM ${from} WHERE ${where} AND EXISTS (SELECT 1 FROM flood s
        WHERE s.tenant_id = t.id AND s.source = ?16 AND s.admitted = ?19)
      ${TAKE}`,
  };
});

/** Of a guess that was none. ?1 tenant, ?2 source, ?3 how long one request takes to fill */
export const PUT_BACK =
  'UPDATE flood SET full_at = full_at - ?3 WHERE tenant_id = ?1 AND source = ?2';
