// What looks at every instance that a test stops: it finds a secret in the log and in a database, and nothing else.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSecrets } from '../../src/node/secrets.ts';
import { findHomeLeaks } from '../support/home-scan.ts';
import { makeHome } from '../support/instance.ts';

const SECRETS = makeSecrets();
const PASSWORD = crypto.randomUUID();
const TOKEN = crypto.randomUUID();

let home: string;

function write(path: string, text: string): string {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

beforeEach(() => {
  home = makeHome();
  const lines = Object.entries(SECRETS).map(([name, value]) => `${name}='${value}'`);
  write('.dev.vars', lines.join('\n'));
  const users = [{ userId: 'user-of-demo', temporaryPassword: PASSWORD }];
  write('.rekey/demo.json', JSON.stringify({ tenants: [{ serviceToken: TOKEN, users }] }));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const readFirst = (list: string) => /=([^=,]+)/.exec(list)?.[1] ?? '';
const D = /"d":"([^"]+)"/.exec(SECRETS.SIGNING_JWKS)?.[1] ?? '';

it.each([
  ['the operator’s key', SECRETS.ADMIN_KEY, /^ADMIN_KEY: /],
  ['a pepper', readFirst(SECRETS.PEPPER_KEYS), /^PEPPER_KEYS: /],
  ['a MAC key', readFirst(SECRETS.MAC_KEYS), /^MAC_KEYS: /],
  ['a chain key', readFirst(SECRETS.CHAIN_KEYS), /^CHAIN_KEYS: /],
  ['a signing key', D, /^SIGNING_JWKS: /],
  ['a password', PASSWORD, /^temporaryPassword of /],
  ['a token', TOKEN, /^serviceToken of /],
])('finds %s in the log and in a database', (_, secret, told) => {
  expect(secret.length).toBeGreaterThan(30);
  const log = write('.rekey/wrangler.log', `it is ${secret}, you see\n`);
  const database = write('.wrangler/state/v3/d1/one.sqlite-wal', `\u0000\u0001${secret}\u0000`);
  const leaks = findHomeLeaks(home);
  expect(leaks).toEqual([log, database].map((path) => expect.stringContaining(`: in ${path}`)));
  for (const leak of leaks) {
    expect(leak).toMatch(told);
    expect(leak).not.toContain(secret);
  }
});

it('finds nothing where nothing is, and no names', () => {
  expect(findHomeLeaks(home)).toEqual([]);
  write('.rekey/wrangler.log', 'user-of-demo signed in\n');
  expect(findHomeLeaks(home)).toEqual([]);
});
