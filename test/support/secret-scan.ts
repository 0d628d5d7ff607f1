// After every file: nothing that it had logged, and nothing that it left in a database, holds a secret that it used.
import { env } from 'cloudflare:workers';
import { afterAll, expect } from 'vitest';
import { METHODS } from './logs.ts';
import { findLeaks, listSecrets, watchSecret } from './secret-watch.ts';

const lines: string[] = [];

/** A line a request is too much to be shown. */
console.info = () => undefined;

/** Stands before the console, so that it hears what a spy keeps to itself, too. */
globalThis.console = new Proxy(console, {
  get(target, name) {
    const write = Reflect.get(target, name);
    const method = METHODS.find((one) => one === name);
    if (method === undefined) return write;
    return (...values: unknown[]) => {
      lines.push(values.map(String).join(' '));
      write.apply(target, values);
    };
  },
});

watchSecret(env.ADMIN_KEY, 'ADMIN_KEY');
for (const variable of ['PEPPER_KEYS', 'MAC_KEYS', 'CHAIN_KEYS'] as const) {
  for (const key of env[variable].split(',')) {
    watchSecret(key.slice(key.indexOf('=') + 1), variable);
  }
}
for (const [, secret] of env.SIGNING_JWKS.matchAll(/"d":"([^"]+)"/g)) {
  watchSecret(secret ?? '', 'SIGNING_JWKS');
}

afterAll(async () => {
  expect(await findOwnLeaks()).toEqual([]);
});

/** Of the file so far. */
export async function findOwnLeaks(): Promise<string[]> {
  const stored = await Promise.all([readTables('DB'), readTables('DB_EU')]);
  return findLeaks(listSecrets(), new Map([['the log', lines.join('\n')], ...stored.flat()]));
}

/** Every table that there is, whether or not anyone thought of it here; values as they are. */
async function readTables(binding: 'DB' | 'DB_EU'): Promise<[place: string, text: string][]> {
  const database = env[binding];
  const { results: tables } = await database
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
    )
    .all<{ name: string }>();
  const rows = await database.batch<Record<string, unknown>>(
    tables.map(({ name }) => database.prepare(`SELECT * FROM "${name}"`)),
  );
  return tables.map(({ name }, index) => [
    `${binding}.${name}`,
    (rows[index]?.results ?? []).map((row) => Object.values(row).join('\n')).join('\n'),
  ]);
}
