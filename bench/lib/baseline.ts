// The baselines on miniflare's D1.
import { bundleBaseline } from './bundle.ts';
import { type MiniflareServer, startMiniflare } from './miniflare.ts';

const SCHEMA = `CREATE TABLE item (id TEXT PRIMARY KEY, value TEXT);
INSERT INTO item VALUES ('a', 'b')`;

export async function startBaseline({ isInspected = false } = {}): Promise<MiniflareServer> {
  const bundle = await bundleBaseline();
  return startMiniflare({ bundle, databases: ['DB'], schema: SCHEMA, isInspected });
}
