// Scheduled runs on real D1 that stop, or fail, where a test wants them to.
import { env } from 'cloudflare:workers';
import type { Env } from './rekey.ts';
import { runSchedule } from './webhook.ts';

/** The databases, with `before` and `after` around each batch that holds such a statement. */
export function watchBatches(
  holds: string,
  around: { readonly before?: () => Promise<void>; readonly after?: () => Promise<void> },
): Env {
  const wrap = (database: D1Database) => {
    const found = new WeakSet<object>();
    return {
      prepare: (sql: string) => ({
        bind: (...values: unknown[]) => {
          const bound = database.prepare(sql).bind(...values);
          if (sql.includes(holds)) found.add(bound);
          return bound;
        },
      }),
      batch: async (statements: D1PreparedStatement[]) => {
        const isIt = statements.some((statement) => found.has(statement));
        if (isIt) await around.before?.();
        const results = await database.batch(statements);
        if (isIt) await around.after?.();
        return results;
      },
    };
  };
  return { ...env, DB: wrap(env.DB), DB_EU: wrap(env.DB_EU) };
}

/** A run that stands before its first batch of the kind until it is let go. */
export function holdRun(
  on: Env,
  holds: string,
): { reached: Promise<void>; release: () => void; ended: Promise<void> } {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const before = async () => {
    reached.resolve();
    await released.promise;
  };
  const { DB, DB_EU } = watchBatches(holds, { before });
  const ended = runSchedule({ ...on, DB, DB_EU });
  return { reached: reached.promise, release: () => released.resolve(), ended };
}
