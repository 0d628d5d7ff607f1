// Every statement of the project finds its rows by index, on real D1.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { ADMIN } from '../../src/storage/sql-admin.ts';
import { AUDIT } from '../../src/storage/sql-audit.ts';
import { ADMIT } from '../../src/storage/sql-callers.ts';
import { CLEAN_UP } from '../../src/storage/sql-clean-up.ts';
import { COMMIT, ERASE, RECORD } from '../../src/storage/sql-commit.ts';
import { DIRECTORY } from '../../src/storage/sql-directory.ts';
import { MARKS } from '../../src/storage/sql-marks.ts';
import { LOAD_REFRESH, MISS, OPEN, OPEN_WITH_PROOFS } from '../../src/storage/sql-open.ts';
import { OUTBOX } from '../../src/storage/sql-outbox.ts';
import { REWRAP } from '../../src/storage/sql-rewrap.ts';

const statements: [string, string][] = [
  ...Object.entries({ OPEN, OPEN_WITH_PROOFS, MISS }).flatMap(([kind, open]) =>
    Object.entries(open).flatMap(([caller, parts]) =>
      Object.entries<string>({ ...parts }).map(([name, sql]): [string, string] => [
        `${name} of ${kind} by ${caller}`,
        sql,
      ]),
    ),
  ),
  ...Object.entries(LOAD_REFRESH).map(([caller, sql]): [string, string] => [
    `loadRefresh by ${caller}`,
    sql,
  ]),
  ...Object.entries(DIRECTORY).flatMap(([caller, parts]) =>
    Object.entries(parts)
      // These read the tenant, a page of it in the order of its key: that is what they are for.
      .filter(([name]) => !/^(?:users|sessions)(?:Up|Down)$|^count/.test(name))
      .map(([name, sql]): [string, string] => [`${name} by ${caller}`, sql]),
  ),
  ...Object.entries(REWRAP).flatMap(([table, parts]) =>
    Object.entries(parts).map(([name, sql]): [string, string] => [`${name} of ${table}`, sql]),
  ),
  ...Object.entries({ ...COMMIT, ...RECORD, ...ADMIN, ...ERASE, ...CLEAN_UP, ...AUDIT, ADMIT }),
  ...Object.entries(MARKS).map(([name, sql]): [string, string] => [`mark by ${name}`, sql]),
  // The operator's reports are of all the tenant's messages that are still there.
  ...Object.entries(OUTBOX).filter(([name]) => name !== 'report' && name !== 'deadLetters'),
];

async function explain(sql: string): Promise<string[]> {
  const parameters = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const values = new Array<null>(Math.max(0, ...parameters)).fill(null);
  const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>();
  return plan.results.map(({ detail }) => detail);
}

describe('query plans', () => {
  it.each(statements)('%s scans nothing', async (_, sql) => {
    // To search by the tenant alone is to scan the tenant. What a statement was given as JSON is no table.
    const scan = /^SCAN (?!CONSTANT ROW|wanted$|\w+ VIRTUAL TABLE)|\(tenant_id=\?\)$/;
    const scans = (await explain(sql)).filter((step) => scan.test(step));
    expect(scans).toEqual([]);
  });

  it('would show a scan', async () => {
    const plan = await explain('SELECT 1 FROM account WHERE email = ?1');
    expect(plan.some((step) => step.startsWith('SCAN'))).toBe(true);
  });

  it('prepares constants alone', () => {
    const sources = import.meta.glob('../../src/**/*.ts', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const prepared = Object.entries(sources).flatMap(([file, text]) =>
      [...text.matchAll(/\.prepare\(([^)]*)\)/g)].map(([, argument]) => [file, argument]),
    );
    // One place, and what it prepares is a statement of storage/sql-*.ts by its name.
    expect(prepared).toEqual([['../../src/storage/d1.ts', 'sql']]);
  });
});
