// An environment whose databases answer late, so that time passes between two trips.
import type { Env } from './rekey.ts';

export function delayed(env: object, milliseconds: number): Env {
  const { DB, DB_EU, ...rest } = env as { DB: D1Database; DB_EU: D1Database };
  return { ...rest, DB: delay(DB, milliseconds), DB_EU: delay(DB_EU, milliseconds) };
}

function delay(database: D1Database, milliseconds: number): D1Database {
  const late = {
    prepare: (sql: string) => database.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      await scheduler.wait(milliseconds);
      return database.batch(statements);
    },
  };
  return late as unknown as D1Database;
}
