// Section 5.6, links and browsers: there is no page here, no cookie and no redirect, and so nothing that a page could use.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, refillBuckets } from '../dialects/vba/call.ts';
import { call as zapCall } from '../dialects/zap/call.ts';
import { type Answer, ORIGIN, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';

let tenant: t.TestTenant;
let user: t.TestUser;
let token: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
  token = await t.zapToken(tenant, user);
});

beforeEach(refillBuckets);

/** Nothing that a browser would show, run, keep or follow. */
function expectInert({ status, headers }: Answer): void {
  expect(status < 300 || status >= 400).toBe(true);
  for (const name of ['location', 'set-cookie', 'refresh', 'link']) {
    expect([name, headers.get(name)]).toEqual([name, null]);
  }
  expect(headers.get('content-type') ?? 'application/json').toMatch(
    /^(?:application\/|text\/plain)/,
  );
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('cache-control')).toBe('no-store');
}

const EVIL = 'https://evil.example';

describe('A63: an address to return to', () => {
  it.each([
    '//evil.example',
    'https:evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    `https://login.example@evil.example`,
  ])('%s leads nowhere', async (address) => {
    const names = [
      'return_to',
      'redirect_uri',
      'next',
      'url',
      'continue',
      'post_logout_redirect_uri',
    ];
    const query = new URLSearchParams(names.map((name) => [name, address]));
    const { email: identity, password } = user;
    const answers = [
      await call(tenant, `/user-authentication?${query}`, {
        headers: { authorization: t.basic(user.userId, password), referer: address },
      }),
      await zapCall(tenant, `/v1/login?${query}`, { body: { identity, password } }),
      await zapCall(tenant, `/v1/users/token?${query}`, { method: 'GET', token }),
      await send(`/.well-known/change-password?${query}`),
    ];
    for (const answer of answers) {
      expectInert(answer);
      expect(answer.text).not.toContain('evil');
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
  });
});

describe('A64: a link that a scanner of mails opens', () => {
  it('spends no code: neither GET nor HEAD reads one, wherever it stands', async () => {
    const code = await t.resetCode(tenant, user.userId);
    const before = await dumpTenant(tenant);
    const query = new URLSearchParams({
      userId: user.userId,
      userID: user.userId,
      identity: user.email,
      code,
      otp: code,
      confirmationCode: code,
      verificationCode: code,
      newPassword: 'violet harbour at dawn',
    });
    const paths = [
      `http://${tenant.host}:8787/v1/forgotPassword`,
      `http://${tenant.host}:8787/v1/otp/verify`,
      `${ORIGIN}/confirm-forgot-password`,
      `${ORIGIN}/v2/users/${user.userId}/password`,
      `${ORIGIN}/v2/users/${user.userId}/password/${code}`,
      `${ORIGIN}/zitadel.user.v2.UserService/SetPassword`,
    ];
    for (const path of paths) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await send(`${path}?${query}`, { method, headers: t.vbaHeaders(tenant) });
        expect([path, method, [401, 404, 405, 415]]).toEqual([
          path,
          method,
          expect.arrayContaining([answer.status]),
        ]);
        expectInert(answer);
        expect(answer.text).not.toContain(code);
      }
    }
    expect(await dumpTenant(tenant)).toBe(before);
    const used = { newPassword: { password: user.password }, verificationCode: code };
    // The code is judged right: it is the password that is refused, or taken.
    expect((await t.zitadelChange(tenant.readerToken, user.userId, used)).status).toBe(200);
    token = await t.zapToken(tenant, user);
  });
});

