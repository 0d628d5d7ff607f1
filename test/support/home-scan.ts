// What an instance leaves behind: its log and its databases hold none of the secrets that it was given or made.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLeaks, listSecrets, watchAnswer, watchSecret } from './secret-watch.ts';

/** Of the deployment, from `.dev.vars`, and of the demo. `home`: where both lie, and all that was written. */
export function findHomeLeaks(home: string): string[] {
  watchVariables(read(join(home, '.dev.vars')));
  watchAnswer('the demo', read(join(home, '.rekey', 'demo.json')));
  const log = join(home, '.rekey', 'wrangler.log');
  const databases = listFiles(join(home, '.wrangler', 'state')).filter((path) =>
    /\.sqlite(?:-wal)?$/.test(path),
  );
  return findLeaks(listSecrets(), new Map([log, ...databases].map((path) => [path, read(path)])));
}

/** All of random bytes, in base64, whose padding is no part of the secret. */
function watchVariables(text: string): void {
  for (const [line, name] of text.matchAll(/^(ADMIN_KEY|PEPPER_KEYS|MAC_KEYS|CHAIN_KEYS)=.*$/gm)) {
    for (const [secret] of line.matchAll(/[\w+/-]{32,}/g)) watchSecret(secret, name ?? '');
  }
  for (const [, secret] of text.matchAll(/"d\\?":\\?"([^"\\]+)/g)) {
    watchSecret(secret ?? '', 'SIGNING_JWKS');
  }
}

/** Byte for byte: what is looked for is ASCII. */
function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
}
