// A real D1 that holds a request between what it read and what it writes, until it is let go: races without luck.
import { env } from 'cloudflare:workers';
import type { Answer, Env } from './rekey.ts';

/** The how manieth batch of a request is its commit. */
const COMMIT = 1;

/** Runs `request`, and `meanwhile` once it has decided and before it writes. Gives the answer of `request`. */
export async function overtake(
  request: (on: Env) => Promise<Answer>,
  meanwhile: () => Promise<unknown>,
): Promise<Answer> {
  let arrive = () => {};
  let release = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let batches = 0;
  const hold = (database: D1Database) => ({
    prepare: (sql: string) => database.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      const index = batches;
      batches += 1;
      if (index === COMMIT) {
        arrive();
        await released;
      }
      return database.batch(statements);
    },
  });
  const on = { ...(env as unknown as Env), DB: hold(env.DB), DB_EU: hold(env.DB_EU) };
  const answer = request(on);
  const first = await Promise.race([arrived, answer]);
  if (first !== undefined) throw new Error(`answered before it wrote: ${first.text}`);
  try {
    await meanwhile();
  } finally {
    release();
  }
  return answer;
}