describe('A65: a form on a page of somebody else', () => {
  const TYPES = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ];
  /** What a browser adds, and what it has not: no header of ours, and no token. */
  const fromPage = (type: string) => ({
    'content-type': type,
    origin: EVIL,
    referer: `${EVIL}/page`,
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'user-agent': 'Mozilla/5.0',
    cookie: `token=${token}; x-api-key=${tenant.apiKey}`,
  });

  it.each(TYPES)('of %s changes nothing', async (type) => {
    const { userId, email, password: oldPassword } = user;
    const newPassword = 'violet harbour at dawn';
    const fields = {
      userId,
      userID: userId,
      email,
      oldPassword,
      currentPassword: oldPassword,
      newPassword,
    };
    const texts = [JSON.stringify(fields), new URLSearchParams(fields).toString()];
    const before = await dumpTenant(tenant);
    for (const path of [
      `http://${tenant.host}:8787/v1/changePassword`,
      `http://${tenant.host}:8787/v1/users`,
      `${ORIGIN}/change-temporary-password`,
      `${ORIGIN}/users/${userId}/change-password`,
      `${ORIGIN}/users/${userId}/admin-disable`,
      `${ORIGIN}/v2/users/${userId}/password`,
      `${ORIGIN}/zitadel.user.v2.UserService/SetPassword`,
      `${ORIGIN}/admin/tenants/${tenant.orgId}/users`,
    ]) {
      for (const body of texts) {
        const answer = await send(path, { method: 'POST', headers: fromPage(type), body });
        expect([path, [400, 401, 403, 415]]).toEqual([
          path,
          expect.arrayContaining([answer.status]),
        ]);
        expectInert(answer);
      }
    }
    expect(await dumpTenant(tenant)).toBe(before);
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])(
    'nor does %s, anywhere but at ZAP’s logout with a token',
    async (method) => {
      const before = await dumpTenant(tenant);
      const headers = { ...fromPage('text/plain'), ...t.vbaHeaders(tenant) };
      for (const path of [
        '/logout',
        '/kick',
        '/users',
        '/user-authentication',
        '/user-refresh-tokens',
      ]) {
        expectInert(await send(path, { method, headers }));
      }
      for (const path of ['/v1/users/logout/x', '/v1/users', '/v1/changePassword']) {
        expectInert(
          await send(`http://${tenant.host}:8787${path}`, {
            method,
            headers: fromPage('text/plain'),
          }),
        );
      }
      expect(await dumpTenant(tenant)).toBe(before);
    },
  );
});

describe('A66: markup in what is shown again', () => {
  const MARKUP = '"><img src=x onerror=alert(1)><script>alert(1)</script>';

  it('comes back as text of JSON, which no browser takes for a page', async () => {
    const marked = await t.makeUser(tenant, { userId: `a${MARKUP}` });
    const service = { authorization: `Bearer ${tenant.serviceToken}`, accept: 'text/html' };
    const shown = await send(`/v2/users/${encodeURIComponent(marked.userId)}`, {
      headers: service,
    });
    expect(shown.body.user.userId).toBe(marked.userId);
    const path = encodeURIComponent(MARKUP);
    const answers = [
      shown,
      await call(tenant, `/${path}`, { headers: { accept: 'text/html' } }),
      await call(tenant, '/user-authentication', {
        headers: { accept: 'text/html', authorization: t.basic(MARKUP, t.newPassword()) },
      }),
      await zapCall(tenant, `/v1/${path}`, { method: 'GET', headers: { accept: 'text/html' } }),
      await send(`/v2/${path}`, { headers: { accept: 'text/html' } }),
      await send(`/admin/${path}`, { headers: { accept: 'text/html' } }),
      await send(`/.well-known/${path}`, { headers: { accept: 'text/html' } }),
    ];
    for (const answer of answers) {
      expectInert(answer);
      expect(answer.text).not.toBe('');
      if (answer !== shown) expect(answer.text).not.toContain('<script>');
    }
  });
});

describe('A68: a path that ends like a file', () => {
  it.each(['x.css', 'logo.png', '%2fx.css', ';x.css', '..%2fx.js', '%0ax.css', '.css', '?x.css'])(
    'is no answer that a cache would keep: %s',
    async (end) => {
      const headers = { authorization: `Bearer ${token}` };
      const glue = end.startsWith('.c') || /^[%;?]/.test(end) ? '' : '/';
      for (const path of [
        `http://${tenant.host}:8787/v1/users/token`,
        `${ORIGIN}/v2/users/${user.userId}`,
        `${ORIGIN}/account`,
      ]) {
        const answer = await send(`${path}${glue}${end}`, { headers });
        expectInert(answer);
        // A query is no part of the path.
        if (end.startsWith('?')) continue;
        expect([400, 401, 403, 404, 405], `${path}${glue}${end}`).toContain(answer.status);
        expect(answer.text).not.toContain(user.email);
      }
    },
  );
});
