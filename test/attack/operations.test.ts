// Section 5.7, operations: databases that fail under every route, hashes that no one should derive, and what is random.
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import schema from '../../schema.sql?raw';
import { CODE_FORMATS, drawCode } from '../../src/core/code.ts';
import { drawOpaque } from '../../src/core/opaque.ts';
import * as vba from '../dialects/vba/call.ts';
import { call, expectFailure } from '../dialects/zap/call.ts';
import { makePerson } from '../dialects/zap/people.ts';
import { ROUTES, type World } from '../dialects/zap/table.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { dumpDatabases, makeFaultyEnv } from '../support/faulty.ts';
import { overtake } from '../support/held-commit.ts';
import { watchLogs } from '../support/logs.ts';
import { type Answer, type Env, measure } from '../support/rekey.ts';
import { computeChiSquare, platformRandom } from '../support/secrets.ts';
import * as t from '../support/tenant.ts';
import { makeReceiver, watchFetch } from '../support/webhook.ts';
import { describeHuman, call as zitadelCall } from '../support/zitadel-users.ts';
import { startInstance } from './instances.ts';

cheapenHashes();

let world: World;
let tenant: t.TestTenant;

beforeAll(async () => {
  const receiver = await makeReceiver();
  tenant = receiver.tenant;
  world = { receiver, adminToken: await t.zapToken(tenant, await makePerson(tenant, 'admin')) };
});

