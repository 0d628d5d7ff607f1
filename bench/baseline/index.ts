// What Rekey is held against, on the same runtime: an empty route, the least answers, and plain statements of D1.
import { Hono } from 'hono';

interface Env {
  /** With a table `item (id TEXT PRIMARY KEY, value TEXT)`; absent in bare workerd. */
  readonly DB: D1Database;
}

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

export default app;
