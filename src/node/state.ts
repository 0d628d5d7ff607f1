// Where local state lives: beside the code, or in the folder that REKEY_HOME names.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isSystemError } from './refusal.ts';

export const REPOSITORY = resolve(import.meta.dirname, '../..');

export interface State {
  readonly home: string;
  /** The secrets, as wrangler's dotenv reader takes them. */
  readonly secrets: string;
  /** What the rest of .rekey/ is in. */
  readonly folder: string;
  readonly demo: string;
  readonly log: string;
  /** Who runs on this state. */
  readonly running: string;
  /** The local databases. */
  readonly databases: string;
  /** Which tables the databases have; goes when they go. */
  readonly schema: string;
}

/** Only names paths; makes nothing. */
export function findState(): State {
  const home = resolve(process.env['REKEY_HOME'] || REPOSITORY);
  const folder = join(home, '.rekey');
  const databases = join(home, '.wrangler', 'state');
  return {
    home,
    secrets: join(home, '.dev.vars'),
    folder,
    demo: join(folder, 'demo.json'),
    log: join(folder, 'wrangler.log'),
    running: join(folder, 'running.json'),
    databases,
    schema: join(databases, 'schema.json'),
  };
}

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY = 0o600;

export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
}

export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** For its owner's eyes only; whole or not at all. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: OWNER_ONLY });
  renameSync(draft, path);
}
