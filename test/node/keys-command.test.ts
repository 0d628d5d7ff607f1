// npm run rekey -- keys …, as an operator types it: beside an instance that runs, and on files of secrets elsewhere.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatSecrets } from '../../src/node/environment.ts';
import { KEY_KINDS, listKeys } from '../../src/node/rotation.ts';
import { makeSecrets } from '../../src/node/secrets.ts';
import { findFreePort, Instance, makeHome, type Outcome } from '../support/instance.ts';
import { startUpstream } from '../support/rewrap-upstream.ts';

const COMMAND = resolve(import.meta.dirname, '../../src/node/rekey.ts');
const HOUR = 3_600_000;

let home: string;
let file: string;

beforeEach(() => {
  home = makeHome();
  file = join(home, '.dev.vars');
  writeFileSync(file, formatSecrets({ ...makeSecrets(Date.now() - HOUR), TIMING: 'on' }));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Not synchronous: what it asks may be served by this very process. */
function keys(...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [COMMAND, 'keys', ...args], {
    env: { ...process.env, REKEY_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((done) => {
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

function readValue(name: string): string {
  return new RegExp(`^${name}='(.*)'$`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? '';
}

function readIds(kind: (typeof KEY_KINDS)[number]): string[] {
  const names = ['SIGNING_JWKS', 'PEPPER_KEYS', 'MAC_KEYS', 'CHAIN_KEYS'];
  const texts = Object.fromEntries(names.map((name) => [name, readValue(name)]));
  return listKeys(texts, kind).map(({ id }) => id);
}

function expectNoSecret({ stdout, stderr }: Outcome): void {
  const secrets =
    readFileSync(file, 'utf8').match(/(?<="d":")[^"]+|(?<==)[\w+/]{43}=|(?<=ADMIN_KEY=')[^']+/g) ??
    [];
  expect(secrets.length).toBeGreaterThan(8);
  for (const secret of secrets) expect(stdout + stderr).not.toContain(secret);
}

it('lists every key by its part and its age, and no secret', async () => {
  const listed = await keys('list');
  expect(listed.code).toBe(0);
  for (const kind of KEY_KINDS) {
    expect(listed.stdout).toMatch(new RegExp(`^${kind} \\(`, 'm'));
    const [active, next] = readIds(kind);
    expect(listed.stdout).toMatch(new RegExp(`^ {2}active ${active}, made 20`, 'm'));
    expect(listed.stdout).toMatch(new RegExp(`^ {2}next   ${next}, made 20`, 'm'));
  }
  expectNoSecret(listed);
});

describe('a rotation', () => {
  it.each(KEY_KINDS)('of %s keys passes the part on, and says what to do next', async (kind) => {
    const [active, next] = readIds(kind);
    const rotated = await keys('rotate', kind);
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    const after = readIds(kind);
    expect([after[0], after[2]]).toEqual([next, active]);
    expect(rotated.stdout).toContain('npm start takes them.');
    expectNoSecret(rotated);
  });

  it('is refused while the next key is too new for every Worker to have it, but for a stolen key', async () => {
    await keys('rotate', 'mac');
    const before = readFileSync(file, 'utf8');
    const again = await keys('rotate', 'mac');
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toMatch(/^The next mac key is too new: .*From 20.* on, or with --now/);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect((await keys('rotate', 'mac', '--now')).code).toBe(0);
    expect(readIds('mac')).toHaveLength(4);
  });

  it('of a file that is uploaded says how', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rekey-production-'));
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'secrets.json');
    writeFileSync(path, JSON.stringify(makeSecrets(Date.now() - HOUR)));
    const before = readFileSync(file, 'utf8');
    const rotated = await keys('rotate', 'pepper', '--file', path);
    expect(rotated.stdout).toContain(`npx wrangler secret bulk ${path}`);
    expect(JSON.parse(readFileSync(path, 'utf8')).PEPPER_KEYS.split(',')).toHaveLength(3);
    expect(readFileSync(file, 'utf8')).toBe(before);
    rmSync(folder, { recursive: true });
  });
});

it.each(
  [[], ['rotate'], ['rotate', 'admin'], ['rotate', 'mac', '--later'], ['drop', 'chain', 'c1']].map(
    (args) => [args],
  ),
)('says how it is used: %j', async (args) => {
  const misused = await keys(...args);
  expect(misused.code).toBe(2);
  expect(misused.stdout).toBe('');
  expect(misused.stderr).toMatch(/keys rotate/);
});

describe('a rewrap', () => {
  it('goes on behind what was done, tries again what failed, and ends when a pass found nothing', async () => {
    const [active] = readIds('pepper');
    const done = { activePepper: active, resealed: 0, outpaced: 0, unopened: 0 };
    const second = { place: 'db', table: 'outbox', after: ['a', 'b', 'c'] };
    const upstream = await startUpstream([
      { body: { ...done, resealed: 7, next: second } },
      { status: 503 },
      'cut',
      { body: { ...done, outpaced: 1, next: null } },
      { body: { ...done, next: null } },
    ]);
    const rewrapped = await keys('rewrap', '--url', `${upstream.url}/`);
    await upstream.stop();
    expect(rewrapped).toMatchObject({ code: 0, stderr: '' });
    expect(rewrapped.stdout).toContain('Sealed anew: 7; changed by somebody else meanwhile: 1.');
    expect(upstream.asked).toEqual([{}, { from: second }, { from: second }, { from: second }, {}]);
    expect(new Set(upstream.bearers)).toEqual(new Set([`Bearer ${readValue('ADMIN_KEY')}`]));
  });

  it.each([
    [
      'a Worker that seals under another pepper',
      { activePepper: 'other' },
      /seals under the pepper other/,
    ],
    ['a Worker that never comes to an end', { resealed: 1 }, /still seals under an old pepper/],
  ])('is refused by %s', async (_, over, told) => {
    const [activePepper] = readIds('pepper');
    const body = { activePepper, resealed: 0, outpaced: 0, unopened: 0, next: null, ...over };
    const upstream = await startUpstream(Array.from({ length: 5 }, () => ({ body })));
    const refused = await keys('rewrap', '--url', upstream.url);
    await upstream.stop();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(told);
  });

  it('says that the Worker has another admin key, which no second try mends', async () => {
    const upstream = await startUpstream([{ status: 401 }]);
    const refused = await keys('rewrap', '--url', upstream.url);
    await upstream.stop();
    expect(refused).toMatchObject({
      code: 2,
      stderr: `${upstream.url} does not take the ADMIN_KEY of these secrets\n`,
    });
  });

  it.each([
    'http://auth.example',
    'ftp://127.0.0.1',
    'auth.example',
    'http://127.0.0.1.evil.example',
  ])('sends the operator’s key to no %s', async (url) => {
    const refused = await keys('rewrap', '--url', url);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^--url must be https/);
  });

  it('needs a Worker to ask', async () => {
    expect((await keys('rewrap')).stderr).toMatch(/^No Worker to ask/);
  });
});

it('has an instance take a new pepper, seal anew under it, and let go of the old one', async () => {
  const port = await findFreePort();
  const first = new Instance('dev', home, port);
  await first.ready();
  const [old = ''] = readIds('pepper');
  const rotated = await keys('rotate', 'pepper');
  expect(rotated.stdout).toContain(`${first.url} runs with those of before`);
  const early = await keys('rewrap');
  await first.stop('SIGINT');
  expect(early.code).toBe(2);
  expect(early.stderr).toContain(`seals under the pepper ${old}, not ${readIds('pepper')[0]}`);

  const second = new Instance('dev', home, port);
  await second.ready();
  const needed = await keys('drop', 'pepper', old, '--now');
  const rewrapped = await keys('rewrap');
  const tooEarly = await keys('drop', 'pepper', old);
  const dropped = await keys('drop', 'pepper', old, '--now');
  await second.stop('SIGINT');
  // The demo's users were sealed by it.
  expect(needed.code).toBe(2);
  expect(needed.stderr).toMatch(/^Some still needed an old pepper, and are sealed anew now/);
  expect(rewrapped).toMatchObject({ code: 0, stderr: '' });
  expect(rewrapped.stdout).toContain(`To drop: keys drop pepper ${old}`);
  expect(tooEarly.stderr).toMatch(/^It is too early to drop/);
  expect(dropped).toMatchObject({ code: 0, stderr: '' });
  expect(readIds('pepper')).toHaveLength(2);
});
