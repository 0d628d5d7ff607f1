// Published test vectors, kept beside the repository: where they are missing, the tests that want them are skipped and say so.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '../../../shared/vectors');

/** The parsed file; null when it is not there. */
export function readVectors<T>(file: string): T | null {
  const path = resolve(FOLDER, file);
  if (!existsSync(path)) {
    console.log(`${file} is not under ../shared/vectors: its tests are skipped`);
    return null;
  }
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
