// The audit's chain: links of events that have none yet, checkpoints, and all that a verification reads.

/** What no checkpoint of the place covers, unless the newest one is younger: ?1 at most, ?2 not since. */
const UNSEALED = `FROM event WHERE id > coalesce((SELECT max(through) FROM checkpoint), 0)
    AND NOT EXISTS (SELECT 1 FROM checkpoint n WHERE n.through = (SELECT max(through) FROM checkpoint) AND n.at > ?2)
  ORDER BY id LIMIT ?1`;

export const AUDIT = {
  // ?1 at most
  listUnlinked: `SELECT e.id, e.tenant_id, e.user_id, e.sequence, e.mac,
      (SELECT p.link FROM event p WHERE p.tenant_id = e.tenant_id AND p.user_id = e.user_id
        AND p.sequence = e.sequence - 1) AS previous
    FROM event e INDEXED BY event_unlinked WHERE e.link IS NULL AND e.id > 0 ORDER BY e.id LIMIT ?1`,
  // ?1 links (JSON). Of a user all or none: another run that was first has gone on from a link of its own.
  linkEvents: `UPDATE event SET link = wanted.link
    FROM (SELECT w.value ->> 0 AS id, w.value ->> 1 AS link, w.value ->> 2 AS first_id FROM json_each(?1) w) wanted
    WHERE event.id = wanted.id AND event.link IS NULL
      AND EXISTS (SELECT 1 FROM event f WHERE f.id = wanted.first_id AND f.link IS NULL)`,
  newestSeal: 'SELECT coalesce(max(through), 0) AS through FROM checkpoint',
  listUnsealed: `SELECT id, tenant_id, user_id, sequence, link ${UNSEALED}`,
  // The newest checkpoint of each of their tenants. A cross join keeps its order.
  newestCheckpoints: `SELECT c.tenant_id, c.number, c.root
    FROM (SELECT DISTINCT tenant_id FROM (SELECT tenant_id ${UNSEALED}) wanted) wanted
    CROSS JOIN checkpoint c ON c.tenant_id = wanted.tenant_id
      AND c.number = (SELECT max(m.number) FROM checkpoint m WHERE m.tenant_id = wanted.tenant_id AND m.number > 0)`,
  // ?1 checkpoints (JSON), ?2 what was covered when they were made
  addCheckpoints: `INSERT INTO checkpoint (tenant_id, number, at, through, heads, root)
    SELECT w.value ->> 0, w.value ->> 1, w.value ->> 2, w.value ->> 3, w.value ->> 4, w.value ->> 5 FROM json_each(?1) w
    WHERE ?2 = coalesce((SELECT max(through) FROM checkpoint), 0)`,
  // ?1 tenant, ?2 after, ?3 at most
  exportEvents: `SELECT id, tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac, link
    FROM event WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3`,
  listCheckpoints: `SELECT tenant_id, number, at, through, heads, root FROM checkpoint
    WHERE tenant_id = ?1 AND number > ?2 ORDER BY number LIMIT ?3`,
} as const;
