// Lays schema.sql into every local database; a start that finds it laid does not ask again.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WRANGLER_CONFIG } from './environment.ts';
import { makeFolder, REPOSITORY, readIfThere, type State, writePrivate } from './state.ts';
import { refuseEnded, runWrangler } from './wrangler.ts';

const SCHEMA = join(REPOSITORY, 'schema.sql');

/** @throws Refusal when wrangler cannot. */
export async function applySchema(
  state: State,
  bindings: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const laid = readIfThere(state.schema);
  const wanted = JSON.stringify({ schema: hashFile(SCHEMA), databases: hashFile(WRANGLER_CONFIG) });
  if (laid === wanted) return;
  console.log(
    laid === null
      ? 'Laying the tables ...'
      : 'Laying the tables again: schema.sql or wrangler.toml has changed (a table that itself changed needs `npm run fresh`) ...',
  );
  makeFolder(state.databases);
  // One after the other: two local runtimes would lock each other out of the metadata that databases share.
  for (const binding of bindings) {
    const execute = ['d1', 'execute', binding, '--local', '--yes', '--file', SCHEMA];
    const code = await runWrangler(execute, state, signal).ended;
    signal.throwIfAborted();
    if (code !== 0) refuseEnded(`The tables could not be laid into ${binding}`, state);
  }
  writePrivate(state.schema, wanted);
}

function hashFile(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('base64url');
}
