// What Rekey is held against, on the same runtime: an empty route, the hash alone, and plain statements of D1.
import { Hono } from 'hono';

interface Env {
  /** With a table `item (id TEXT PRIMARY KEY, value TEXT)`; absent in bare workerd. */
  readonly DB: D1Database;
}

const ITERATIONS = 100_000;
const KEY_BITS = 256;

/** As many and as long as those of src/wire/security-headers.ts, and what tells caches. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const app = new Hono<{ Bindings: Env }>();
app.get('/empty', (c) => c.text('hello'));
app.get('/hash/:links', async (c) => {
  const output = await deriveLinks(Number(c.req.param('links')));
  return c.text(String(output.byteLength));
});
app.get('/read', async (c) => {
  const row = await c.env.DB.prepare('SELECT value FROM item WHERE id = ?1').bind('a').first();
  return c.json(row);
});
/** Some trips, each of some statements: `/batches/4-6`. */
app.get('/batches/:sizes', async (c) => {
  for (const size of readSizes(c.req.param('sizes'))) await readItems(c.env.DB, size);
  return c.text('hello');
});
/** A hash between two trips: `/between/4-6/hash/6`. */
app.get('/between/:sizes/hash/:links', async (c) => {
  const [first = 0, second = 0] = readSizes(c.req.param('sizes'));
  await readItems(c.env.DB, first);
  await deriveLinks(Number(c.req.param('links')));
  await readItems(c.env.DB, second);
  return c.text('hello');
});
app.get('/write', async (c) => {
  const value = crypto.randomUUID();
  await c.env.DB.prepare('UPDATE item SET value = ?2 WHERE id = ?1').bind('a', value).run();
  return c.json({ value });
});

/** What any answer of ours has at the least: its headers, and a line in the log. */
app.get('/tell', (c) => {
  const id = crypto.randomUUID();
  console.info(JSON.stringify({ level: 'info', id, status: 200 }));
  return c.json({ status: 'ok' }, 200, { ...HEADERS, 'x-request-id': id });
});

/** What any refusal does at the least: it reads what came, says why in JSON, with our headers and a line in the log. */
app.post('/refuse', async (c) => {
  await c.req.text();
  const id = crypto.randomUUID();
  console.info(JSON.stringify({ level: 'info', id, status: 400 }));
  return c.json({ message: 'refused' }, 400, { ...HEADERS, 'x-request-id': id });
});

/** As Rekey's hash: `links` times PBKDF2, each with the output of the one before; nothing gets a turn in between. */
async function deriveLinks(links: number): Promise<ArrayBufferView | ArrayBuffer> {
  let secret: BufferSource = new TextEncoder().encode('seven calm otters');
  const salt = new Uint8Array(16);
  for (let link = 0; link < links; link += 1) {
    const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS };
    secret = await crypto.subtle.deriveBits(algorithm, key, KEY_BITS);
  }
  return secret;
}

/** One trip, of so many statements. */
function readItems(database: D1Database, statements: number): Promise<unknown> {
  const statement = database.prepare('SELECT value FROM item WHERE id = ?1').bind('a');
  return database.batch(Array.from({ length: statements }, () => statement));
}

function readSizes(text: string): number[] {
  return text.split('-').map(Number);
}

export default app;
