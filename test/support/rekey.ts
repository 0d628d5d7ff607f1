// Drives the whole Worker through its door, on real D1, and counts what each request costs from outside.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import worker from '../../src/index.ts';
import { countDerivations } from './iteration-cap.ts';
import { watchAnswer, watchRequest } from './secret-watch.ts';

export const ORIGIN = 'http://127.0.0.1:8787';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the assertions on them
  readonly body: any;
}

export type Env = Record<string, unknown>;

let address: string | null = null;

/** Where requests come from, from now on; null: from nowhere that is known. */
export function setAddress(next: string | null): void {
  address = next;
}

/** One request to the Worker. `on` replaces the environment: a faulty or counted database. */
export async function send(
  path: string,
  init: RequestInit = {},
  on: Env = env as unknown as Env,
): Promise<Answer> {
  const url = path.startsWith('http') ? path : `${ORIGIN}${path}`;
  watchRequest(path, init);
  const context = createExecutionContext();
  const request = new Request(url, init) as Request<unknown, IncomingRequestCfProperties>;
  if (address !== null) request.headers.set('cf-connecting-ip', address);
  const response = await worker.fetch(request, on as never, context);
  await waitOnExecutionContext(context);
  const text = await response.text();
  watchAnswer(path, text);
  return { status: response.status, headers: response.headers, text, body: readJson(text) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export interface Cost {
  /** D1 calls, seen at the binding. */
  readonly trips: number;
  /** PBKDF2 calls, seen at the shim. */
  readonly links: number;
  /** Bindings that were touched. */
  readonly databases: readonly string[];
  /** Statements with their rows_read. */
  readonly statements: readonly { readonly sql: string; readonly rowsRead: number }[];
}

/** Runs `work` with an environment whose databases are watched. Not for work that runs beside other work. */
export async function measure<T>(work: (on: Env) => Promise<T>): Promise<{ value: T; cost: Cost }> {
  const touched: string[] = [];
  const statements: { sql: string; rowsRead: number }[] = [];
  const watched = {
    ...(env as unknown as Env),
    DB: watch(env.DB, 'DB', touched, statements),
    DB_EU: watch(env.DB_EU, 'DB_EU', touched, statements),
  };
  const before = countDerivations();
  const value = await work(watched);
  const links = countDerivations() - before;
  return {
    value,
    cost: { trips: touched.length, links, databases: [...new Set(touched)], statements },
  };
}

const sqlOf = new WeakMap<object, string>();

function watch(
  database: D1Database,
  name: string,
  touched: string[],
  statements: { sql: string; rowsRead: number }[],
): D1Database {
  const proxy = {
    prepare: (sql: string) => remember(database.prepare(sql), sql),
    batch: async (batch: D1PreparedStatement[]) => {
      touched.push(name);
      const results = await database.batch(batch);
      results.forEach((result, index) => {
        const statement = batch[index];
        const sql = statement === undefined ? '' : (sqlOf.get(statement) ?? '');
        statements.push({ sql, rowsRead: result.meta.rows_read });
      });
      return results;
    },
  };
  return proxy as unknown as D1Database;
}

/** Only `batch` runs anything: a statement that is run by itself would not be counted, so it cannot be. */
function remember(statement: D1PreparedStatement, sql: string): D1PreparedStatement {
  return {
    bind: (...values: unknown[]) => {
      const bound = statement.bind(...values);
      sqlOf.set(bound, sql);
      return bound;
    },
  } as unknown as D1PreparedStatement;
}
