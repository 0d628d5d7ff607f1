// What Rekey is held against, on the same runtime: an empty route, the hash alone, and plain statements of D1.
import { Hono } from 'hono';

interface Env {
  /** With a table `item (id TEXT PRIMARY KEY, value TEXT)`; absent in bare workerd. */
  readonly DB: D1Database;
}

const ITERATIONS = 100_000;
const KEY_BITS = 256;

const app = new Hono<{ Bindings: Env }>();
app.get('/empty', (c) => c.text('hello'));
/** As Rekey's hash: `links` times PBKDF2, each with the output of the one before; nothing gets a turn in between. */
app.get('/hash/:links', async (c) => {
  let secret: BufferSource = new TextEncoder().encode('seven calm otters');
  const salt = new Uint8Array(16);
  for (let link = 0; link < Number(c.req.param('links')); link += 1) {
    const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS };
    secret = await crypto.subtle.deriveBits(algorithm, key, KEY_BITS);
  }
  return c.text(String(secret.byteLength));
});
app.get('/read', async (c) => {
  const row = await c.env.DB.prepare('SELECT value FROM item WHERE id = ?1').bind('a').first();
  return c.json(row);
});
/** Some trips, each of some statements: `/batches/4-6`. */
app.get('/batches/:sizes', async (c) => {
  const statement = c.env.DB.prepare('SELECT value FROM item WHERE id = ?1').bind('a');
  for (const size of c.req.param('sizes').split('-')) {
    await c.env.DB.batch(Array.from({ length: Number(size) }, () => statement));
  }
  return c.text('hello');
});
app.get('/write', async (c) => {
  const value = crypto.randomUUID();
  await c.env.DB.prepare('UPDATE item SET value = ?2 WHERE id = ?1').bind('a', value).run();
  return c.json({ value });
});

/** What any refusal does at the least: it reads what came, says why in JSON, and leaves a line in the log. */
app.post('/refuse', async (c) => {
  await c.req.text();
  const id = crypto.randomUUID();
  console.info(JSON.stringify({ level: 'info', id, status: 400 }));
  return c.json({ message: 'refused' }, 400, { 'x-request-id': id, 'cache-control': 'no-store' });
});

export default app;
