// What holds for every route of ZAP: its paths, its bodies, its refusals, and what it costs.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { makeReceiver, watchFetch } from '../../support/webhook.ts';
import { call, expectData, expectFailure, FORM, see, tenantHeaders, toForm } from './call.ts';
import { makePerson } from './people.ts';
import { type Ready, ROUTES, type World } from './table.ts';

let world: World;
let other: t.TestTenant;

beforeEach(watchFetch);

beforeAll(async () => {
  const receiver = await makeReceiver();
  const { tenant } = receiver;
  const adminToken = await t.zapToken(tenant, await makePerson(tenant, 'admin'));
  world = { receiver, adminToken };
  other = await t.makeTenant();
});

afterEach(() => {
  vi.restoreAllMocks();
});

const SHAPES: readonly [string, (path: string) => string][] = [
  ['as it is', (path) => path],
  ['with a slash at the end', (path) => `${path}/`],
  ['under /api', (path) => `/api${path}`],
  ['under /api, with a slash at the end', (path) => `/api${path}/`],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function knock({ path, call: right }: Ready, over: Parameters<typeof call>[2] = {}) {
  return call(world.receiver.tenant, path, { ...right, ...over });
}

describe.each(ROUTES)('the route: $name', ({ allow, status, links, reads, prepare }) => {
  it.each(SHAPES)('answers %s', async (_, shape) => {
    const ready = await prepare(world);
    const answer = await call(world.receiver.tenant, shape(ready.path), ready.call);
    expect(expectData(answer, status)).toEqual(ready.data);
  });

  it('costs at most two trips to one database, and its derivations', async () => {
    const ready = await prepare(world);
    const { value, cost } = await measure((on) => knock(ready, { on }));
    expect(expectData(value, status)).toEqual(ready.data);
    const timing = value.headers.get('server-timing');
    expect(timing).toMatch(/^trips;desc="[12]", /);
    expect(timing).toContain(`links;desc="${links}"`);
    expect(cost.links).toBe(links);
    expect(cost.databases).toEqual(['DB']);
  });

  it('refuses every other method in all its shapes, and nothing happens', async () => {
    const ready = await prepare(world);
    const before = await dumpTenant(world.receiver.tenant);
    for (const method of METHODS.filter((each) => !allow.split(', ').includes(each))) {
      for (const [, shape] of SHAPES) {
        const { token = '' } = ready.call;
        const answer = await call(world.receiver.tenant, shape(ready.path), { method, token });
        expect(answer.status).toBe(405);
        expect(answer.headers.get('allow')).toBe(allow);
        if (method !== 'HEAD') expectFailure(answer, 405);
      }
    }
    expect(await dumpTenant(world.receiver.tenant)).toBe(before);
    expectData(await knock(ready), status);
  });

  it('refuses half a tenant in the headers', async () => {
    const ready = await prepare(world);
    const headers = { 'vbasoftware-client-id': world.receiver.tenant.clientId };
    expectFailure(await knock(ready, { headers }), 400);
    expectData(await knock(ready, { headers: tenantHeaders(world.receiver.tenant) }), status);
  });

  if (reads.includes('body')) {
    it('takes a form', async () => {
      const ready = await prepare(world);
      const body = toForm(ready.call.body ?? {});
      const answer = await knock(ready, { body, headers: FORM });
      expect(expectData(answer, status)).toEqual(ready.data);
    });

    it('refuses a body that it cannot read, and takes the right one afterwards', async () => {
      const ready = await prepare(world);
      const text = JSON.stringify(ready.call.body);
      expectFailure(await knock(ready, { body: text.replace(/}$/, ',}') }), 400);
      expectFailure(await knock(ready, { body: `[${text}]` }), 400);
      expectFailure(await knock(ready, { body: '' }), 400);
      expectFailure(await knock(ready, { body: text.padEnd(16 * 1024 + 1) }), 413);
      for (const type of ['text/plain', 'multipart/form-data; boundary=x']) {
        expectFailure(await knock(ready, { headers: { 'content-type': type } }), 415);
      }
      expectData(await knock(ready), status);
    });

    it('refuses each field that is not text, by its name', async () => {
      const ready = await prepare(world);
      const { body = {} } = ready.call;
      for (const field of Object.keys(body)) {
        for (const value of [7, null, '', ['text'], { $ne: '' }]) {
          const answer = await knock(ready, { body: { ...body, [field]: value } });
          expect(expectFailure(answer, 400)).toContain(field);
        }
        const { [field]: _, ...rest } = body;
        expect(expectFailure(await knock(ready, { body: rest }), 400)).toContain(field);
      }
      expectData(await knock(ready), status);
    });
  }

  if (reads.includes('token')) {
    it('asks for a token, first of all', async () => {
      const ready = await prepare(world);
      for (const authorization of [null, '', 'Bearer', 'Basic YTpi', 'Bearer garbage']) {
        const answer = await knock(ready, { headers: { authorization } });
        expectFailure(answer, 401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      }
      if (reads.includes('body')) {
        const { token: _, ...bare } = ready.call;
        const unread = { ...bare, body: 'not { JSON' };
        expectFailure(await call(world.receiver.tenant, ready.path, unread), 401);
      }
      expectData(await knock(ready), status);
    });

    it("refuses a token at another tenant's host, and with another tenant's headers", async () => {
      const ready = await prepare(world);
      expectFailure(await knock(ready, { host: other.host }), 401);
      expectFailure(await knock(ready, { headers: tenantHeaders(other) }), 401);
      const key = { headers: { authorization: `Bearer ${world.receiver.tenant.serviceToken}` } };
      expectFailure(await knock(ready, key), 401);
      expectData(await knock(ready, { host: 'unknown.localhost' }), status);
    });
  } else {
    it('refuses an unknown host', async () => {
      const ready = await prepare(world);
      expectFailure(await knock(ready, { host: 'unknown.localhost' }), 401);
      expectFailure(await knock(ready, { host: 'unknown.eu.localhost' }), 401);
      const headers = tenantHeaders(world.receiver.tenant);
      expectData(await knock(ready, { host: 'unknown.localhost', headers }), status);
    });
  }
});

describe('a second factor by an app', () => {
  it.each(['', '/', '/setup', '/verify/', '/a/b'])('is not there yet: /v1/2fa%s', async (path) => {
    const before = await dumpTenant(world.receiver.tenant);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      for (const prefix of ['', '/api']) {
        const answer = await call(world.receiver.tenant, `${prefix}/v1/2fa${path}`, { method });
        expectFailure(answer, 501);
      }
    }
    expect(await dumpTenant(world.receiver.tenant)).toBe(before);
  });

  it('is not what only begins like it', async () => {
    expectFailure(await call(world.receiver.tenant, '/v1/2fast'), 404);
  });
});

it('an unknown path is not found, whoever asks', async () => {
  const paths = ['/v1/otp/more', '/v1/users/1/2', '/v1/users/token/x', '/v1/users/logout/1/2'];
  for (const path of paths) {
    const bare = await call(world.receiver.tenant, path, { method: 'GET' });
    expectFailure(bare, 404);
    const { adminToken: token } = world;
    expect(see(await call(world.receiver.tenant, path, { method: 'GET', token }))).toEqual(
      see(bare),
    );
  }
});
