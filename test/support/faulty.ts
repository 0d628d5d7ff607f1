// A real D1 that fails where it is told to: before a statement of a batch, or after the batch was committed.
import { env } from 'cloudflare:workers';
import type { Env } from './rekey.ts';
import { listColumns, TENANT_TABLES } from './tenant-rows.ts';

/** `batch`: the how manieth batch of the request (0 is the open, 1 the commit). */
export type Fault =
  | { readonly kind: 'at-statement'; readonly batch: number; readonly statement: number }
  /** The answer is lost: everything was committed. */
  | { readonly kind: 'after-commit'; readonly batch: number }
  /** The request is lost: nothing came to the database. */
  | { readonly kind: 'before-commit'; readonly batch: number };

export interface Seen {
  /** Statements of each batch that was asked for, in order. */
  readonly sizes: number[];
}

/** An environment for one request whose databases fail so. The statement itself fails, inside D1's transaction. */
export function makeFaultyEnv(fault: Fault | null): { on: Env; seen: Seen } {
  const seen: Seen = { sizes: [] };
  const on = {
    ...(env as unknown as Env),
    DB: wrap(env.DB, fault, seen),
    DB_EU: wrap(env.DB_EU, fault, seen),
  };
  return { on, seen };
}

function wrap(database: D1Database, fault: Fault | null, seen: Seen): D1Database {
  const wrapped = {
    prepare: (sql: string) => database.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      const index = seen.sizes.push(statements.length) - 1;
      if (fault === null || fault.batch !== index) return database.batch(statements);
      if (fault.kind !== 'at-statement') {
        if (fault.kind === 'after-commit') await database.batch(statements);
        throw new Error('Network connection lost.');
      }
      const broken = database.prepare('INSERT INTO tenant (id) VALUES (NULL)');
      return database.batch(statements.with(fault.statement, broken));
    },
  };
  return wrapped as unknown as D1Database;
}

/** Every row of every table of both databases, as text: equal before and after means that nothing changed. */
export async function dumpDatabases(): Promise<string> {
  const tables = ['tenant', 'tenant_host', ...TENANT_TABLES];
  const parts: string[] = [];
  for (const database of [env.DB, env.DB_EU]) {
    for (const table of tables) {
      const { results } = await database
        .prepare(`SELECT ${listColumns(table)} FROM ${table} ORDER BY 1, 2`)
        .all();
      parts.push(`${table}: ${JSON.stringify(results)}`);
    }
  }
  return parts.join('\n');
}