beforeEach(async () => {
  watchFetch();
  await vba.refillBuckets();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a guess that was begun leaves stands, whatever becomes of its request. */
async function dump(): Promise<string> {
  return (await dumpDatabases()).replaceAll(/^(?:throttle|lane|flood): .*$/gm, '');
}

async function forgetGuesses(): Promise<void> {
  await env.DB.prepare('DELETE FROM throttle').run();
}

/** Runs it once for each batch and statement that it has, each failing; nothing is done, and nothing is told. */
async function expectFailClosed(
  run: (on: Env) => Promise<Answer>,
  expectShape: (answer: Answer) => void,
): Promise<void> {
  const probe = makeFaultyEnv({ kind: 'at-statement', batch: 0, statement: 0 });
  expectShape(await run(probe.on));
  const before = await dump();
  for (let statement = 0; ; statement += 1) {
    await forgetGuesses();
    const { on, seen } = makeFaultyEnv({ kind: 'at-statement', batch: 1, statement });
    const answer = await run(on);
    // Without a commit there is nothing more to fail.
    if (seen.sizes.length < 2) return expect(answer.status).toBeLessThan(300);
    expectShape(answer);
    expect(answer.text).not.toMatch(/SQL|D1_|constraint|NULL|\bat /);
    expect(await dump()).toBe(before);
    if (statement + 1 >= (seen.sizes[1] ?? 0)) break;
  }
  expect((await run(startInstance())).status).toBeLessThan(300);
}

describe('A70: a database that fails', () => {
  // The two that change a password are broken at every statement by test/invariants/faults.test.ts.
  const others = ROUTES.filter(({ name }) => name !== 'change of a password' && name !== 'reset');

  it.each(others.map((route) => [route.name, route] as const))(
    'at any statement leaves ZAP as it was: %s',
    async (_, { prepare }) => {
      const ready = await prepare(world);
      const logs = watchLogs();
      await expectFailClosed(
        (on) => call(tenant, ready.path, { ...ready.call, on }),
        (answer) => expectFailure(answer, 500),
      ).finally(logs.stop);
    },
  );

  const VBA: [
    string,
    (user: t.TestUser, admin: vba.Tokens) => Promise<(on: Env) => Promise<Answer>>,
  ][] = [
    [
      'refresh',
      async (user) => {
        const tokens = await vba.signIn(tenant, user);
        return (on) => t.vbaRefresh(tenant, tokens, on);
      },
    ],
    [
      'forgotten password',
      async ({ userId: userID }) =>
        (on) =>
          vba.call(tenant, '/forgot-password', { body: { userID }, on }),
    ],
    [
      'logout',
      async (user) => {
        const tokens = await vba.signIn(tenant, user);
        return (on) => vba.callAs(tenant, tokens, '/logout', { on });
      },
    ],
    [
      'new user',
      async ({ userId }, admin) =>
        (on) =>
          vba.callAs(tenant, admin, '/users', { body: { userID: `new-${userId}` }, on }),
    ],
    [
      'reset by an administrator',
      async ({ userId }, admin) =>
        (on) =>
          vba.callAs(tenant, admin, vba.userPath(userId, 'admin-reset-password'), { on }),
    ],
    [
      'end by an administrator',
      async ({ userId }, admin) =>
        (on) =>
          vba.callAs(tenant, admin, vba.userPath(userId, 'admin-disable'), { on }),
    ],
  ];

  it.each(VBA)('at any statement leaves VBA as it was: %s', async (_, prepare) => {
    const admin = await vba.signIn(tenant, await t.makeUser(tenant, { role: 'admin' }));
    const run = await prepare(await t.makeUser(tenant), admin);
    const logs = watchLogs();
    await expectFailClosed(
      async (on) => {
        await vba.refillBuckets();
        return run(on);
      },
      (answer) => expect([answer.status, answer.body.data]).toEqual([500, null]),
    ).finally(logs.stop);
  });
});

async function readHash(userId: string): Promise<string | null> {
  return env.DB.prepare('SELECT hash FROM credential WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, userId)
    .first('hash');
}

describe('A72: a stored hash that no one should derive', () => {
  it('is a wrong password at every door, at the price of any other', async () => {
    const user = await t.makeUser(tenant);
    const sound = (await readHash(user.userId)) ?? '';
    const [, scheme = '', params = '', salt = '', sealed = ''] = sound.split('$');
    const costing = (cost: string) =>
      `$${scheme}$${params.replace(/i=\d+/, cost)}$${salt}$${sealed}`;
    const hostile = [
      costing('i=1000000000'),
      costing('i=0'),
      costing('i=-1'),
      costing('i=100001'),
      params.replace(/c=\d+/, 'c=600000'),
      `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${sealed}`,
      `$${scheme}$${params}$${salt}$!!!${sealed.slice(3)}`,
      `$${scheme}$${params.replace(/k=\w+/, 'k=nowhere')}$${salt}$${sealed}`,
      sound.slice(0, -8),
      '$',
      '',
      'x'.repeat(100_000),
    ];
    for (const hash of hostile) {
      await env.DB.prepare('UPDATE credential SET hash = ? WHERE tenant_id = ? AND user_id = ?')
        .bind(hash, tenant.orgId, user.userId)
        .run();
      await forgetGuesses();
      const { value, cost } = await measure((on) =>
        t.zapLogin(tenant, user.email, user.password, on),
      );
      expect([hash.slice(0, 60), value.status, cost.links]).toEqual([hash.slice(0, 60), 401, 6]);
    }
  });
});

describe('A73: hashing anew at a sign-in', () => {
  it('keeps the session and the version, and is done for the right password alone', async () => {
    const user = await t.makeUser(tenant);
    const before = await vba.signIn(tenant, user);
    const sealed = await readHash(user.userId);
    const draw = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
    const newer = `newest=${draw()},next=${draw()}`;
    const rotated = { ...startInstance(), PEPPER_KEYS: `${newer},${env.PEPPER_KEYS}` };
    expect(
      (await t.vbaSignIn(tenant, user.userId, 'a wrong password for all', rotated)).status,
    ).toBe(401);
    expect(await readHash(user.userId)).toBe(sealed);
    expect((await t.vbaSignIn(tenant, user.userId, user.password, rotated)).status).toBe(200);
    expect(await readHash(user.userId)).toContain('k=newest');
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
    expect((await t.vbaRefresh(tenant, before, rotated)).status).toBe(200);
  });

  it('does not undo a change that came first', async () => {
    const password = t.newPassword();
    const human = { ...describeHuman(), hashedPassword: { hash: await hashAsOthersDo(password) } };
    const made = await zitadelCall(tenant.serviceToken, 'POST', 'users/human', human);
    const { userId } = made.body;
    const newPassword = { password: t.newPassword() };
    const late = await overtake(
      (on) => t.vbaSignIn(tenant, userId, password, on),
      async () => {
        const changed = await t.zitadelChange(tenant.serviceToken, userId, { newPassword });
        expect(changed.status).toBe(200);
      },
    );
    expect(late.status).toBeGreaterThanOrEqual(400);
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(401);
    expect((await t.vbaSignIn(tenant, userId, newPassword.password)).status).toBe(200);
  });

  async function hashAsOthersDo(password: string): Promise<string> {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const bytes = new TextEncoder().encode(password);
    const key = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']);
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1000 };
    const output = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
    const encode = (part: Uint8Array) => btoa(String.fromCharCode(...part)).replace(/=+$/, '');
    return `$pbkdf2-sha256$1000$${encode(salt)}$${encode(output)}`;
  }
});

describe('A78: a hundred thousand', () => {
  const COUNT = 100_000;

  it('tokens are all different', () => {
    const drawn = Array.from({ length: COUNT }, () => drawOpaque('refresh', 'db', platformRandom));
    expect(new Set(drawn).size).toBe(COUNT);
  });

  // Beyond these a uniform draw comes once in a thousand million: the quantiles of chi-square.
  it.each([
    ['letters', 105],
    ['digits', 62],
  ] as const)('codes of %s favour no character', (name, bound) => {
    const format = CODE_FORMATS[name];
    const drawn = Array.from({ length: COUNT }, () => drawCode(platformRandom, format));
    for (let at = 0; at < format.length; at += 1) {
      const column = drawn.map((code) => code[at]).join('');
      expect(computeChiSquare(column, format.alphabet)).toBeLessThan(bound);
    }
  });
});

describe('A79: times', () => {
  it('are stored as whole milliseconds, wherever there are any', async () => {
    const fields = schema.split('CREATE TABLE IF NOT EXISTS ').flatMap((table) => {
      const [name = ''] = table.split(' ');
      return [...table.matchAll(/^ {2}(\w+_at) /gm)].map(([, field = '']) => ({ name, field }));
    });
    expect(fields.length).toBeGreaterThan(20);
    for (const { name, field } of fields) {
      const { results } = await env.DB.prepare(
        `SELECT DISTINCT typeof(${field}) AS kind, ${field} BETWEEN 1 AND 1600000000000 AS early FROM ${name}`,
      ).all<{ kind: string; early: number | null }>();
      for (const { kind, early } of results) {
        expect([name, field, kind]).toEqual([
          name,
          field,
          expect.stringMatching(/^(?:integer|null)$/),
        ]);
        expect([name, field, early]).toEqual([name, field, kind === 'null' ? null : 0]);
      }
    }
  });
});
