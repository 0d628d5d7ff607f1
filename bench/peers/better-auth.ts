// better-auth on Node, with its users in SQLite in the same process. Says its address on standard output, and ends when
// standard input does. Its hash alone is at /hash.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { betterAuth } from 'better-auth';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { makeOptions } from './better-auth-options.ts';

const [folder = '.', hash = 'scrypt'] = process.argv.slice(2);
const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('no port');
const baseURL = `http://127.0.0.1:${address.port}`;
const database = new DatabaseSync(join(folder, 'auth.sqlite'));
database.exec('PRAGMA journal_mode = WAL');
const options = makeOptions({ database, baseURL, secret: randomBytes(32).toString('hex'), hash });
await (await getMigrations(options)).runMigrations();
const handle = toNodeHandler(betterAuth(options));
const password = randomBytes(16).toString('hex');
const stored = hashPassword(password);
server.on('request', async (request, response) => {
  if (request.url !== '/hash') return handle(request, response);
  response.end(String(await verifyPassword({ hash: await stored, password })));
});
console.log(JSON.stringify({ url: baseURL }));
await text(process.stdin);
process.exit();
