// Lays schema.sql into both databases: the file itself, the one truth of the tables.
import { env } from 'cloudflare:workers';
import schema from '../../schema.sql?raw';

const statements = schema
  .replaceAll(/--.*$/gm, '')
  .split(';')
  .map((statement) => statement.trim())
  .filter((statement) => statement !== '');

for (const database of [env.DB, env.DB_EU]) {
  await database.batch(statements.map((statement) => database.prepare(statement)));
}
