// What a package weighs when it is installed, with all that it needs: the folders that a lock file says it reaches.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

type Names = Readonly<Record<string, string>>;

interface LockedPackage {
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** `packages` of a package-lock.json: by folder, the project's own being ''. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** @returns the folders of these packages and of all that they need, as npm laid them. */
export function listReachable(packages: LockedPackages, names: readonly string[]): string[] {
  const reached = new Set<string>();
  const visit = (from: string, name: string) => {
    const folder = findFolder(packages, from, name);
    if (folder === null || reached.has(folder)) return;
    reached.add(folder);
    for (const next of listNeeds(packages[folder] ?? {})) visit(folder, next);
  };
  for (const name of names) visit('', name);
  return [...reached];
}

/** As Node looks for it: beside the one that asks, then further out. null: it was not installed. */
function findFolder(packages: LockedPackages, from: string, name: string): string | null {
  const folder = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (packages[folder] !== undefined) return folder;
  if (from === '') return null;
  const parentEnd = from.lastIndexOf('/node_modules/');
  return findFolder(packages, parentEnd < 0 ? '' : from.slice(0, parentEnd), name);
}

function listNeeds(entry: LockedPackage): string[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = entry;
  const peers = Object.keys(peerDependencies).filter(
    (name) => peerDependenciesMeta[name]?.optional !== true,
  );
  const needs = { ...entry.dependencies, ...entry.optionalDependencies };
  return [...Object.keys(needs), ...peers];
}

/** @param project a folder with a package-lock.json, and with node_modules as it says. */
export function measureInstall(project: string, names: readonly string[]): number {
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    readonly packages: LockedPackages;
  };
  const folders = listReachable(lock.packages, names).map((folder) => join(project, folder));
  return folders.reduce((sum, folder) => sum + countBytes(folder), 0) / 2 ** 20;
}

/** @returns the name of an installed package and its version. */
export function readVersion(project: string, name: string): string {
  const manifest = readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8');
  return `${name} ${(JSON.parse(manifest) as { readonly version: string }).version}`;
}

/** Without the packages inside: they are folders of their own. A package of another platform is not there. */
function countBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += statSync(path).size;
    if (entry.isDirectory() && entry.name !== 'node_modules') bytes += countBytes(path);
  }
  return bytes;
}
