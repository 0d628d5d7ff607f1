// The store on D1. Each method is one batch: one round trip, one transaction, one database, always the primary.
import type { Trace } from '../core/audit.ts';
import type { Committed } from '../core/commit.ts';
import type { Place } from '../core/place.ts';
import type { Meter } from '../core/ports.ts';
import type { Store } from '../core/store.ts';
import { createAdminStore, isConstraint } from './admin.ts';
import { describeEvent, planCommit, planErasure, planOutcome } from './commit.ts';
import { createDirectory } from './directory.ts';
import { callerValues, planOpen, readOpened } from './open.ts';
import { createOutbox } from './outbox.ts';
import { type OpenRow, type RefreshRow, readRefreshColumns, readTenantRow } from './rows.ts';
import { RECORD } from './sql-commit.ts';
import { LOAD_REFRESH } from './sql-open.ts';
import type { Bound, Run } from './statement.ts';

/** A database by the place that it is. */
export type Databases = ReadonlyMap<Place, D1Database>;

export function createD1Store(databases: Databases, meter: Meter, trace: Trace): Store {
  const run: Run = async (place, statements) => {
    const database = databases.get(place);
    if (database === undefined) throw new Error('no such place');
    meter.trips += 1;
    return database.batch(
      statements.map(({ sql, values }) => database.prepare(sql).bind(...values)),
    );
  };
  return {
    ...createAdminStore(run, trace),
    ...createDirectory(run),
    ...createOutbox(run),

    open: async (request) => {
      const place = request.caller.place;
      if (!databases.has(place)) return null;
      const { statements, reserveAt } = planOpen(request);
      const results = await run(place, statements);
      const row = results.at(-1)?.results[0] as OpenRow | undefined;
      if (row === undefined) return null;
      return readOpened(row, request, reserveAt === null ? undefined : results[reserveAt]);
    },

    openRefresh: async (caller, tokenHash, successorHash) => {
      if (!databases.has(caller.place)) return null;
      const values = [...callerValues({ caller, now: 0 }), tokenHash, successorHash];
      const results = await run(caller.place, [{ sql: LOAD_REFRESH[caller.kind], values }]);
      const row = results[0]?.results[0] as RefreshRow | undefined;
      if (row === undefined) return null;
      return {
        place: caller.place,
        tenant: readTenantRow(row),
        token: readRefreshColumns(row),
      };
    },

    commit: async (commit) => {
      try {
        return readOutcome((await run(commit.place, planCommit(commit, trace))).at(-1));
      } catch (error) {
        if (isConstraint(error, 'UNIQUE constraint failed: login_name.')) {
          return { won: false, because: 'taken' };
        }
        throw error;
      }
    },

    eraseUser: async (commit, loginNames, event) => {
      const statements = planErasure(commit, loginNames, event, trace);
      return readOutcome((await run(commit.place, statements)).at(-1));
    },

    findOperation: async (commit) =>
      readOutcome((await run(commit.place, [planOutcome(commit)])).at(-1)),

    recordRefusal: async ({ place, tenantId, userId, now, event, giveBack }) => {
      const statements: Bound[] = [];
      if (giveBack !== null) {
        const values = [tenantId, giveBack.subject, giveBack.rule.limit, now];
        statements.push({ sql: RECORD.giveBackAttempt, values });
      }
      if (event !== null) {
        // No account has an empty id: an unknown user costs the same statement and leaves no row.
        const values = [tenantId, userId ?? '', ...describeEvent(event, now, trace)];
        statements.push({ sql: RECORD.addRefusal, values });
      }
      if (statements.length > 0) await run(place, statements);
    },
  };
}

function readOutcome(result: D1Result | undefined): Committed {
  const row = result?.results[0] as
    | { sequence: number; session_sequence?: number | null }
    | undefined;
  if (row === undefined) return { won: false, because: 'outpaced' };
  return { won: true, sequence: row.sequence, sessionSequence: row.session_sequence ?? null };
}
