// The baselines on miniflare's D1.
import { bundleBaseline } from './bundle.ts';
import { startMiniflare } from './miniflare.ts';
import type { Server } from './workerd.ts';

const SCHEMA = `CREATE TABLE item (id TEXT PRIMARY KEY, value TEXT);
INSERT INTO item VALUES ('a', 'b')`;

export async function startBaseline(): Promise<Server> {
  return startMiniflare({ bundle: await bundleBaseline(), databases: ['DB'], schema: SCHEMA });
}
