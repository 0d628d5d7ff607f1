// The store's part in the audit's chain.
import type { Checkpoint } from '../core/audit-chain.ts';
import type { AuditStore, EventRecord, RecordPage } from '../core/audit-store.ts';
import type { Place } from '../core/place.ts';
import { ADMIN } from './sql-admin.ts';
import { AUDIT } from './sql-audit.ts';
import type { Run } from './statement.ts';

interface ChainRow {
  readonly id: number;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly sequence: number;
}

interface UnlinkedRow extends ChainRow {
  readonly mac: string;
  readonly previous: string | null;
}

interface UnsealedRow extends ChainRow {
  readonly link: string | null;
}

interface RecordRow extends ChainRow {
  readonly at: number;
  readonly type: string;
  readonly actor: string;
  readonly dialect: string;
  readonly activity_id: string;
  readonly facts: string;
  readonly mac: string;
  readonly link: string | null;
}

interface CheckpointRow {
  readonly tenant_id: string;
  readonly number: number;
  readonly at: number;
  readonly through: number;
  readonly heads: string;
  readonly root: string;
}

export function createAuditStore(run: Run): AuditStore {
  return {
    listUnlinked: async (place, atMost) => {
      const [listed] = await run(place, [{ sql: AUDIT.listUnlinked, values: [atMost] }]);
      return ((listed?.results ?? []) as UnlinkedRow[]).map((row) => ({
        ...readPosition(row),
        mac: row.mac,
        previous: row.previous,
      }));
    },

    linkEvents: async (place, links) => {
      const list = links.map(({ id, link, firstId }) => [id, link, firstId]);
      await run(place, [{ sql: AUDIT.linkEvents, values: [JSON.stringify(list)] }]);
    },

    listUnsealed: async (place, atMost, notSince) => {
      const values = [atMost, notSince];
      const [newest, events, checkpoints] = await run(place, [
        { sql: AUDIT.newestSeal, values: [] },
        { sql: AUDIT.listUnsealed, values },
        { sql: AUDIT.newestCheckpoints, values },
      ]);
      const sealed = newest?.results[0] as { through: number } | undefined;
      const rows = (events?.results ?? []) as UnsealedRow[];
      const known = (checkpoints?.results ?? []) as CheckpointRow[];
      return {
        events: rows.map((row) => ({ ...readPosition(row), link: row.link })),
        through: sealed?.through ?? 0,
        newest: new Map(
          known.map(({ tenant_id, number, root }) => [tenant_id, { number, root }] as const),
        ),
      };
    },

    addCheckpoints: async (place, checkpoints, through) => {
      const list = checkpoints.map((checkpoint) => [
        ...[checkpoint.tenantId, checkpoint.number, checkpoint.at, checkpoint.through],
        ...[checkpoint.heads, checkpoint.root],
      ]);
      const values = [JSON.stringify(list), through];
      const [added] = await run(place, [{ sql: AUDIT.addCheckpoints, values }]);
      return added?.meta.changes === checkpoints.length;
    },

    exportEvents: (place, tenantId, query) =>
      readPage(place, AUDIT.exportEvents, tenantId, query, readRecord, ({ id }) => id),

    listCheckpoints: (place, tenantId, query) =>
      readPage(
        place,
        AUDIT.listCheckpoints,
        tenantId,
        query,
        readCheckpoint,
        ({ number }) => number,
      ),
  };

  async function readPage<Row, Read>(
    place: Place,
    sql: string,
    tenantId: string,
    { after, limit }: { readonly after: number; readonly limit: number },
    read: (row: Row) => Read,
    cursorOf: (row: Row) => number,
  ): Promise<RecordPage<Read> | null> {
    const [tenant, listed] = await run(place, [
      { sql: ADMIN.readTenant, values: [tenantId] },
      { sql, values: [tenantId, after, limit + 1] },
    ]);
    if (tenant?.results.length === 0) return null;
    const rows = (listed?.results ?? []) as Row[];
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last !== undefined ? cursorOf(last) : null;
    return { rows: page.map(read), next };
  }
}

function readPosition({ id, tenant_id, user_id, sequence }: ChainRow) {
  return { id, tenantId: tenant_id, userId: user_id, sequence };
}

function readRecord(row: RecordRow): EventRecord {
  const { at, type, actor, dialect, activity_id: activityId, facts, mac, link } = row;
  return { ...readPosition(row), at, type, actor, dialect, activityId, facts, mac, link };
}

function readCheckpoint({ tenant_id: tenantId, ...row }: CheckpointRow): Checkpoint {
  return { tenantId, ...row };
}
