// Bodies under wrong names, forms, headers, SQL in every place, and whatever else JSON can say.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { countDerivations } from '../support/iteration-cap.ts';
import { ORIGIN, send } from '../support/rekey.ts';
import { forgetSecret } from '../support/secret-watch.ts';
import {
  admin,
  basic,
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  type TestTenant,
  type TestUser,
  vbaHeaders,
  vbaRefresh,
  vbaSignIn,
  zapLogin,
  zapToken,
  zitadelChange,
} from '../support/tenant.ts';
import { type Door, type DoorName, expectRefused, knock, openDoors } from './doors.ts';

cheapenHashes();

let doors: Record<DoorName, Door>;

beforeAll(async () => {
  doors = await openDoors();
});

describe('a body under a wrong name is refused', () => {
  const NEVER = [
    'text/html',
    'text/plain',
    'application/xml',
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/jsonp',
    'application/json, text/plain',
    'x-application/json',
    'json',
  ];
  const FORM = 'application/x-www-form-urlencoded';

  it.each<[DoorName, readonly string[]]>([
    ['VBA change', [...NEVER, FORM]],
    ['ZAP change', [...NEVER, 'text/json', 'application/vnd.api+json']],
    ['ZAP login', [...NEVER, 'text/json', 'application/vnd.api+json']],
    ['admin user', [...NEVER, FORM, 'text/json', 'application/merge-patch+json']],
    ['ZITADEL change by password', ['application/grpc', 'application/grpc+proto']],
    ['ZITADEL reset', ['application/grpc', 'application/grpc+proto', 'application/proto']],
  ])('%s', async (name, types) => {
    const body = JSON.stringify(doors[name].valid);
    for (const type of types) {
      const answer = await expectRefused(doors[name], body, { 'content-type': type });
      expect([type, answer.status]).toEqual([type, 415]);
    }
  });

  it.each<DoorName>(['VBA change', 'ZAP change', 'ZAP login', 'admin user'])(
    'and so is one without a name: %s',
    async (name) => {
      const body = new TextEncoder().encode(JSON.stringify(doors[name].valid));
      const answer = await expectRefused(doors[name], body, null);
      expect(answer.status).toBe(415);
    },
  );
});

