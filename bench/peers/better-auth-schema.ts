// Prints the tables that better-auth wants, for a D1 that is not there yet.
import { DatabaseSync } from 'node:sqlite';
import { getMigrations } from 'better-auth/db/migration';
import { makeOptions } from './better-auth-options.ts';

const database = new DatabaseSync(':memory:');
const options = makeOptions({ database, baseURL: '', secret: 'of no use here', hash: 'none' });
console.log(await (await getMigrations(options)).compileMigrations());
