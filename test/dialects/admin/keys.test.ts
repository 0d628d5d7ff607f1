// The operator's door: who may pass, its paths, and the API keys of a tenant.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256, toBase64Url, utf8 } from '../../../src/core/bytes.ts';
import { send } from '../../support/rekey.ts';
import {
  admin,
  databaseOf,
  listEvents,
  makeTenant,
  makeUser,
  newPassword,
  type TestTenant,
  type TestUser,
  vbaSignIn,
  zitadel,
  zitadelChange,
} from '../../support/tenant.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

/** 256 bits in base64url. */
const SECRET_LENGTH = 43;

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant);
});

const create = (body: unknown, orgId = tenant.orgId) =>
  admin('POST', `/tenants/${orgId}/keys`, body);
const revoke = (keyId: string, orgId = tenant.orgId) =>
  admin('DELETE', `/tenants/${orgId}/keys/${keyId}`);

describe('the door', () => {
  it.each<[string, string | null]>([
    ['nothing', null],
    ['another key', 'Bearer wrong'],
    ['a key that is cut', `Bearer ${env.ADMIN_KEY.slice(0, -1)}`],
    ['a key that is longer', `Bearer ${env.ADMIN_KEY}a`],
    ['the key by another scheme', `Basic ${env.ADMIN_KEY}`],
    ['the key twice', `Bearer ${env.ADMIN_KEY}, Bearer ${env.ADMIN_KEY}`],
    ['the bare key', env.ADMIN_KEY],
  ])('is shut to who shows %s', async (_, authorization) => {
    const headers = authorization === null ? {} : { authorization };
    for (const [method, path] of [
      ['POST', '/admin/tenants'],
      ['POST', `/admin/tenants/${tenant.orgId}/users`],
      ['GET', `/admin/tenants/${tenant.orgId}/users/${user.userId}`],
      ['GET', `/admin/tenants/${tenant.orgId}/events`],
      ['DELETE', `/admin/tenants/${tenant.orgId}/keys/x`],
      ['GET', '/admin/nothing'],
      ['GET', '/admin'],
    ] as const) {
      const answer = await send(path, { method, headers });
      expectProblem(answer, 401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="admin"');
    }
  });

  it("is shut to a tenant's key", async () => {
    const headers = { authorization: `Bearer ${tenant.serviceToken}` };
    const path = `/admin/tenants/${tenant.orgId}/users/${user.userId}`;
    expectProblem(await send(path, { headers }), 401);
  });

  it.each([
    ['GET', ''],
    ['GET', '/nothing'],
    ['POST', '/tenants/x/nothing'],
    ['POST', '/tenants/'],
    ['GET', '/tenants/x/users/y/hash'],
  ])('knows no path %s %s', async (method, path) => {
    expectProblem(await admin(method, path), 404);
  });

  it.each([
    ['GET', '/tenants', 'POST'],
    ['PUT', '/tenants', 'POST'],
    ['GET', '/tenants/x/keys', 'POST'],
    ['GET', '/tenants/x/keys/y', 'DELETE'],
    ['GET', '/tenants/x/users', 'POST'],
    ['DELETE', '/tenants/x/users/y', 'GET, HEAD'],
    ['POST', '/tenants/x/events', 'GET, HEAD'],
  ])('knows no %s %s, and tells %s', async (method, path, allow) => {
    const answer = await admin(method, path);
    expectProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe(allow);
  });
});

describe('a key', () => {
  it('is shown once, and kept as a hash', async () => {
    const answer = await create({ name: 'ours', scopes: ['signin'] });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body).sort()).toEqual(['key', 'keyId']);
    const { key, keyId } = answer.body;
    const { results } = await databaseOf(tenant)
      .prepare('SELECT * FROM api_key WHERE tenant_id = ? AND id = ?')
      .bind(tenant.orgId, keyId)
      .all();
    expect(results).toMatchObject([{ name: 'ours', scopes: 'signin', revoked_at: null }]);
    expect(results[0]?.['key_hash']).toBe(toBase64Url(await sha256(utf8(key))));
    const secret = key.slice(-SECRET_LENGTH);
    expect(JSON.stringify(results)).not.toContain(secret);
    const events = await admin('GET', `/tenants/${tenant.orgId}/events?limit=200`);
    expect(events.text).toContain(keyId);
    expect(events.text).not.toContain(secret);
  });

  it.each([
    ['name', { scopes: ['signin'] }],
    ['name', { name: '', scopes: ['signin'] }],
    ['name', { name: 'a\u0000', scopes: ['signin'] }],
    ['scopes', { name: 'k' }],
    ['scopes', { name: 'k', scopes: [] }],
    ['scopes', { name: 'k', scopes: 'signin' }],
    ['scopes.0', { name: 'k', scopes: ['admin'] }],
    ['scopes.1', { name: 'k', scopes: ['signin', 'user.read user.write'] }],
  ])('with a %s that is not valid is refused: %j', async (field, body) => {
    expectFieldProblem(await create(body), field);
  });

  it('with an unknown field is refused', async () => {
    expectProblem(await create({ name: 'k', scopes: ['signin'], key: 'mine' }), 400);
  });

  it('of an unknown tenant is refused', async () => {
    for (const orgId of ['db_unknown', 'unknown', 'db-eu_unknown']) {
      expectProblem(await create({ name: 'k', scopes: ['signin'] }, orgId), 404, /tenant/);
    }
  });
});