describe('a form is refused that is', () => {
  const form = (fields: string) =>
    `${new URLSearchParams(doors['ZAP change'].valid as Record<string, string>)}${fields}`;

  it.each<[string, () => string | Uint8Array<ArrayBuffer>]>([
    ['a field twice', () => form('&oldPassword=canary')],
    ['a field twice with the same value', () => form(form('').replace(/^/, '&'))],
    ['a field and its other name', () => form('&secureOTP=canary&otp=canary')],
    ['bytes that are no UTF-8', () => form('&x=canary%FF')],
    ['a broken escape', () => form('&x=canary%zz')],
    ['a NUL', () => form('').replace('newPassword=', 'newPassword=%00')],
    ['raw bytes', () => new Uint8Array([...new TextEncoder().encode(form('&x=')), 0xff])],
    ['brackets instead of a field', () => form('').replace('newPassword=', 'newPassword[]=')],
    ['a path to the prototype', () => form('').replace('email=', '__proto__.polluted=')],
    ['a prototype', () => form('').replace('email=', '__proto__[polluted]=')],
    ['JSON', () => JSON.stringify(doors['ZAP change'].valid)],
    ['nothing', () => ''],
  ])('%s', async (_, body) => {
    const answer = await expectRefused(doors['ZAP change'], body(), {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer.status).toBe(400);
  });
});

describe('Basic credentials are refused that are', () => {
  const raw = (...bytes: number[]) => `Basic ${btoa(String.fromCharCode(...bytes))}`;

  it.each<[string, string]>([
    ['no base64', 'Basic %%%'],
    ['empty', 'Basic'],
    ['without a colon', `Basic ${btoa('canary')}`],
    ['without a user', `Basic ${btoa(':canary')}`],
    ['no UTF-8', raw(0x61, 0x3a, 0xff, 0xfe)],
    ['a NUL in the id', basic('a\u0000b', 'canary')],
    ['a NUL in the password', basic('nobody', 'canary\u0000')],
    ['a zero-width space in the id', basic('a\u200bb', 'canary')],
    ['an id of 201 characters', basic('x'.repeat(201), 'canary')],
    ['a password of 201 characters', basic('nobody', 'canary'.padEnd(201))],
    ['two at once', `${basic('a', 'canary')}, ${basic('b', 'canary')}`],
    ['of another scheme', basic('a', 'canary').replace('Basic', 'Digest')],
  ])('%s', async (_, authorization) => {
    const { 'content-type': _type, ...headers } = doors['VBA change'].headers;
    const derivations = countDerivations();
    const answer = await send('/user-authentication', {
      method: 'POST',
      headers: { ...headers, authorization },
    });
    expect([answer.status, answer.body.data]).toEqual([401, null]);
    expect(answer.text).not.toContain('canary');
    expect(countDerivations()).toBe(derivations);
  });
});

const SQL = [
  "' OR '1'='1",
  "'; DROP TABLE account; --",
  '" OR ""="',
  '%',
  '_',
  '\\',
  '?1',
  ':a @b $c',
  "x' UNION SELECT hash FROM credential --",
  '/* */',
];

describe('SQL is text', () => {
  let tenant: TestTenant;
  let user: TestUser;

  beforeAll(async () => {
    tenant = await makeTenant();
    user = await makeUser(tenant);
  });

  const fingerprint = () =>
    env.DB.prepare(
      `SELECT (SELECT count(*) FROM account) AS accounts, (SELECT sum(version) FROM credential) AS versions,
        (SELECT count(*) FROM tenant) AS tenants, (SELECT count(*) FROM api_key WHERE revoked_at IS NULL) AS keys`,
    ).first();

  /** What they are given is a new user's. */
  const MAKERS: readonly DoorName[] = ['admin user', 'VBA user', 'ZAP user'];

  it.each(SQL.slice(0, 2))('in every field of every door: %s', async (text) => {
    const before = await fingerprint();
    for (const door of Object.values(doors)) {
      for (const [field, value] of Object.entries(door.valid)) {
        // What is new to us may be any text: the last test of this group is about it.
        const isNew = field === 'newPassword' || MAKERS.some((name) => door === doors[name]);
        if (typeof value !== 'string' || isNew) continue;
        const answer = await knock(door, JSON.stringify({ ...door.valid, [field]: text }));
        door.expectRefusal(answer, door.path);
      }
    }
    expect(await fingerprint()).toEqual(before);
  });

  it.each(SQL)('in every header: %s', async (text) => {
    const before = await fingerprint();
    for (const name of Object.keys(vbaHeaders(tenant))) {
      if (name === 'user-agent') continue;
      const answer = await send('/user-authentication', {
        method: 'POST',
        headers: { ...vbaHeaders(tenant), authorization: basic(user.userId, 'x'), [name]: text },
      });
      expect([name, answer.status]).toEqual([name, 401]);
    }
    const tokens = { idToken: text, refreshToken: text };
    expect((await vbaRefresh(tenant, tokens)).status).toBe(401);
    const authorization = `Bearer ${tenant.serviceToken}`;
    for (const headers of [
      { authorization: `Bearer ${text}` },
      { authorization, 'x-zitadel-orgid': text },
    ]) {
      const answer = await send(`/v2/users/${user.userId}/password`, { method: 'POST', headers });
      expect([401, 403]).toContain(answer.status);
    }
    expect((await admin('DELETE', `/tenants/x/keys/${encodeURIComponent(text)}`)).status).toBe(404);
    expect(await fingerprint()).toEqual(before);
  });

  it('and a name made of it is a name like any other', async () => {
    for (const [index, text] of [SQL[0] ?? '', '%', '_'].entries()) {
      // It came as a session and as a token before.
      forgetSecret(text);
      const password = newPassword();
      const made = await admin('POST', `/tenants/${tenant.orgId}/users`, {
        userId: text,
        username: `${text}${index}`,
        password,
      });
      expect(made.status).toBe(201);
      const login = await zapLogin(tenant, `${text}${index}`, password);
      expect(login.body.data.id).toBe(text);
      expect(await readUser(tenant, text)).toMatchObject({ passwordVersion: 1, sequence: '2' });
    }
    const changed = await zitadelChange(tenant.serviceToken, '%', {
      newPassword: { password: newPassword() },
    });
    expect(changed.status).toBe(200);
    expect((await readUser(tenant, '_')).passwordVersion).toBe(1);
    expect((await vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
  });
});

describe('whatever JSON says, the answer is no fault of ours', () => {
  /** Any UTF-16, lone surrogates included. */
  const anyText = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 24 })
    .map((units) => String.fromCharCode(...units));
  const anyValue = fc.oneof(anyText, fc.jsonValue({ maxDepth: 3 }));
  const RUNS = 40;

  async function expectOwnAnswer(door: Door, value: unknown): Promise<void> {
    const answer = await knock(door, JSON.stringify(value));
    if (answer.status < 300) return;
    door.expectRefusal(answer, door.path);
  }

  const fieldsOf: Record<string, readonly string[]> = {
    'VBA change': ['userID', 'newPassword', 'session'],
    'VBA confirm': ['userID', 'newPassword', 'confirmationCode'],
    'VBA user': ['userID', 'email', 'temporaryPassword'],
    'ZAP reset': ['identity', 'otp', 'newPassword'],
    'ZAP user': ['username', 'email', 'password', 'phoneNumber', 'roleId', 'name'],
    'admin settings': ['settings'],
    'ZAP change': ['userId', 'email', 'oldPassword', 'newPassword', 'secureOTP', 'otp'],
    'ZITADEL change by password': ['newPassword', 'currentPassword', 'new_password'],
    'ZITADEL change by code': ['newPassword', 'verificationCode', 'current_password', 'userId'],
  };

  it.each(Object.keys(fieldsOf))('%s', async (key) => {
    const name = key as DoorName;
    const door = doors[name];
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), (value) => expectOwnAnswer(door, value)),
      { numRuns: RUNS },
    );
    const fields = Object.fromEntries((fieldsOf[name] ?? []).map((field) => [field, anyValue]));
    await fc.assert(
      fc.asyncProperty(fc.record(fields, { requiredKeys: [] }), (value) =>
        expectOwnAnswer(door, { ...door.valid, ...value }),
      ),
      { numRuns: RUNS },
    );
  });

  it('nor is it with any id in the path', async () => {
    const tenant = await makeTenant();
    const token = await zapToken(tenant, await makeUser(tenant));
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(text, async (id) => {
        const answer = await send(`${ORIGIN}/v2/users/${encodeURIComponent(id)}/password`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: '{"newPassword":{"password":"a password that is long"}}',
        });
        // 400: no name holds a control character.
        expect([400, 403, 404, 405]).toContain(answer.status);
      }),
      { numRuns: RUNS },
    );
  });

  it.each(['%', '%zz', '%ff', '%00', '%ed%a0%80', '%2e%2e%2f', '%c0%af', '%u0041'])(
    'nor with a path that holds %s',
    async (id) => {
      for (const path of [`/v2/users/${id}/password`, `/admin/tenants/${id}/users/${id}`]) {
        const isOperator = path.startsWith('/admin');
        const answer = await send(path, {
          method: isOperator ? 'GET' : 'POST',
          headers: {
            authorization: isOperator ? `Bearer ${env.ADMIN_KEY}` : 'Bearer unknown',
          },
        });
        // 400: what is no escape is refused before anyone is asked who they are, as a malformed body is.
        expect([400, 401, 404]).toContain(answer.status);
      }
    },
  );
});
