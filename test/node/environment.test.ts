// What npm start reads of wrangler.toml, and what it says of wrangler's errors.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readWranglerConfig } from '../../src/node/environment.ts';
import { findCause } from '../../src/node/wrangler.ts';

const VALID = `
name = "rekey"
[limits]
cpu_ms = 5000
[vars] # read
ISSUER = "https://rekey.example.com" # not this
DATABASES = 'globex_*=DB_EU,*=DB'
QUOTED = "a \\"b\\" \\\\ # c"
[[d1_databases]]
binding = "DB"
database_name = "rekey"
[[ d1_databases ]]
binding = "DB_EU"
[triggers]
crons = ["0 3 * * *"]
`;

it('reads the variables and the database bindings', () => {
  expect(readWranglerConfig(VALID)).toEqual({
    vars: {
      ISSUER: 'https://rekey.example.com',
      DATABASES: 'globex_*=DB_EU,*=DB',
      QUOTED: 'a "b" \\ # c',
    },
    bindings: ['DB', 'DB_EU'],
    sendsEmail: false,
  });
});

it('finds the binding that sends e-mail, unless it is commented out', () => {
  expect(readWranglerConfig('[[send_email]]\nname = "EMAIL"').sendsEmail).toBe(true);
  expect(readWranglerConfig('# [[send_email]]\n# name = "EMAIL"').sendsEmail).toBe(false);
});

it('reads the wrangler.toml of the project', () => {
  const file = readFileSync('wrangler.toml', 'utf8');
  const { vars, bindings, sendsEmail } = readWranglerConfig(file);
  expect(Object.keys(vars)).toEqual(
    expect.arrayContaining(['ISSUER', 'DATABASES', 'HOSTS', 'ORGS']),
  );
  expect(bindings).toEqual(['DB', 'DB_EU']);
  expect(sendsEmail).toBe(true);
});

it.each([
  ['a text without its end', 'HOSTS = "*=DB'],
  ['a bare word', 'HOSTS = DB'],
  ['a number', 'HOSTS = 1'],
  ['a text of several lines', 'HOSTS = """'],
  ['an escape that it does not know', 'HOSTS = "\\u0041"'],
  ['a table without its end', '[limits'],
])('refuses %s, naming the line', (_, line) => {
  const text = VALID.replace('[vars] # read', `[vars]\n${line}`);
  expect(() => readWranglerConfig(text)).toThrow(/^Broken config: line 6 /);
});

it('finds the first error in the output of wrangler', () => {
  const log =
    'Starting\n\n\u001b[31m✘ \u001b[41;31m[\u001b[97mERROR\u001b[31m]\u001b[0m Boom!\n\nmore';
  expect(findCause(log)).toBe('Boom!');
});

it('finds why a build failed and where', () => {
  const log =
    '✘ [ERROR] Build failed with 1 error:\n\n  ✘ [ERROR] Unexpected "="\n  \n  src/app.ts:86:9:\n x';
  expect(findCause(log)).toBe('Build failed with 1 error: Unexpected "=" src/app.ts:86:9');
});

it('finds no error where there is none', () => {
  expect(findCause('Ready on http://127.0.0.1:8787')).toBeNull();
});
