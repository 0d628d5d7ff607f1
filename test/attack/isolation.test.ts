// Section 5.4, tenants and rights: whoever comes from elsewhere reads and changes nothing, by whatever route or spelling.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, callAs, refillBuckets, signIn } from '../dialects/vba/call.ts';
import { call as zapCall } from '../dialects/zap/call.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Answer, type Env, ORIGIN, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import {
  describeHuman,
  openSession,
  type Verb,
  call as zitadelCall,
} from '../support/zitadel-users.ts';
import { startInstance } from './instances.ts';

cheapenHashes();

let ours: t.TestTenant;
/** In the same database. */
let theirs: t.TestTenant;
let user: t.TestUser;
let stranger: t.TestUser;

beforeAll(async () => {
  ours = await t.makeTenant();
  theirs = await t.makeTenant();
  user = await t.makeUser(ours);
  stranger = await t.makeUser(theirs);
});

beforeEach(refillBuckets);

/** Databases that remember every row that they gave away, and every value that was bound. */
function listen(): { readonly on: Env; readonly heard: () => string } {
  const heard: unknown[] = [];
  const wrap = (database: D1Database) => ({
    prepare: (sql: string) => ({
      bind: (...values: unknown[]) => {
        heard.push(values);
        return database.prepare(sql).bind(...values);
      },
    }),
    batch: async (statements: D1PreparedStatement[]) => {
      const results = await database.batch(statements);
      heard.push(results.map((result) => result.results));
      return results;
    },
  });
  const on = { ...startInstance(), DB: wrap(env.DB), DB_EU: wrap(env.DB_EU) };
  return { on, heard: () => JSON.stringify(heard) };
}

describe('A25, A38: a good key at the headers of another tenant', () => {
  it('reads no row of that tenant, and is answered as at those of none', async () => {
    const { userId, password } = stranger;
    const authorization = t.basic(userId, password);
    const ask = (names: t.TestTenant, on: Env, headers: Record<string, string> = {}) => {
      const all = { ...t.vbaHeaders(names), 'x-api-key': ours.apiKey, authorization, ...headers };
      return send('/user-authentication', { method: 'POST', headers: all }, on);
    };
    const { on, heard } = listen();
    const answer = await ask(theirs, on);
    expect(answer.status).toBe(401);
    for (const word of [theirs.orgId, stranger.email, stranger.username]) {
      expect(heard()).not.toContain(word);
    }
    const nobody = await ask(theirs, on, { 'vbasoftware-client-code': 'code-of-nobody' });
    expect([nobody.status, nobody.body.error]).toEqual([401, answer.body.error]);
    // What is listened to here would be heard: their own key is told who they are.
    const own = listen();
    expect((await ask(theirs, own.on, { 'x-api-key': theirs.apiKey })).status).toBe(200);
    expect(own.heard()).toContain(stranger.email);
  });
});

describe('A39: users of two tenants with the same id and the same names', () => {
  it('share nothing, whatever happens to one of them', async () => {
    const names = { userId: 'twin', username: 'twin-name', email: 'twin@mail.example' };
    const [password, next, last] = [t.newPassword(), t.newPassword(), t.newPassword()];
    for (const { orgId } of [ours, theirs]) {
      const body = { ...names, password: orgId === ours.orgId ? password : t.newPassword() };
      expect((await t.admin('POST', `/tenants/${orgId}/users`, body)).status).toBe(201);
    }
    await t.resetCode(theirs, 'twin');
    const before = await dumpTenant(theirs);
    const { userId, email } = names;
    const { token } = (await t.zapLogin(ours, email, password)).body.data;
    const change = { userId, email, oldPassword: password, newPassword: next };
    const newPassword = { password: last };
    const steps: (() => Promise<Answer>)[] = [
      () => t.vbaSignIn(ours, userId, 'a wrong password for all'),
      () => t.zapLogin(ours, email, 'a wrong password for all'),
      () => t.zapChange(ours, token, change),
      async () =>
        t.zitadelChange(ours.readerToken, userId, {
          newPassword,
          verificationCode: await t.resetCode(ours, userId),
        }),
      () =>
        zapCall(ours, '/v1/forgotPassword', {
          body: { identity: email, otp: '00000000', newPassword: t.newPassword() },
        }),
      () => t.zapLogin(ours, email, last),
      () => zitadelCall(ours.serviceToken, 'POST', `users/${userId}/lock`, {}),
      () => zitadelCall(ours.serviceToken, 'DELETE', `users/${userId}`),
    ];
    for (const step of steps) {
      expect((await step()).status).toBeLessThan(500);
      expect(await dumpTenant(theirs)).toBe(before);
    }
    expect((await zitadelCall(ours.serviceToken, 'GET', `users/${userId}`)).status).toBe(404);
  });
});

describe('A41: a tenant header in another spelling', () => {
  it.each([
    ['upper case', (text: string) => text.toUpperCase()],
    ['a NUL behind', (text: string) => `${text}%00`],
    ['a blank that is none behind', (text: string) => `${text}\u00a0`],
    ['a letter that looks the same', (text: string) => text.replace('c', '\u00e7')],
    ['a joker', (text: string) => text.replace(/\d+$/, '%')],
    ['quotes around', (text: string) => `"${text}"`],
  ])('names nobody: %s', async (_, spell) => {
    const before = await dumpTenant(ours);
    for (const header of ['vbasoftware-client-id', 'vbasoftware-client-code'] as const) {
      const headers = {
        ...t.vbaHeaders(ours),
        authorization: t.basic(user.userId, user.password),
        [header]: spell(t.vbaHeaders(ours)[header] ?? ''),
      };
      const answer = await send('/user-authentication', { method: 'POST', headers });
      expect([400, 401]).toContain(answer.status);
      expect(answer.body.data).toBeNull();
    }
    expect(await dumpTenant(ours)).toBe(before);
  });
});

