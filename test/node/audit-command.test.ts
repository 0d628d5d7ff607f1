// npm run rekey -- audit, against an instance as npm start runs it: what is whole, and what a file of it is held against.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyAudit } from '../../src/node/audit-command.ts';
import type { Demo } from '../../src/node/demo.ts';
import { findFreePort, Instance, makeHome } from '../support/instance.ts';

const REKEY = resolve(import.meta.dirname, '../../src/node/rekey.ts');
const WHOLE =
  /^(\S+): whole, (\d+) events, (\d+) checkpoints, the newest (\d+:[\w-]+\.[\w-]{43})\n$/;

const home = makeHome();
const file = join(home, 'audit.ndjson');
const secrets = join(home, '.dev.vars');
let instance: Instance;
let orgId: string;
let exported: string[];
/** As the instance printed it. */
let newest: string;

/** As it is typed. */
function rekey(args: readonly string[], env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  const options = { encoding: 'utf8', env: { ...process.env, REKEY_HOME: home, ...env } } as const;
  return spawnSync(process.execPath, [REKEY, ...args], options);
}

/** Without a process of its own for each: what it says, and the exit code; 2 as rekey.ts has it. */
async function verify(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => said.push(line));
  for (const [name, value] of Object.entries({ REKEY_HOME: home, ...env })) vi.stubEnv(name, value);
  try {
    return { status: await verifyAudit(args), said: said.join('\n') };
  } catch (error) {
    return { status: 2, said: error instanceof Error ? error.message : '' };
  } finally {
    vi.unstubAllEnvs();
    spy.mockRestore();
  }
}

/** Verifies a file of the lines. */
function verifyLines(lines: readonly string[], args: readonly string[] = [], env = {}) {
  writeFileSync(file, `${lines.join('\n')}\n`);
  return verify([file, ...args], env);
}

/** Other keys by the ids of those of the instance, or by ids that begin otherwise. */
function makeOthers(prefix = ''): string {
  const { CHAIN_KEYS = '' } = parseEnv(readFileSync(join(home, '.dev.vars'), 'utf8'));
  const ids = CHAIN_KEYS.split(',').map((entry) => entry.slice(0, entry.indexOf('=')));
  return ids.map((id) => `${prefix}${id}=${randomBytes(32).toString('base64')}`).join(',');
}

beforeAll(async () => {
  instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  const demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8')) as Demo;
  orgId = demo.tenants[0]?.orgId ?? '';
  const run = await fetch(`${instance.url}/cdn-cgi/handler/scheduled`);
  expect(run.status).toBe(200);
});

