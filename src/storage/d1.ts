// The store on D1. Each method is one batch: one round trip, one transaction, one database, always the primary.
import type { EventDraft, Trace } from '../core/audit.ts';
import type { Place } from '../core/place.ts';
import type { Meter } from '../core/ports.ts';
import type { Opened, OpenRequest, Store, UserView } from '../core/store.ts';
import type { Attempt } from '../core/throttle.ts';
import { type Bound, planCommit, planOutcome } from './commit.ts';
import {
  type AccountRow,
  type CredentialRow,
  type EventRow,
  type OpenRow,
  type RefreshRow,
  readAccountRow,
  readChallengeColumns,
  readCodeColumns,
  readCredentialRow,
  readEventRow,
  readPrincipal,
  readRefreshColumns,
  readTenantRow,
} from './rows.ts';
import { ADMIN, LOAD_REFRESH, OPEN, RECORD } from './sql.ts';

/** A database by the place that it is. */
export type Databases = ReadonlyMap<Place, D1Database>;

export function createD1Store(databases: Databases, meter: Meter, trace: Trace): Store {
  const run = async (place: Place, statements: readonly Bound[]): Promise<D1Result[]> => {
    const database = databases.get(place);
    if (database === undefined) throw new Error('no such place');
    meter.trips += 1;
    return database.batch(
      statements.map(({ sql, values }) => database.prepare(sql).bind(...values)),
    );
  };
  const describe = (event: EventDraft, now: number) =>
    [
      now,
      event.type,
      JSON.stringify(event.actor),
      trace.dialect,
      trace.activityId,
      JSON.stringify(event.facts),
    ] as const;

  return {
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

    commit: async (commit) =>
      readOutcome((await run(commit.place, planCommit(commit, trace))).at(-1)),

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
        const values = [tenantId, userId ?? '', ...describe(event, now)];
        statements.push({ sql: RECORD.addRefusal, values });
      }
      if (statements.length > 0) await run(place, statements);
    },

    insertTenant: (tenant, event) =>
      insertUnlessTaken({ 'tenant_host.': 'host', 'tenant.': 'tenant' } as const, () => {
        const { id, name, clientId, clientCode, database, settings, now } = tenant;
        const values = [id, name, clientId, clientCode, database, JSON.stringify(settings), now];
        return run(tenant.place, [
          { sql: ADMIN.insertTenant, values },
          { sql: RECORD.addEventOfChange, values: [id, '', ...describe(event, now)] },
          ...tenant.hosts.map((host) => ({ sql: ADMIN.insertHost, values: [host, id] })),
        ]);
      }),

    insertKey: async ({ place, tenantId, id, keyHash, name, scopes, now }, event) => {
      const values = [keyHash, id, tenantId, name, scopes.join(' '), now];
      try {
        await run(place, [
          { sql: ADMIN.insertKey, values },
          { sql: RECORD.addEventOfChange, values: [tenantId, '', ...describe(event, now)] },
        ]);
        return 'inserted';
      } catch (error) {
        if (isConstraint(error, 'FOREIGN KEY')) return 'tenant-unknown';
        throw error;
      }
    },

    revokeKey: async (place, tenantId, keyId, now, event) => {
      const [revoked] = await run(place, [
        { sql: ADMIN.revokeKey, values: [tenantId, keyId, now] },
        { sql: RECORD.addEventOfChange, values: [tenantId, '', ...describe(event, now)] },
      ]);
      return revoked?.meta.changes === 1;
    },

    insertUser: ({ place, tenantId, account, loginNames, credential, event }) =>
      insertUnlessTaken({ 'account.': 'user', 'login_name.': 'login-name' } as const, () => {
        const { userId, username, email, phone, name, role, createdAt } = account;
        const { hash, mustChange, temporaryExpiresAt } = credential;
        return run(place, [
          {
            sql: ADMIN.insertAccount,
            values: [tenantId, userId, username, email, phone, name, role, createdAt],
          },
          {
            sql: ADMIN.insertCredential,
            values: [tenantId, userId, hash, mustChange ? 1 : 0, temporaryExpiresAt, createdAt],
          },
          {
            sql: RECORD.addEventOfChange,
            values: [tenantId, userId, ...describe(event, createdAt)],
          },
          ...loginNames.map((loginName) => ({
            sql: ADMIN.insertLoginName,
            values: [tenantId, loginName, userId],
          })),
        ]);
      }),

    readUser: async (place, tenantId, userId) => {
      const [result] = await run(place, [{ sql: ADMIN.readUser, values: [tenantId, userId] }]);
      const row = result?.results[0] as UserRow | undefined;
      return row === undefined ? null : readUserRow(row);
    },

    readThrottle: async (place, tenantId, subjects) => {
      const padded = [0, 1, 2, 3].map((i) => subjects[i] ?? null);
      const values = [tenantId, ...padded];
      const [result] = await run(place, [{ sql: ADMIN.readThrottle, values }]);
      const rows = (result?.results ?? []) as { failures: number; blocked_until: number }[];
      return {
        failures: Math.max(0, ...rows.map((row) => row.failures)),
        blockedUntil: Math.max(0, ...rows.map((row) => row.blocked_until)),
      };
    },

    listEvents: async (place, tenantId, { userId, after, limit }) => {
      const list: Bound =
        userId === null
          ? { sql: ADMIN.listTenantEvents, values: [tenantId, after, limit + 1] }
          : { sql: ADMIN.listUserEvents, values: [tenantId, userId, after, limit + 1] };
      const results = await run(place, [{ sql: ADMIN.readTenant, values: [tenantId] }, list]);
      if (results[0]?.results.length === 0) return null;
      const rows = (results[1]?.results ?? []) as EventRow[];
      const page = rows.slice(0, limit);
      const next = rows.length > limit ? (page.at(-1)?.cursor ?? null) : null;
      return { events: page.map(readEventRow), next };
    },
  };
}

