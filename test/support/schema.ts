// Lays schema.sql into both databases: the file itself, the one truth of the tables.
import { env } from 'cloudflare:workers';
import schema from '../../schema.sql?raw';
import { splitStatements } from './statements.ts';

for (const database of [env.DB, env.DB_EU]) {
  await database.batch(splitStatements(schema).map((statement) => database.prepare(statement)));
}
