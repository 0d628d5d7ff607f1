// The production bundle, as a deployment would upload it, and the baselines by the same tool.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const REPOSITORY = resolve(import.meta.dirname, '../..');
const WRANGLER = join(REPOSITORY, 'node_modules/.bin/wrangler');

export interface WorkerModule {
  readonly name: string;
  readonly kind: 'esModule' | 'data';
  readonly path: string;
}

/** The first module is the entry. */
export type Bundle = readonly WorkerModule[];

const bundles = new Map<string, Promise<Bundle>>();

/** Built once a run. */
export function bundleProduct(): Promise<Bundle> {
  return bundleOnce(join(REPOSITORY, 'wrangler.toml'));
}

/** What the product is held against: bench/baseline/. */
export function bundleBaseline(): Promise<Bundle> {
  return bundleOnce(join(REPOSITORY, 'bench/baseline/wrangler.toml'));
}

/** The smallest app of Hono: bench/baseline/hello.ts. */
export function bundleHello(): Promise<Bundle> {
  return bundleOnce(join(REPOSITORY, 'bench/baseline/hello.toml'));
}

/** What runs on Workers beside the product: a config of bench/peers/. */
export function bundlePeer(config: string): Promise<Bundle> {
  return bundleOnce(join(REPOSITORY, 'bench/peers', config));
}

/** The production bundle, entered through other modules, each of which imports the next, the last one `./index.js`. */
export async function wrapProduct(...entries: readonly string[]): Promise<Bundle> {
  const wrappers = entries.map((name) => {
    const path = join(REPOSITORY, 'bench/baseline', name);
    return { name, kind: 'esModule' as const, path };
  });
  return [...wrappers, ...(await bundleProduct())];
}

function bundleOnce(config: string): Promise<Bundle> {
  const bundle = bundles.get(config) ?? buildBundle(config);
  bundles.set(config, bundle);
  return bundle;
}

async function buildBundle(config: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-bench-'));
  const args = ['deploy', '--dry-run', '--minify', '--config', config, '--outdir', folder];
  await promisify(execFile)(WRANGLER, args, { cwd: REPOSITORY });
  const names = readdirSync(folder);
  const entry = names.find((name) => name.endsWith('.js'));
  if (entry === undefined) throw new Error(`wrangler built nothing of ${config}`);
  const data = names.filter((name) => name.endsWith('.bin'));
  return [
    { name: entry, kind: 'esModule', path: join(folder, entry) },
    ...data.map((name) => ({ name, kind: 'data' as const, path: join(folder, name) })),
  ];
}

export function readModule({ path }: WorkerModule): Buffer {
  return readFileSync(path);
}
