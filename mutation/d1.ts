// D1 as the tests see it, over SQLite in this process: the same statements, transactions, results and errors.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

interface Result {
  readonly success: true;
  readonly results: Record<string, unknown>[];
  readonly meta: { readonly changes: number; readonly rows_read: number };
}

export interface Database {
  readonly prepare: (sql: string) => Statement;
  /** Everything or nothing. */
  readonly batch: (batch: readonly Statement[]) => Promise<Result[]>;
  readonly close: () => void;
}

export function openDatabase(): Database {
  const sqlite = new DatabaseSync(':memory:');
  const statements = new Map<string, StatementSync>();
  const compile = (sql: string) => {
    const known = statements.get(sql) ?? sqlite.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const countChanges = () => Number(compile('SELECT total_changes() AS total').get()?.['total']);
  const execute = ({ sql, values }: Statement): Result => {
    const before = countChanges();
    const results = compile(sql)
      .all(...values)
      .map((row) => ({ ...row }));
    const meta = { changes: countChanges() - before, rows_read: 0, rows_written: 0 };
    return { success: true, results, meta };
  };
  const batch = async (asked: readonly Statement[]): Promise<Result[]> => {
    // Others get their turn, as they do while a real one is on its way.
    await new Promise(setImmediate);
    sqlite.exec('BEGIN');
    try {
      const results = asked.map(execute);
      sqlite.exec('COMMIT');
      return results;
    } catch (error) {
      sqlite.exec('ROLLBACK');
      throw new Error(`D1_ERROR: ${error instanceof Error ? error.message : error}`);
    }
  };
  const prepare = (sql: string) => new Statement(sql, [], batch);
  return { prepare, batch, close: () => sqlite.close() };
}

class Statement {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
  readonly #batch: Database['batch'];

  constructor(sql: string, values: readonly SQLInputValue[], batch: Database['batch']) {
    this.sql = sql;
    this.values = values;
    this.#batch = batch;
  }

  bind(...values: SQLInputValue[]): Statement {
    return new Statement(this.sql, values, this.#batch);
  }

  async all(): Promise<Result> {
    const [result] = await this.#batch([this]);
    if (result === undefined) throw new Error('no result');
    return result;
  }

  run(): Promise<Result> {
    return this.all();
  }

  async first(column?: string): Promise<unknown> {
    const [row = null] = (await this.all()).results;
    return column === undefined || row === null ? row : (row[column] ?? null);
  }
}
