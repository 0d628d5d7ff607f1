// The operator's part of the store: tenants, keys, users, the audit.
import type { EventDraft, Trace } from '../core/audit.ts';
import type { Place } from '../core/place.ts';
import type { Store } from '../core/store.ts';
import type { BeginEvents } from './event.ts';
import { isConstraint, markEvents, runMarked } from './failed-batch.ts';
import { type EventRow, readEventRow, readUserRow, type UserRow } from './rows.ts';
import { ADMIN } from './sql-admin.ts';
import { RECORD } from './sql-commit.ts';
import type { Bound, Run } from './statement.ts';
import { describeMessage } from './writes.ts';

type AdminStore = Pick<
  Store,
  | 'insertTenant'
  | 'updateSettings'
  | 'insertKey'
  | 'revokeKey'
  | 'insertUser'
  | 'readUser'
  | 'readThrottle'
  | 'listEvents'
>;

export function createAdminStore(
  run: Run,
  beginEvents: BeginEvents,
  { activityId }: Trace,
): AdminStore {
  /** Of the statement right before it. When it is not the first one, the scheduled run links it. */
  const addEvent = async (
    tenantId: string,
    userId: string,
    event: EventDraft,
    now: number,
  ): Promise<Bound> => {
    const describe = beginEvents({ tenantId, userId, sequence: 0, link: '' });
    const values = await describe({ tenantId, userId }, event, now);
    return { sql: RECORD.addEventOfChange, values: [tenantId, userId, ...values] };
  };
  /** When its answer is lost, the event tells whether it happened. */
  const runTold = (
    place: Place,
    about: { readonly tenantId: string; readonly userId: string },
    { type }: EventDraft,
    statements: readonly Bound[],
  ) => runMarked(run, place, statements, markEvents(about, activityId, [type]));
  return {
    insertTenant: (tenant, event) =>
      insertUnlessTaken({ 'tenant_host.': 'host', 'tenant.': 'tenant' } as const, async () => {
        const { id, name, clientId, clientCode, database, settings, now } = tenant;
        const values = [id, name, clientId, clientCode, database, JSON.stringify(settings), now];
        return runTold(tenant.place, { tenantId: id, userId: '' }, event, [
          { sql: ADMIN.insertTenant, values },
          await addEvent(id, '', event, now),
          ...tenant.hosts.map((host) => ({ sql: ADMIN.insertHost, values: [host, id] })),
        ]);
      }),

    updateSettings: async ({ place, tenant, settings, now }, event) => {
      const { id } = tenant;
      const values = [id, JSON.stringify(tenant.settings), JSON.stringify(settings)];
      const results = await runTold(place, { tenantId: id, userId: '' }, event, [
        { sql: ADMIN.updateSettings, values },
        await addEvent(id, '', event, now),
      ]);
      return isTold(results);
    },

    insertKey: async ({ place, tenantId, id, keyHash, name, scopes, now }, event) => {
      const values = [keyHash, id, tenantId, name, scopes.join(' '), now];
      try {
        await runTold(place, { tenantId, userId: '' }, event, [
          { sql: ADMIN.insertKey, values },
          await addEvent(tenantId, '', event, now),
        ]);
        return 'inserted';
      } catch (error) {
        if (isConstraint(error, 'FOREIGN KEY')) return 'tenant-unknown';
        throw error;
      }
    },

    revokeKey: async (place, tenantId, keyId, now, event) => {
      const results = await runTold(place, { tenantId, userId: '' }, event, [
        { sql: ADMIN.revokeKey, values: [tenantId, keyId, now] },
        await addEvent(tenantId, '', event, now),
      ]);
      return isTold(results);
    },

    insertUser: async ({ place, tenantId, account, loginNames, credential, event, messages }) => {
      const { userId, username, email, phone, name, profile, role, createdAt } = account;
      const { hash, mustChange, temporaryExpiresAt, operationId } = credential;
      const user = [tenantId, userId] as const;
      const person = [username, email, phone, name, JSON.stringify(profile)] as const;
      const secret = [hash, mustChange ? 1 : 0, temporaryExpiresAt] as const;
      let results: D1Result[] = [];
      const taken = await insertUnlessTaken(
        { 'account.': 'user', 'login_name.': 'login-name' } as const,
        async () => {
          results = await runTold(place, { tenantId, userId }, event, [
            { sql: ADMIN.insertAccount, values: [...user, ...person, role, createdAt] },
            { sql: ADMIN.insertCredential, values: [...user, ...secret, createdAt, operationId] },
            await addEvent(tenantId, userId, event, createdAt),
            ...loginNames.map((loginName) => ({
              sql: ADMIN.insertLoginName,
              values: [tenantId, loginName, userId],
            })),
            ...messages.map((message) => ({
              sql: RECORD.addMessage,
              values: [...user, null, null, ...describeMessage(message, createdAt)],
            })),
            { sql: ADMIN.readSequence, values: user },
          ]);
        },
      );
      if (taken !== 'inserted') return { taken };
      const [row] = (results.at(-1)?.results ?? []) as { sequence: number }[];
      return { sequence: row?.sequence ?? 0 };
    },

    readUser: async (place, tenantId, userId) => {
      const [result] = await run(place, [{ sql: ADMIN.readUser, values: [tenantId, userId] }]);
      const row = result?.results[0] as (UserRow & { max_age: number | null }) | undefined;
      const user = row === undefined ? null : readUserRow(row);
      return user === null ? null : { ...user, maxAge: row?.max_age ?? undefined };
    },

    readThrottle: async (place, tenantId, userId, subjects) => {
      const padded = [0, 1, 2, 3].map((i) => subjects[i] ?? null);
      const values = [tenantId, ...padded];
      const [result, strangers] = await run(place, [
        { sql: ADMIN.readThrottle, values },
        { sql: ADMIN.readStrangers, values: [tenantId, userId] },
      ]);
      const rows = (result?.results ?? []) as { failures: number; blocked_until: number }[];
      const [lane] = (strangers?.results ?? []) as { failures: number }[];
      return {
        failures: Math.max(0, ...rows.map((row) => row.failures)),
        blockedUntil: Math.max(0, ...rows.map((row) => row.blocked_until)),
        guesses: lane?.failures ?? 0,
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

/** Whether the event that the batch ends with was written: it is of the statement before it. */
function isTold(results: readonly D1Result[]): boolean {
  return results.at(-1)?.results.length === 1;
}