describe('a revoked key', () => {
  it('is refused from the next request on, everywhere', async () => {
    const { key, keyId } = (
      await create({ name: 'all', scopes: ['signin', 'user.read', 'user.write'] })
    ).body;
    const signIn = () => vbaSignIn({ ...tenant, apiKey: key }, user.userId, user.password);
    const ask = () => zitadel(key, `${user.userId}/password_reset`, { returnCode: {} });
    expect([(await signIn()).status, (await ask()).status]).toEqual([200, 200]);

    const answer = await revoke(keyId);

    expect([answer.status, answer.text]).toEqual([204, '']);
    expect([(await signIn()).status, (await ask()).status]).toEqual([401, 401]);
    expectProblem(await revoke(keyId), 404, /key/);
  });

  it("is one of the named tenant: another tenant's key stays", async () => {
    const { key, keyId } = (await create({ name: 'mine', scopes: ['user.write'] })).body;
    const other = await makeTenant();
    expectProblem(await revoke(keyId, other.orgId), 404, /key/);
    expectProblem(await revoke('unknown'), 404, /key/);
    const answer = await zitadel(key, `${user.userId}/password_reset`, { returnCode: {} });
    expect(answer.status).toBe(200);
  });
});

describe('scopes', () => {
  it('a key without signin is no x-api-key', async () => {
    for (const apiKey of [tenant.serviceToken, tenant.readerToken]) {
      const answer = await vbaSignIn({ ...tenant, apiKey }, user.userId, user.password);
      const unknown = await vbaSignIn({ ...tenant, apiKey: 'x' }, user.userId, user.password);
      expect([answer.status, unknown.status]).toEqual([401, 401]);
      expect(answer.body.error).toEqual(unknown.body.error);
    }
  });

  it('a key with signin alone may not write users', async () => {
    const body = { newPassword: { password: newPassword() } };
    const change = await zitadelChange(tenant.apiKey, user.userId, body);
    expect([change.status, change.body.code]).toEqual([403, 7]);
    const path = `${user.userId}/password_reset`;
    const reset = await zitadel(tenant.apiKey, path, { returnCode: {} });
    expect([reset.status, reset.body.code]).toEqual([403, 7]);
  });

  it('a key with signin alone may not learn who is there', async () => {
    const body = { newPassword: { password: newPassword() }, currentPassword: 'not the one' };
    const unknown = await zitadelChange(tenant.apiKey, 'nobody', body);
    const known = await zitadelChange(tenant.apiKey, user.userId, body);
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    expect((await listEvents(tenant, user.userId)).at(-1)?.type).toBe('password.change-refused');
  });

  it('named twice are one', async () => {
    const answer = await create({ name: 'k', scopes: ['user.read', 'user.read'] });
    expect(answer.status).toBe(201);
    const row = await databaseOf(tenant)
      .prepare('SELECT scopes FROM api_key WHERE tenant_id = ? AND id = ?')
      .bind(tenant.orgId, answer.body.keyId)
      .first();
    expect(row).toEqual({ scopes: 'user.read' });
  });
});
