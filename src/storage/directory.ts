// The store's lookups: users and login sessions, by key or page by page.
import type { Trace } from '../core/audit.ts';
import type { LoginSessionView, Looked, Selection, Store, UserView } from '../core/store.ts';
import { callerValues, planOpen } from './open.ts';
import {
  type AccountRow,
  type CallerRow,
  type LoginSessionRow,
  readAccountRow,
  readLoginSessionColumns,
  readPrincipal,
  readTenantRow,
  readUserRow,
  type UserRow,
} from './rows.ts';
import { DIRECTORY } from './sql-directory.ts';
import type { Run } from './statement.ts';

type Directory = Pick<Store, 'findUsers' | 'findLoginSessions'>;
type Caller = Parameters<Store['findUsers']>[0];

/** The statements of one kind of row. */
interface Lookup<Key extends string> {
  readonly byKeys: string;
  readonly up: string;
  readonly down: string;
  readonly count: string;
  /** In the order of the statement's parameters. */
  readonly keys: readonly Key[];
}

export function createDirectory(run: Run, { activityId }: Trace): Directory {
  const look = async <Key extends string, Row, Seen>(
    caller: Caller,
    now: number,
    selection: Selection<Key>,
    lookup: Lookup<Key>,
    read: (row: Row) => Seen | null,
  ): Promise<Looked<Seen> | null> => {
    const values = callerValues({ caller, now }, activityId);
    // No user, login name, proof or session: only the caller and its tenant.
    const { statements: opened } = planOpen({ caller, now }, activityId);
    const results = await run(caller.place, [...opened, ...planLookup(values, selection, lookup)]);
    const row = results[0]?.results[0] as CallerRow | undefined;
    if (row === undefined) return null;
    const rows = ((results[1]?.results ?? []) as Row[]).flatMap((found) => read(found) ?? []);
    const counted = results[2]?.results[0] as { total: number } | undefined;
    return {
      place: caller.place,
      tenant: readTenantRow(row),
      principal: readPrincipal(row, caller),
      rows,
      total: counted?.total ?? rows.length,
    };
  };
  return {
    findUsers: (caller, now, selection) =>
      look<'userIds' | 'loginNames', UserRow, UserView>(
        caller,
        now,
        selection,
        {
          byKeys: DIRECTORY[caller.kind].usersByKeys,
          up: DIRECTORY[caller.kind].usersUp,
          down: DIRECTORY[caller.kind].usersDown,
          count: DIRECTORY[caller.kind].countUsers,
          keys: ['userIds', 'loginNames'],
        },
        readUserRow,
      ),
    findLoginSessions: (caller, now, selection) =>
      look<'ids' | 'userIds', AccountRow & LoginSessionRow, LoginSessionView>(
        caller,
        now,
        selection,
        {
          byKeys: DIRECTORY[caller.kind].sessionsByKeys,
          up: DIRECTORY[caller.kind].sessionsUp,
          down: DIRECTORY[caller.kind].sessionsDown,
          count: DIRECTORY[caller.kind].countSessions,
          keys: ['ids', 'userIds'],
        },
        readSessionRow,
      ),
  };
}

function planLookup<Key extends string>(
  values: ReturnType<typeof callerValues>,
  selection: Selection<Key>,
  lookup: Lookup<Key>,
) {
  if ('keys' in selection) {
    const keys = lookup.keys.map((key) => JSON.stringify(selection.keys[key]));
    return [{ sql: lookup.byKeys, values: [...values, ...keys] }];
  }
  const { offset, limit, ascending } = selection.page;
  const page = [...values, limit, offset];
  return [
    { sql: ascending ? lookup.up : lookup.down, values: page },
    { sql: lookup.count, values: page },
  ];
}

function readSessionRow(row: AccountRow & LoginSessionRow): LoginSessionView | null {
  const session = readLoginSessionColumns(row);
  const account = readAccountRow(row);
  return session === null || account === null ? null : { session, account };
}
