// The smallest app of Hono: what any Worker of its kind costs.
import { Hono } from 'hono';

const app = new Hono();
app.get('/empty', (c) => c.text('hello'));

export default app;