function planOpen(request: OpenRequest): { statements: Bound[]; reserveAt: number | null } {
  const { caller, target, attempt, session, code } = request;
  const sql = OPEN[caller.kind];
  const values = callerValues(request);
  const loginName = target !== undefined && 'loginName' in target ? target.loginName : null;
  const statements: Bound[] = [];
  if (session !== undefined) {
    statements.push({
      sql: sql.countChallengeMiss,
      values: [...values, session.hash, session.maxTries],
    });
  }
  if (code !== undefined) {
    statements.push({
      sql: sql.countCodeMiss,
      values: [...values, code.purpose, code.mac, code.maxTries],
    });
  }
  const reserveAt = attempt === undefined ? null : statements.length;
  if (attempt !== undefined) {
    const { limit, firstWait, longestWait } = attempt.rule;
    statements.push({
      sql: sql.reserveAttempt,
      values: [...values, attempt.subject, limit, firstWait, longestWait],
    });
  }
  statements.push({
    sql: sql.load,
    values: [
      ...values,
      loginName,
      attempt?.subject ?? null,
      session?.hash ?? null,
      code?.purpose ?? null,
      code?.mac ?? null,
      code?.maxTries ?? null,
    ],
  });
  return { statements, reserveAt };
}

/** ?1 to ?13 of every statement that proves its caller. */
function callerValues(request: OpenRequest): (string | number | null)[] {
  const { caller, now, target } = request;
  const tenancy = 'tenancy' in caller ? caller.tenancy : null;
  const isToken = caller.kind === 'token';
  return [
    caller.kind === 'key' ? caller.keyHash : 'tenantId' in caller ? caller.tenantId : null,
    tenancy?.clientId ?? null,
    tenancy?.clientCode ?? null,
    tenancy?.database ?? null,
    'organisationId' in caller ? caller.organisationId : null,
    isToken ? caller.userId : caller.kind === 'key' ? caller.scope : null,
    isToken ? caller.familyId : null,
    isToken ? caller.version : null,
    'host' in caller ? caller.host : null,
    now,
    target !== undefined && 'userId' in target ? target.userId : null,
    request.actors === 'self-or-admin' ? 1 : 0,
    request.repeatSince ?? null,
  ];
}

function readOpened(row: OpenRow, request: OpenRequest, reservation: D1Result | undefined): Opened {
  const reserved = reservation?.results[0] as { reserved: number } | undefined;
  const attempt: Attempt | null =
    reservation === undefined
      ? null
      : reserved === undefined
        ? { kind: 'blocked', until: row.blocked_until ?? request.now }
        : { kind: 'granted', serial: reserved.reserved };
  return {
    place: request.caller.place,
    tenant: readTenantRow(row),
    principal: readPrincipal(row, request.caller.kind),
    account: readAccountRow(row),
    credential: readCredentialRow(row),
    attempt,
    challenge: readChallengeColumns(row),
    code: readCodeColumns(row),
    codeOutstandingUntil: row.code_outstanding_until,
  };
}

function readOutcome(result: D1Result | undefined) {
  const row = result?.results[0] as { sequence: number } | undefined;
  return row === undefined
    ? ({ won: false } as const)
    : ({ won: true, sequence: row.sequence } as const);
}

type UserRow = AccountRow & CredentialRow & { readonly sequence: number | null };

function readUserRow(row: UserRow): UserView | null {
  const account = readAccountRow(row);
  const credential = readCredentialRow(row);
  if (account === null || credential === null) return null;
  return { account, credential, sequence: row.sequence ?? 0 };
}

/** Runs an insert; a key that is taken is an answer, by the table that the constraint names. */
async function insertUnlessTaken<Taken extends string>(
  tables: Readonly<Record<string, Taken>>,
  insert: () => Promise<unknown>,
): Promise<'inserted' | Taken> {
  try {
    await insert();
    return 'inserted';
  } catch (error) {
    for (const [table, taken] of Object.entries(tables)) {
      if (isConstraint(error, `UNIQUE constraint failed: ${table}`)) return taken;
    }
    throw error;
  }
}

function isConstraint(error: unknown, text: string): boolean {
  return error instanceof Error && error.message.includes(text);
}
