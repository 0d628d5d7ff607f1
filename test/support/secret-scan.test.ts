// The scan that follows every file finds what it is there for: in the log, in every table, in every form.
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it } from 'vitest';
import { watchLogs } from './logs.ts';
import { send } from './rekey.ts';
import { findOwnLeaks } from './secret-scan.ts';
import {
  findLeaks,
  forgetSecret,
  listSecrets,
  watchAnswer,
  watchRequest,
  watchSecret,
} from './secret-watch.ts';
import * as t from './tenant.ts';

const planted: string[] = [];

/** A secret that is meant to be found, once. */
function plant(): string {
  const secret = crypto.randomUUID();
  watchSecret(secret, 'this test');
  planted.push(secret);
  return secret;
}

afterEach(async () => {
  for (const secret of planted.splice(0)) forgetSecret(secret);
  expect(await findOwnLeaks()).toEqual([]);
});

describe('is found', () => {
  it('what was logged, though a spy had the console', async () => {
    const secret = plant();
    const logs = watchLogs();
    console.warn('it was', { toString: () => secret });
    logs.stop();
    expect(await findOwnLeaks()).toEqual(['this test: in the log']);
  });

  it('what was logged without a spy', async () => {
    const secret = plant();
    console.info(secret);
    expect(await findOwnLeaks()).toEqual(['this test: in the log']);
  });

  it.each(['DB', 'DB_EU'] as const)('what is stored in %s', async (binding) => {
    const secret = plant();
    const insert = 'INSERT INTO tenant_host (host, tenant_id) VALUES (?, ?)';
    const tenant = await t.makeTenant({ place: binding === 'DB' ? 'default' : 'eu' });
    await env[binding].prepare(insert).bind(`${secret}.localhost`, tenant.orgId).run();
    expect(await findOwnLeaks()).toEqual([`this test: in ${binding}.tenant_host`]);
  });

  it('the password, the key and the token of a call', async () => {
    const tenant = await t.makeTenant();
    const user = await t.makeUser(tenant);
    const { body } = await t.zapLogin(tenant, user.email, user.password);
    const code = await t.resetCode(tenant, user.userId);
    const { token, refreshToken } = body.data;
    const { apiKey } = tenant;
    for (const secret of [user.password, apiKey, token, refreshToken, code, env.ADMIN_KEY]) {
      expect([...listSecrets().keys()]).toContain(secret);
      const texts = new Map([['a text', `before ${secret} after`]]);
      expect(findLeaks(listSecrets(), texts)).toContainEqual(expect.stringMatching(/: in a text$/));
    }
  });

  it('a password of Basic, and what a form holds', async () => {
    const [basic, form] = [crypto.randomUUID(), crypto.randomUUID()];
    const headers = { authorization: t.basic('user', `${basic}:é`) };
    await send('/user-authentication', { method: 'POST', headers });
    await send('/v1/login', { method: 'POST', body: `identity=u&password=${form}` });
    expect([...listSecrets().keys()]).toEqual(expect.arrayContaining([`${basic}:é`, form]));
  });
});

describe('of a text', () => {
  const find = (secret: string, text: string) =>
    findLeaks(new Map([[secret, 'it']]), new Map([['the text', text]]));
  const SECRET = 'a "secret" & é\n';

  it.each([SECRET, JSON.stringify({ SECRET }), `x=${encodeURIComponent(SECRET)}`])(
    'every form is known: %j',
    (text) => {
      expect(find(SECRET, text)).toEqual(['it: in the text']);
    },
  );

  it('a number is one that stands alone', () => {
    for (const text of ['code=12345678&', '"12345678"', '#12345678', '12345678']) {
      expect(find('12345678', text)).toHaveLength(1);
    }
    for (const text of ['1123456780', 'a12345678', '12345678-4e21', '+4112345678']) {
      expect(find('12345678', text)).toEqual([]);
    }
  });

  it('what leaks is not shown', () => {
    expect(find(SECRET, SECRET).join()).not.toContain('secret');
  });
});

it('what is no secret is not taken for one', () => {
  const before = listSecrets().size;
  const names = { userId: 'somebody-else', clientCode: 'code-of-client', password: 'short' };
  watchRequest('/path', {
    body: JSON.stringify({ ...names, deep: [{ sessionId: 'not-secret' }] }),
  });
  watchAnswer('/path', '{"error":{"code":16},"session":{"id":"session-1234"}}');
  expect(listSecrets().size).toBe(before);
});
