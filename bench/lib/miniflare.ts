// Miniflare's D1 behind workerd, without the proxy of wrangler dev: for routes that need D1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bundle } from './bundle.ts';
import type { HostOptions } from './miniflare-host.ts';
import type { Server } from './workerd.ts';

const HOST = join(import.meta.dirname, 'miniflare-host.ts');
const COMPATIBILITY_DATE = '2026-10-01';

export interface MiniflareOptions {
  readonly bundle: Bundle;
  readonly texts?: Readonly<Record<string, string>>;
  /** Names of D1 bindings. */
  readonly databases: readonly string[];
  /** SQL that is laid into each; the product's is schema.sql. */
  readonly schema: string;
  /** Where the databases are kept; a folder that goes with the server when it is left out. */
  readonly folder?: string;
  /** For bench/lib/heap.ts. */
  readonly isInspected?: boolean;
}

export interface MiniflareServer extends Server {
  /** Host and port of the inspector of V8; null when it was not asked for. */
  readonly inspector: string | null;
}

export async function startMiniflare(options: MiniflareOptions): Promise<MiniflareServer> {
  const { bundle, texts = {}, databases, schema } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'rekey-d1-'));
  const host: HostOptions = {
    modules: bundle.map(({ name, kind, path }) => ({
      type: kind === 'data' ? 'Data' : 'ESModule',
      name,
      path,
    })),
    bindings: texts,
    databases: Object.fromEntries(databases.map((name) => [name, name])),
    folder,
    compatibilityDate: COMPATIBILITY_DATE,
    schema,
    isInspected: options.isInspected ?? false,
  };
  const child = spawn(process.execPath, [HOST, JSON.stringify(host)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await ended;
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), ended]);
  // What the Worker logs is read, or it would stand still.
  child.stdout.resume();
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error('miniflare did not start');
  const told = JSON.parse(String(first[0])) as Pick<MiniflareServer, 'url' | 'inspector'>;
  return { ...told, pid: child.pid, stop };
}
