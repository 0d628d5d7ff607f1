// The store on D1. Each method is one batch: one round trip, one transaction, one database, always the primary.
import type { Trace } from '../core/audit.ts';
import type { EventSeals } from '../core/audit-chain.ts';
import type { Committed } from '../core/commit.ts';
import type { Place } from '../core/place.ts';
import type { Meter } from '../core/ports.ts';
import type { OpenRequest, Store } from '../core/store.ts';
import type { Tenant } from '../core/tenant.ts';
import { createAdminStore } from './admin.ts';
import { createAuditStore } from './audit.ts';
import { createCleanUp } from './clean-up.ts';
import { markCommit, planCommit, planErasure, planGiveBack } from './commit.ts';
import { createDirectory } from './directory.ts';
import { type ChainHead, createBeginEvents } from './event.ts';
import { isConstraint, markEvents, runMarked } from './failed-batch.ts';
import {
  callerValues,
  planAdmission,
  planOpen,
  readAllowance,
  readHead,
  readOpened,
} from './open.ts';
import { createOutbox } from './outbox.ts';
import { createRewrap } from './rewrap.ts';
import { type OpenRow, type RefreshRow, readRefreshColumns, readTenantRow } from './rows.ts';
import { RECORD } from './sql-commit.ts';
import { LOAD_REFRESH } from './sql-open.ts';
import type { Bound, Run } from './statement.ts';
import { describeMessage } from './writes.ts';

/** A database by the place that it is. */
export type Databases = ReadonlyMap<Place, D1Database>;

export function createD1Store(
  databases: Databases,
  meter: Meter,
  trace: Trace,
  seals: EventSeals,
): Store {
  const beginEvents = createBeginEvents(trace, seals);
  /** Of the user that was opened. Good for one batch: after that it is another one. */
  let head: ChainHead | null = null;
  const describeNext = () => {
    const describe = beginEvents(head);
    head = null;
    return describe;
  };
  const run: Run = async (place, statements) => {
    const database = databases.get(place);
    if (database === undefined) throw new Error('no such place');
    meter.trips += 1;
    return database.batch(
      statements.map(({ sql, values }) => database.prepare(sql).bind(...values)),
    );
  };
  /** A bucket that is asked is told in the meter, whoever the caller turns out to be. */
  const runAdmitted = async (request: OpenRequest, statements: readonly Bound[]) => {
    const { place } = request.caller;
    const admission = planAdmission(request, trace.activityId);
    if (admission === null) return run(place, statements);
    const [admitted, ...results] = await run(place, [admission.statement, ...statements]);
    const row = admitted?.results[0] as { paced_at: number; admitted: string | null } | undefined;
    if (row !== undefined) {
      const { paced_at: fullAt, admitted: by } = row;
      meter.allowance = readAllowance(admission.pace, fullAt, by !== null, request.now);
    }
    return results;
  };
  /** Which tenant it is, is told in the meter, too. */
  const tell = <Seen extends { readonly tenant: Tenant }>(seen: Seen | null): Seen | null => {
    if (seen !== null) meter.tenantId = seen.tenant.id;
    return seen;
  };
  const directory = createDirectory(run, trace);
  return {
    ...createAdminStore(run, beginEvents, trace),
    ...createAuditStore(run),
    ...createOutbox(run),
    ...createCleanUp(run),
    ...createRewrap(run),

    open: async (request) => {
      const place = request.caller.place;
      if (!databases.has(place)) return null;
      const planned = planOpen(request, trace.activityId);
      const results = await runAdmitted(request, planned.statements);
      const row = results.at(-1)?.results[0] as OpenRow | undefined;
      if (row === undefined) return null;
      head = readHead(row);
      return tell(readOpened(row, request, planned, results));
    },

    openRefresh: async (caller, now, tokenHash, successorHashes) => {
      if (!databases.has(caller.place)) return null;
      const request = { caller, now };
      const successors = JSON.stringify(successorHashes);
      const values = [...callerValues(request, trace.activityId), tokenHash, successors];
      const sql = LOAD_REFRESH[caller.kind];
      const results = await runAdmitted(request, [{ sql, values }]);
      const row = results[0]?.results[0] as RefreshRow | undefined;
      if (row === undefined) return null;
      return tell({
        place: caller.place,
        tenant: readTenantRow(row),
        token: readRefreshColumns(row),
      });
    },

    findUsers: async (...asked) => tell(await directory.findUsers(...asked)),
    findLoginSessions: async (...asked) => tell(await directory.findLoginSessions(...asked)),

    commit: async (commit) => {
      const statements = await planCommit(commit, describeNext());
      const mark = markCommit(commit, trace.activityId);
      try {
        return readOutcome((await runMarked(run, commit.place, statements, mark)).at(-1));
      } catch (error) {
        if (isConstraint(error, 'UNIQUE constraint failed: login_name.')) {
          return { won: false, because: 'taken' };
        }
        throw error;
      }
    },

    eraseUser: async (commit, loginNames, event) => {
      const statements = await planErasure(commit, loginNames, event, describeNext());
      const mark = markEvents(commit, trace.activityId, [event.type]);
      return readOutcome((await runMarked(run, commit.place, statements, mark)).at(-1));
    },

    recordRefusal: async ({ place, tenantId, userId, now, events, messages, giveBack }) => {
      const statements: Bound[] = [];
      if (giveBack !== null) {
        statements.push(...planGiveBack(tenantId, userId, giveBack, now));
      }
      const describe = describeNext();
      for (const event of events) {
        // No account has an empty id: an unknown user costs the same statement and leaves no row.
        const about = { tenantId, userId: userId ?? '' };
        const values = [tenantId, about.userId, ...(await describe(about, event, now))];
        statements.push({ sql: RECORD.addRefusal, values });
      }
      for (const message of messages) {
        const values = [tenantId, userId ?? '', null, null, ...describeMessage(message, now)];
        statements.push({ sql: RECORD.addMessage, values });
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
