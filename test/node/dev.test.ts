// The main job, for real: one command, then a changed password through each of the three systems, with what it printed.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Demo } from '../../src/node/demo.ts';
import {
  findFreePort,
  findGroup,
  Instance,
  isFree,
  listGroup,
  makeHome,
  run,
  runInShell,
  until,
} from '../support/instance.ts';

type Tenant = Demo['tenants'][number];

const homes: string[] = [];
const instances: Instance[] = [];

function newHome(): string {
  const home = makeHome();
  homes.push(home);
  return home;
}

function start(home: string, port: number, under?: 'shell'): Instance {
  const instance = new Instance('dev', home, port, under);
  instances.push(instance);
  return instance;
}

afterAll(async () => {
  for (const instance of instances) await instance.stop('SIGTERM');
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function readDemo(home: string): Demo {
  return JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
}

/** Those over HTTP; the one over gRPC has a test of its own. */
function takeCalls(printed: string): string {
  const calls = /^# 1\. [\s\S]*(?=^# 4\. )/m.exec(printed)?.[0];
  if (calls === undefined) throw new Error(`no calls in: ${printed}`);
  return calls;
}

function vbaSignIn(url: string, tenant: Tenant, userId: string, password: string) {
  return fetch(`${url}/user-authentication`, {
    method: 'POST',
    headers: {
      'x-api-key': tenant.apiKey,
      'vbasoftware-client-id': tenant.clientId,
      'vbasoftware-client-code': tenant.clientCode,
      'vbasoftware-database': tenant.database,
      authorization: `Basic ${btoa(`${userId}:${password}`)}`,
    },
  });
}

async function readUser({ url, adminKey }: Demo, tenant: Tenant, userId: string) {
  const answer = await fetch(`${url}/admin/tenants/${tenant.orgId}/users/${userId}`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  return answer.json();
}

/** Runs what was printed and shows that each of the three passwords is another one now. */
async function expectCallsToWork(demo: Demo, printed: string): Promise<void> {
  const calls = takeCalls(printed);
  const { stdout, stderr } = runInShell(calls);
  expect(stderr).toBe('');
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers).toMatchObject([
    { data: { challengeName: 'NEW_PASSWORD_REQUIRED', session: expect.any(String) } },
    { data: { challengeName: null, authenticationResult: { idToken: expect.any(String) } } },
    { success: true, data: { roleId: 'admin', token: expect.any(String) } },
    { success: true, data: 'Password updated successfully' },
    { details: { sequence: expect.any(String), resourceOwner: demo.tenants[1].orgId } },
  ]);
  for (const { tenant, userId, before, after } of findChanges(demo, calls)) {
    expect((await vbaSignIn(demo.url, tenant, userId, before)).status).toBe(401);
    const signedIn = await vbaSignIn(demo.url, tenant, userId, after);
    expect(signedIn.status).toBe(200);
    expect(await signedIn.json()).toMatchObject({ data: { challengeName: null } });
    expect(await readUser(demo, tenant, userId)).toMatchObject({
      state: 'active',
      passwordVersion: 2,
    });
  }
}

function findChanges({ tenants: [acme, globex] }: Demo, calls: string) {
  const find = (pattern: RegExp): string[] => {
    const found = pattern.exec(calls);
    if (found === null) throw new Error(`not printed: ${pattern}`);
    return found.slice(1);
  };
  const [vbaUser = '', temporary = ''] = find(/-u '([^:]+):([^']+)'/);
  const [vbaNew = ''] = find(/"userID":"[^"]+","newPassword":"([^"]+)"/);
  const [zapUser = '', zapOld = '', zapNew = ''] = find(
    /"userId":"([^"]+)".*"oldPassword":"([^"]+)","newPassword":"([^"]+)"/,
  );
  const [zitadelUser = ''] = find(/\/v2\/users\/([^/]+)\/password'/);
  const [zitadelNew = '', zitadelOld = ''] = find(
    /"password":"([^"]+)","changeRequired":false},"currentPassword":"([^"]+)"/,
  );
  return [
    { tenant: acme, userId: vbaUser, before: temporary, after: vbaNew },
    { tenant: acme, userId: zapUser, before: zapOld, after: zapNew },
    { tenant: globex, userId: zitadelUser, before: zitadelOld, after: zitadelNew },
  ];
}

async function expectDemoUsersToSignIn({ url, tenants }: Demo): Promise<void> {
  for (const tenant of tenants) {
    for (const user of tenant.users) {
      const secret = user.password ?? user.temporaryPassword ?? '';
      const answer = await vbaSignIn(url, tenant, user.userId, secret);
      expect(answer.status).toBe(200);
      const challengeName = user.state === 'temporary' ? 'NEW_PASSWORD_REQUIRED' : null;
      expect(await answer.json()).toMatchObject({ data: { challengeName } });
    }
  }
}

describe('npm start', () => {
  let home: string;
  let first: Instance;
  let demo: Demo;
  let printed: string;

  beforeAll(async () => {
    home = newHome();
    first = start(home, await findFreePort());
    printed = await first.ready();
    demo = readDemo(home);
  });

  it('writes the demo down in the shape that is promised', () => {
    const named = {
      userId: expect.any(String),
      username: expect.any(String),
      email: expect.stringContaining('@'),
    };
    const password = expect.stringMatching(/^[\w-]{20,}$/);
    const tenant = (name: string, database: RegExp, host: RegExp) => ({
      name,
      orgId: expect.any(String),
      clientId: expect.any(String),
      clientCode: expect.any(String),
      database: expect.stringMatching(database),
      host: expect.stringMatching(host),
      apiKey: expect.any(String),
      serviceToken: expect.any(String),
      readerToken: expect.any(String),
      users: [
        { role: 'admin', state: 'active', ...named, password },
        { role: 'user', state: 'active', ...named, password },
        { role: 'user', state: 'temporary', ...named, temporaryPassword: password },
      ],
    });
    expect(demo).toEqual({
      url: first.url,
      grpcUrl: first.grpcUrl,
      adminKey: expect.stringMatching(/^[\w-]{43}$/),
      tenants: [
        tenant('Acme', /^acme_/, /^acme-\w+\.localhost$/),
        tenant('Globex', /^globex_/, /^globex-\w+\.eu\.localhost$/),
      ],
    });
  });

  it('gives both tenants the same people under different passwords', () => {
    const [acme, globex] = demo.tenants.map(({ users }) =>
      users.map(({ userId, username, email }) => ({ userId, username, email })),
    );
    expect(acme).toEqual(globex);
    const secrets = demo.tenants.flatMap(({ users }) =>
      users.map((user) => user.password ?? user.temporaryPassword),
    );
    expect(new Set(secrets).size).toBe(6);
  });

  it('keeps what is secret from other accounts of the machine', () => {
    for (const file of ['.dev.vars', '.rekey/demo.json']) {
      expect(statSync(join(home, file)).mode & 0o077).toBe(0);
    }
  });

  it('prints calls that change a password through each of the three systems', async () => {
    await expectCallsToWork(demo, printed);
  });

  it('leaves the users of the demo as its file says', async () => {
    await expectDemoUsersToSignIn(demo);
  });

  it('tells what a request cost, by default here', async () => {
    const answer = await fetch(`${first.url}/healthz`);
    expect(answer.headers.get('server-timing')).toBe('trips;desc="0", links;desc="0"');
  });

  it('refuses a second start on the same state, in one line', async () => {
    for (const port of [first.port, await findFreePort()]) {
      const { code, stdout, stderr } = await run('dev', home, port);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^Rekey runs on this state already: .*\n$/);
    }
  });

  it('refuses to wipe the state under a running instance, in one line', async () => {
    const { code, stderr } = await run('fresh', home, '');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Rekey runs on this state already: .*\n$/);
    expect(existsSync(join(home, '.dev.vars'))).toBe(true);
  });

  it('stops all that it started at Ctrl-C, and frees both ports', async () => {
    const group = findGroup(first.pid);
    expect(listGroup(group).length).toBeGreaterThan(2);
    expect((await first.stop('SIGINT')).code).toBe(0);
    expect(listGroup(group)).toEqual([]);
    expect(await isFree(first.port)).toBe(true);
    expect(await isFree(first.port + 1)).toBe(true);
  });

  it('keeps the state at the next start, and prints calls that work again', async () => {
    const second = start(home, await findFreePort());
    const again = await second.ready();
    expect(readDemo(home)).toEqual({
      ...demo,
      url: second.url,
      grpcUrl: second.grpcUrl,
    });
    await expectDemoUsersToSignIn(readDemo(home));
    await expectCallsToWork(readDemo(home), again);

    // Even a death that it cannot see coming leaves nothing behind.
    const group = findGroup(second.pid);
    await second.stop('SIGKILL');
    await until('no process left', () => listGroup(group).length === 0, 15_000);
  });

  it('makes a fresh demo when the admin key is another one', async () => {
    const vars = readFileSync(join(home, '.dev.vars'), 'utf8');
    const adminKey = 'k'.repeat(43);
    writeFileSync(
      join(home, '.dev.vars'),
      vars.replace(/^ADMIN_KEY=.*$/m, `ADMIN_KEY='${adminKey}'`),
    );
    const third = start(home, await findFreePort(), 'shell');
    await third.ready();
    const fresh = readDemo(home);
    expect(fresh.adminKey).toBe(adminKey);
    const old = new Set(demo.tenants.map(({ orgId }) => orgId));
    expect(fresh.tenants.filter(({ orgId }) => old.has(orgId))).toEqual([]);
    await expectDemoUsersToSignIn(fresh);

    // npm that is told to end takes only its shell along.
    const { pid } = JSON.parse(readFileSync(join(home, '.rekey/running.json'), 'utf8'));
    const group = findGroup(pid);
    await third.stop('SIGTERM');
    await until('no process left', () => listGroup(group).length === 0, 15_000);
  });

  it('is wiped by npm run fresh', async () => {
    const { code } = await run('fresh', home, '');
    expect(code).toBe(0);
    for (const gone of ['.dev.vars', '.rekey', '.wrangler/state']) {
      expect(existsSync(join(home, gone))).toBe(false);
    }
  });
});
