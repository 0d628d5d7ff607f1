// The rows that are laid into a database before it is measured.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMA } from '../../bench/lib/rekey.ts';
import { FILLED_TABLES, fillDatabase, measureBytes, nameFilled } from '../../bench/lib/seed.ts';

const ROWS = 1_000;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekey-seed-'));
  file = join(folder, 'some.sqlite');
  query((database) => database.exec(SCHEMA));
});

afterEach(() => rmSync(folder, { recursive: true }));

function query<T>(ask: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return ask(database);
  } finally {
    database.close();
  }
}

const listIndexes = () =>
  query((database) =>
    database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name`).all(),
  );

describe('a filled database', () => {
  it('has as many rows in each table as were asked for', () => {
    fillDatabase(folder, 'org', ROWS);
    for (const table of FILLED_TABLES) {
      const count = query((database) =>
        database.prepare(`SELECT count(*) AS rows FROM ${table}`).get(),
      );
      expect([table, count]).toEqual([table, { rows: ROWS }]);
    }
  });

  it('has the indexes that it had, whole', () => {
    const before = listIndexes();
    fillDatabase(folder, 'org', ROWS);
    expect(listIndexes()).toEqual(before);
    const check = query((database) => database.prepare('PRAGMA integrity_check').get());
    expect(check).toEqual({ integrity_check: 'ok' });
  });

  it('has users by the names that are told', () => {
    fillDatabase(folder, 'org', ROWS);
    const find = (userId: string) =>
      query((database) =>
        database.prepare('SELECT 1 AS found FROM account WHERE user_id = ?').get(userId),
      );
    expect(find(nameFilled(ROWS, 0))).toEqual({ found: 1 });
    expect(find(nameFilled(ROWS, ROWS - 1))).toEqual({ found: 1 });
    expect(find(nameFilled(ROWS, ROWS))).toBeUndefined();
  });

  it('has rows of their names on both sides of another name', () => {
    fillDatabase(folder, 'org', ROWS);
    const sides = query((database) =>
      database
        .prepare(
          `SELECT sum(user_id < 'user-50') AS before, sum(user_id > 'user-50') AS after FROM account`,
        )
        .get(),
    );
    expect(sides).toEqual({ before: ROWS / 2, after: ROWS / 2 });
  });

  it('tells what a user takes, and its event as a part of that', () => {
    fillDatabase(folder, 'org', ROWS);
    const { user, event } = measureBytes(folder, ROWS);
    expect(event).toBeGreaterThan(100);
    expect(user).toBeGreaterThan(event);
  });
});

it('refuses a folder without a database of Rekey', () => {
  query((database) => database.exec('DROP TABLE event; DROP TABLE account'));
  expect(() => fillDatabase(folder, 'org', ROWS)).toThrow(/no database/);
});