describe('A42: every route of ZITADEL', () => {
  const listRoutes = (session: string): [Verb, string, object?][] => {
    const at = `users/${user.userId}`;
    const password = { newPassword: { password: 'violet harbour at dawn' } };
    const organization = { orgId: ours.orgId };
    return [
      ['POST', `${at}/password`, password],
      ['POST', `${at}/password_reset`, { returnCode: {} }],
      ['POST', `${at}/password_reset`, { sendLink: {} }],
      ['POST', `${at}/lock`, {}],
      ['POST', `${at}/unlock`, {}],
      ['POST', `${at}/deactivate`, {}],
      ['POST', `${at}/reactivate`, {}],
      ['GET', at],
      ['DELETE', at],
      ['PUT', `users/human/${user.userId}`, { username: 'taken-over' }],
      ['PATCH', at, { username: 'taken-over' }],
      ['POST', 'users/human', { ...describeHuman(), organization }],
      ['POST', 'users/new', { organizationId: ours.orgId, human: describeHuman() }],
      ['GET', `sessions/${session}`],
      ['PATCH', `sessions/${session}`, { metadata: { a: 'YQ==' } }],
      ['DELETE', `sessions/${session}`, {}],
      ['POST', 'sessions', { checks: { user: { userId: user.userId } } }],
    ];
  };

  it('is shut to whoever is of another tenant, or is nobody who may', async () => {
    const { sessionId } = await openSession(ours, user);
    const boss = await t.makeUser(theirs, { role: 'admin' });
    const principals: [string, string][] = [
      ['a key of theirs that may write', theirs.serviceToken],
      ['an admin of theirs', await t.zapToken(theirs, boss)],
      ['a key of theirs for sign-ins', theirs.apiKey],
      ['a key of ours for sign-ins', ours.apiKey],
      ['a plain user of ours', await t.zapToken(ours, await t.makeUser(ours))],
      ['nobody', 'nobody'],
    ];
    const before = await dumpTenant(ours);
    for (const [who, token] of principals) {
      for (const [verb, path, body] of listRoutes(sessionId)) {
        const { status, text } = await zitadelCall(token, verb, path, body);
        const asked = `${who}: ${verb} ${path}`;
        // To end a session that is not there is to be done with it: told of one that is as of one that is not.
        const isEnd = verb === 'DELETE' && path.startsWith('sessions/');
        expect([400, 401, 403, 404, ...(isEnd ? [200] : [])], asked).toContain(status);
        expect(text, asked).not.toContain(user.email);
      }
    }
    expect(await dumpTenant(ours)).toBe(before);
  });
});

describe('A45: the own token at a path that means another user', () => {
  it('changes nobody, however the id is written', async () => {
    const own = await signIn(ours, await t.makeUser(ours, { userId: 'mallory' }));
    const id = user.userId;
    const ids = [
      id,
      `mallory/../${id}`,
      `mallory/%2e%2e/${id}`,
      `mallory%2F..%2F${id}`,
      `.%2F${id}`,
      `${id}%00`,
      `${id}%20`,
      `%20${id}`,
      id.toUpperCase(),
      `${id}?userId=mallory`,
      `${id}#mallory`,
      `${id};mallory`,
      `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`,
      `mallory%00${id}`,
      `${id}/`,
      `/${id}`,
      'n'.repeat(3000),
    ];
    const before = await dumpTenant(ours);
    const headers = {
      authorization: `Bearer ${own.accessToken}`,
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ newPassword: { password: t.newPassword() } });
    for (const each of ids) {
      const answers = [
        await send(`${ORIGIN}/v2/users/${each}/password`, { method: 'POST', headers, body }),
        await send(`${ORIGIN}/v2/users/${each}`, { method: 'DELETE', headers }),
        await callAs(ours, own, `/users/${each}/admin-disable`),
        await zapCall(ours, `/v1/users/${each}`, { method: 'DELETE', token: own.accessToken }),
      ];
      for (const { status } of answers) expect([400, 401, 403, 404, 405], each).toContain(status);
    }
    expect(await dumpTenant(ours)).toBe(before);
  });
});

describe('A47: what is not for clients', () => {
  it.each([
    '/debug',
    '/metrics',
    '/docs',
    '/openapi.json',
    '/swagger',
    '/.git/config',
    '/.env',
    '/.dev.vars',
    '/schema.sql',
    '/cdn-cgi/handler/scheduled',
    '/v1',
    '/v2',
    '/v2/debug',
    '/admin',
    '/admin/metrics',
  ])('%s is not there', async (path) => {
    const answer = await send(path, { headers: t.vbaHeaders(ours) });
    expect([401, 404, 405]).toContain(answer.status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('a tenant is not made by naming one', async () => {
    const count = () => env.DB.prepare('SELECT count(*) AS n FROM tenant').first('n');
    const before = await count();
    const invented = {
      ...ours,
      clientId: 'invented',
      clientCode: 'invented',
      host: 'invented.localhost',
    };
    expect((await t.vbaSignIn(invented, user.userId, user.password)).status).toBe(401);
    expect((await t.zapLogin(invented, user.email, user.password)).status).toBeGreaterThan(400);
    const headers = { 'x-zitadel-orgid': 'invented' };
    const body = { userID: user.userId, clientId: 'invented' };
    expect((await call(invented, '/forgot-password', { headers, body })).status).toBe(401);
    expect(await count()).toBe(before);
  });
});