afterAll(async () => {
  await instance.stop('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

it('finds the audit of a running instance whole, and says what to keep of it', () => {
  const { status, stdout, stderr } = rekey(['audit', 'verify', '--tenant', orgId]);
  expect([status, stderr]).toEqual([0, '']);
  const [, name, events, checkpoints, seen = ''] = WHOLE.exec(stdout) ?? [];
  expect([name, checkpoints]).toEqual([orgId, '1']);
  expect(Number(events)).toBeGreaterThan(3);
  newest = seen;
  const kept = ['audit', 'verify', '--tenant', orgId, '--checkpoint'];
  expect(rekey([...kept, newest]).status).toBe(0);
  const cut = rekey([...kept, newest.replace('1:', '2:')]);
  expect([cut.status, cut.stdout]).toEqual([1, `${orgId}: BROKEN at checkpoint 2: missing\n`]);
});

it('has the checkpoint in the log of the instance', () => {
  const [number, root] = newest.split(':');
  const log = readFileSync(join(home, '.rekey/wrangler.log'), 'utf8');
  const line = log.split('\n').find((one) => one.includes(root ?? '-')) ?? '';
  expect(JSON.parse(line)).toMatchObject({ tenantId: orgId, checkpoint: Number(number), root });
});

describe('a file of it', () => {
  beforeAll(() => {
    const { status, stdout } = rekey(['audit', 'export', '--tenant', orgId, '--url', instance.url]);
    expect(status).toBe(0);
    exported = stdout.trimEnd().split('\n');
  });

  it('is lines of JSON: what it is, events and checkpoints in their order, its end', () => {
    const lines = exported.map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ kind: 'audit', orgId, at: expect.any(String) });
    expect(lines.at(-1)).toEqual({ kind: 'end' });
    expect(lines[1]).toMatchObject({
      ...{ kind: 'event', orgId, userId: null, sequence: '1', type: 'tenant.created' },
      ...{ actor: { kind: 'operator' }, mac: expect.any(String), link: expect.any(String) },
    });
    expect(lines.at(-2)).toMatchObject({ kind: 'checkpoint', orgId, number: '1' });
  });

  it('is whole as it is, also without the instance', async () => {
    const { status, said } = await verifyLines(exported, ['--checkpoint', newest]);
    expect([status, WHOLE.exec(`${said}\n`)?.[4]]).toEqual([0, newest]);
  });

  it('is broken where an event was altered', async () => {
    const lines = exported.with(1, exported[1]?.replace('tenant.created', 'tenant.updated') ?? '');
    expect(await verifyLines(lines)).toEqual({
      status: 1,
      said: `${file}: BROKEN at the tenant itself, event 1: altered: it does not say what was written`,
    });
  });

  it('is broken where an event is gone', async () => {
    const gone = exported.findIndex((line) => line.includes('"type":"user.created"'));
    const { userId } = JSON.parse(exported[gone] ?? '');
    const { status, said } = await verifyLines(exported.toSpliced(gone, 1));
    expect(status).toBe(1);
    expect(said).toContain(`BROKEN at user "${userId}", event 1: missing`);
  });

  it('is broken against another checkpoint than the one that was kept', async () => {
    const other = ['--checkpoint', newest.replace(/\.[\w-]+$/, `.${'A'.repeat(43)}`)];
    const { status, said } = await verifyLines(exported, other);
    expect(status).toBe(1);
    expect(said).toContain('BROKEN at checkpoint 1: not the one that was kept outside');
  });

  it('cannot be told to be whole when it ends early, or is none', async () => {
    for (const lines of [exported.slice(0, -1), exported.slice(1), [], ['not json'], ['{}']]) {
      expect((await verifyLines(lines)).status).toBe(2);
    }
  });

  it('is broken under other keys, and cannot be verified without any', async () => {
    const other = await verifyLines(exported, [], { CHAIN_KEYS: makeOthers() });
    expect(other).toMatchObject({ status: 1, said: expect.stringContaining('altered') });
    const unknown = await verifyLines(exported, [], { CHAIN_KEYS: makeOthers('x') });
    expect(unknown).toMatchObject({ status: 1, said: expect.stringContaining('does not name') });
    const none = await verifyLines(exported, [], { CHAIN_KEYS: 'secret-but-short' });
    expect(none).toMatchObject({ status: 2, said: expect.stringMatching(/^CHAIN_KEYS: /) });
    expect(none.said).not.toContain('secret-but-short');
  });
});

it('takes the secrets from the file that keys rotates', async () => {
  const elsewhere = { REKEY_HOME: join(home, 'none') };
  const args = ['--tenant', orgId, '--url', instance.url, '--file', secrets];
  expect(await verify(args, elsewhere)).toMatchObject({ status: 0 });
});

it.each([['--help'], ['audit', '-h'], ['keys', 'rotate', '--help']])(
  'says what there is when it is asked: %s %s %s',
  (...args) => {
    const { status, stdout, stderr } = rekey(args);
    expect([status, stderr]).toEqual([0, '']);
    for (const name of ['audit verify', 'audit export', 'keys list', 'keys rotate', 'keys drop']) {
      expect(stdout).toContain(`rekey -- ${name}`);
    }
  },
);

describe('what it cannot do', () => {
  it.each<[string, string[]]>([
    ['nothing', []],
    ['an unknown command', ['audit', 'forge']],
    ['an unknown group', ['__proto__', 'toString']],
    ['an unknown tenant', ['audit', 'verify', '--tenant', 'unknown']],
  ])('ends with 2 and says so without a stack: %s', (_, args) => {
    const { status, stdout, stderr } = rekey(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd()).not.toBe('');
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it.each<[string, string[], Readonly<Record<string, string>>, RegExp]>([
    ['nobody’s audit', [], {}, /--tenant/],
    ['an unknown option', ['--force'], {}, /^Usage:/],
    ['secrets that are nowhere', ['x'], { REKEY_HOME: join(home, 'none') }, /CHAIN_KEYS.* --file/],
    ['an address for a file of secrets', ['--tenant', 'x', '--file', secrets], {}, /--url/],
    ['a checkpoint that is none', ['--tenant', 'x', '--checkpoint', 'x'], {}, /NUMBER:ROOT/],
    ['a checkpoint of two', ['a', 'b', '--checkpoint', '1:x'], {}, /one alone/],
    ['another’s key', ['--tenant', 'x'], { ADMIN_KEY: 'k'.repeat(32) }, /ADMIN_KEY/],
    ['a door that is shut', ['--tenant', 'x', '--url', 'http://127.0.0.1:1'], {}, /not answer/],
    ['cleartext', ['--tenant', 'x', '--url', 'http://rekey.example.com'], {}, /must be https/],
    ['cleartext that the environment names', ['--tenant', 'x'], { REKEY_URL: 'rekey' }, /https/],
    ['a file that is not there', [join(home, 'nothing')], {}, /ENOENT/],
  ])('ends with 2 and says why: %s', async (_, args, env, why) => {
    expect(await verify(args, env)).toMatchObject({ status: 2, said: expect.stringMatching(why) });
  });

  it('carries the operator’s key to no other address than the one that was named', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { status } = await verify(['--tenant', 'x', '--url', url]);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    expect(status).toBe(2);
    expect(asked).toEqual(['/admin/tenants/x/checkpoints?after=0&limit=200']);
  });
});
