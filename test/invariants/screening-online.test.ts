// Breached passwords are asked for over the network where a tenant wants it: last of all, with five digits of a hash, and
// whoever cannot be asked stands in nobody's way. Refusals at each door: screening.test.ts; real sockets: test/node.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { watchLogs } from '../support/logs.ts';
import { hashSha1, serveRanges } from '../support/ranges.ts';
import { type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { call, describeHuman } from '../support/zitadel-users.ts';

cheapenHashes();

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant({ settings: { screeningOnline: true, history: 2 } });
});

function change(userId: string, password: string, proof: object = {}, on?: Env) {
  const body = { newPassword: { password }, ...proof };
  return t.zitadelChange(tenant.serviceToken, userId, body, on);
}

/** A user made where nobody is asked: the audit of what is asked later begins with the change. */
async function makeUser(): Promise<t.TestUser> {
  await serveRanges([]);
  return t.makeUser(tenant);
}

async function readFacts(userId: string) {
  return (await t.listEvents(tenant, userId)).at(-1)?.facts;
}

describe('what leaves', () => {
  it('is five digits of the hash, with padding asked for, and no redirect is followed', async () => {
    const { userId } = await makeUser();
    const { asked } = await serveRanges([]);
    const password = t.newPassword();
    expect((await change(userId, password)).status).toBe(200);
    const hash = await hashSha1(password);
    const prefix = hash.slice(0, 5).toUpperCase();
    expect(asked.map(({ url }) => url)).toEqual([`https://range.example/range/${prefix}`]);
    const { headers, redirect, method, body, signal } = asked[0]?.init ?? {};
    expect([redirect, method, body]).toEqual(['manual', undefined, undefined]);
    expect(headers).toEqual({ 'add-padding': 'true', 'user-agent': 'rekey' });
    expect(signal).toBeInstanceOf(AbortSignal);
    expect(await readFacts(userId)).not.toHaveProperty('screeningOnline');
  });

  it('is nothing when anything else is against the password, or its proof is wrong', async () => {
    const { userId, password: currentPassword } = await makeUser();
    const second = t.newPassword();
    expect((await change(userId, second, { currentPassword })).status).toBe(200);
    const { asked } = await serveRanges([]);
    for (const [password, proof] of [
      ['short', {}],
      ['passwordpassword', {}],
      [currentPassword, { currentPassword: second }],
      [second, { currentPassword: second }],
      [t.newPassword(), { currentPassword: t.newPassword() }],
      [t.newPassword(), { verificationCode: 'NONE2345' }],
    ] as const) {
      expect((await change(userId, password, proof)).status).toBe(400);
    }
    expect((await change('nobody', t.newPassword())).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('is nothing for a hash that another system made, nor at a sign-in', async () => {
    const { userId, password } = await makeUser();
    const { asked } = await serveRanges([password]);
    expect((await t.vbaSignIn(tenant, userId, password)).status).toBe(200);
    const hash = `$pbkdf2-sha256$12$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    const human = { ...describeHuman(), hashedPassword: { hash } };
    expect((await call(tenant.serviceToken, 'POST', 'users/human', human)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it('is nothing where the tenant does not want it', async () => {
    const own = await t.makeTenant();
    const { asked } = await serveRanges([]);
    await t.makeUser(own);
    expect(asked).toEqual([]);
  });
});

it('costs no trip and no derivation', async () => {
  const { userId } = await makeUser();
  await serveRanges([]);
  const { value, cost } = await measure((on) => change(userId, t.newPassword(), {}, on));
  expect([value.status, cost.trips, cost.links]).toEqual([200, 2, 6]);
});

describe('whoever cannot be asked stands in nobody’s way, and the audit and the log say so', () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ['no server', () => Promise.reject(new TypeError('no such server'))],
    ['an error', () => new Response('broken', { status: 500 })],
    ['a redirect', () => Response.redirect('https://elsewhere.example/')],
    ['no content', () => new Response(null, { status: 204 })],
    ['an answer without end', () => new Response(`${'0'.repeat(35)}:0\n`.repeat(8000))],
  ])('%s', async (_, reply) => {
    const { userId } = await makeUser();
    const { asked } = await serveRanges([], reply);
    const logs = watchLogs();
    const changed = await change(userId, t.newPassword());
    logs.stop();
    expect([changed.status, asked.length]).toEqual([200, 1]);
    expect(await readFacts(userId)).toMatchObject({ screeningOnline: 'unavailable' });
    const activityId = changed.headers.get('x-request-id');
    const line = { level: 'error', activityId, error: 'BreachRangeError' };
    expect(logs.troubles()).toEqual([line]);
  });

  it('what is no range, which is no failure of the network', async () => {
    const { userId } = await makeUser();
    await serveRanges([], () => new Response('<html>'));
    expect((await change(userId, t.newPassword())).status).toBe(200);
    expect(await readFacts(userId)).toMatchObject({ screeningOnline: 'unavailable' });
  });

  it('a new user’s event says so, too', async () => {
    await serveRanges([], () => new Response('<html>'));
    const { userId } = await t.makeUser(tenant);
    const facts = { initial: 'password', screeningOnline: 'unavailable' };
    expect(await readFacts(userId)).toMatchObject(facts);
  });

  it('a deployment that asks nobody any more', async () => {
    const { userId } = await makeUser();
    const { asked } = await serveRanges([]);
    const on = { ...(env as unknown as Env), BREACH_RANGE_URL: undefined };
    expect((await change(userId, t.newPassword(), {}, on)).status).toBe(200);
    expect(asked).toEqual([]);
    expect(await readFacts(userId)).toMatchObject({ screeningOnline: 'unavailable' });
  });
});

it('is refused as a setting where the deployment asks nobody', async () => {
  const on = { ...(env as unknown as Env), BREACH_RANGE_URL: undefined };
  const settings = { screeningOnline: true, language: 'de' };
  const path = `/tenants/${(await t.makeTenant()).orgId}`;
  const refused = await t.admin('PATCH', path, { settings }, on);
  expect([refused.status, refused.body.detail]).toEqual([
    400,
    'The deployment has no BREACH_RANGE_URL.',
  ]);
  const kept = (await t.admin('GET', path)).body.settings;
  expect([kept.screeningOnline, kept.language]).toEqual([false, 'en']);
});
