// The operator makes tenants: what is taken, what is refused, and that names lead to one place.

import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Env } from '../../support/rekey.ts';
import {
  admin,
  makeTenant,
  makeUser,
  nextSerial,
  vbaHeaders,
  vbaSignIn,
  zapLogin,
} from '../../support/tenant.ts';
import { DEFAULTS } from './defaults.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

function validTenant() {
  const n = nextSerial();
  return {
    name: `Company ${n}`,
    clientId: `company-${n}`,
    clientCode: `cc-${n}`,
    database: `acme_c${n}`,
    hosts: [`company-${n}.localhost`],
  };
}

const create = (body: unknown, on?: Env) => admin('POST', '/tenants', body, on);

describe('a tenant', () => {
  it('is made with default settings and an id of its own', async () => {
    const tenant = validTenant();
    const answer = await create(tenant);
    expect(answer.status).toBe(201);
    const { orgId, ...rest } = answer.body;
    expect(rest).toEqual({ ...tenant, settings: DEFAULTS });
    expect(orgId).toMatch(/^db_[A-Za-z0-9_-]{16}$/);
    expectProblem(await admin('GET', `/tenants/${orgId}/users/nobody`), 404);
    expect((await admin('GET', `/tenants/${orgId}/events`)).body.events).toHaveLength(1);
  });

  it('may be given its id', async () => {
    const orgId = `Org.${nextSerial()}~_-`;
    const answer = await create({ ...validTenant(), orgId });
    expect([answer.status, answer.body.orgId]).toEqual([201, orgId]);
    expect((await admin('GET', `/tenants/${orgId}/events`)).status).toBe(200);
  });

  it('may have no host, or one named twice', async () => {
    expect((await create({ ...validTenant(), hosts: [] })).body.hosts).toEqual([]);
    expect((await create({ ...validTenant(), hosts: undefined })).body.hosts).toEqual([]);
    const tenant = validTenant();
    const twice = { ...tenant, hosts: [...tenant.hosts, ...tenant.hosts] };
    expect((await create(twice)).body.hosts).toEqual(tenant.hosts);
  });

  it('has its hosts in lower case', async () => {
    const tenant = validTenant();
    const shouted = tenant.hosts.map((host) => host.toUpperCase());
    const answer = await create({ ...tenant, hosts: [...shouted, ...tenant.hosts] });
    expect([answer.status, answer.body.hosts]).toEqual([201, tenant.hosts]);
  });

  it('is found by its three headers and by each of its hosts', async () => {
    const tenant = await makeTenant();
    const user = await makeUser(tenant);
    expect((await vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
    expect((await zapLogin(tenant, user.email, user.password)).status).toBe(200);
    const other = { ...tenant, clientCode: `${tenant.clientCode}x` };
    expect(vbaHeaders(other)).not.toEqual(vbaHeaders(tenant));
    expect((await vbaSignIn(other, user.userId, user.password)).status).toBe(401);
    const elsewhere = { ...tenant, host: `unknown.${tenant.host}` };
    expect((await zapLogin(elsewhere, user.email, user.password)).status).toBe(401);
  });
});

describe('a tenant with a field that is not valid is refused', () => {
  it.each([
    ['name', 'missing', undefined],
    ['name', 'empty', ''],
    ['name', 'too long', 'x'.repeat(201)],
    ['name', 'of two lines', 'a\nb'],
    ['name', 'a number', 7],
    ['orgId', 'empty', ''],
    ['orgId', 'with a slash', 'a/b'],
    ['orgId', 'with a space', 'a b'],
    ['orgId', 'null', null],
    ['clientId', 'missing', undefined],
    ['clientId', 'with a comma', 'a,b'],
    ['clientId', 'with a space before it', ' a'],
    ['clientId', 'with a space after it', 'a '],
    ['clientId', 'beyond ASCII', 'ä'],
    ['clientId', 'with a zero-width space', 'a\u200bb'],
    ['clientCode', 'missing', undefined],
    ['clientCode', 'a comma', ','],
    ['clientCode', 'of two lines', 'a\r\nb'],
    ['clientCode', 'too long', 'x'.repeat(201)],
    ['database', 'missing', undefined],
    ['database', 'with a comma', 'acme,globex'],
    ['database', 'empty', ''],
    ['database', 'a list', ['acme']],
    ['hosts', 'no list', 'one.localhost'],
    ['hosts', 'null', null],
    ['hosts', 'too many', Array.from({ length: 21 }, (_, i) => `h${i}.localhost`)],
    ['hosts.0', 'with a port', ['one.localhost:8787']],
    ['hosts.0', 'empty', ['']],
    ['hosts.0', 'with a dot before it', ['.localhost']],
    ['hosts.0', 'with an underscore', ['a_b.localhost']],
    ['hosts.0', 'with a star', ['*.localhost']],
    ['hosts.0', 'too long', ['x'.repeat(254)]],
    ['hosts.0', 'a number', [7]],
  ])('%s: %s', async (path, _, value) => {
    const [field = ''] = path.split('.');
    expectFieldProblem(await create({ ...validTenant(), [field]: value }), path);
  });

  it.each([['role'], ['Name'], ['createdAt'], ['id']])('an unknown field: %s', async (field) => {
    expectProblem(await create({ ...validTenant(), [field]: 'x' }), 400);
  });
});

describe('settings', () => {
  const DAY = 86_400;

  it.each([
    [
      'the lowest',
      {
        policy: { minLength: 8, maxLength: 30, requireClasses: [] },
        screening: false,
        screeningOnline: false,
        history: 0,
        maxAge: DAY,
        administratorPasswords: 'forbidden',
        accessTokenLife: 60,
        refreshTokenLife: 60,
        temporaryPasswordLife: 60,
        challengeLife: 60,
        codeLife: 60,
        requireSecureOtp: false,
        notices: false,
        language: 'de',
        templates: {},
      },
    ],
    [
      'the highest',
      {
        policy: {
          minLength: 30,
          maxLength: 200,
          requireClasses: ['lower', 'upper', 'digit', 'symbol'],
        },
        screening: true,
        screeningOnline: true,
        history: 4,
        maxAge: 3650 * DAY,
        administratorPasswords: 'temporary',
        accessTokenLife: DAY,
        refreshTokenLife: 365 * DAY,
        temporaryPasswordLife: 90 * DAY,
        challengeLife: 3600,
        codeLife: DAY,
        requireSecureOtp: true,
        notices: true,
        language: 'en',
        templates: {},
      },
    ],
  ])('may be %s, and are answered as they were given', async (_, settings) => {
    const answer = await create({ ...validTenant(), settings });
    expect([answer.status, answer.body.settings]).toEqual([201, settings]);
  });

  it.each([
    ['policy.minLength', { policy: { minLength: 7 } }],
    ['policy.minLength', { policy: { minLength: 31 } }],
    ['policy.minLength', { policy: { minLength: 15.5 } }],
    ['policy.minLength', { policy: { minLength: '15' } }],
    ['policy.maxLength', { policy: { maxLength: 29 } }],
    ['policy.maxLength', { policy: { maxLength: 201 } }],
    ['policy.requireClasses.0', { policy: { requireClasses: ['emoji'] } }],
    ['policy.requireClasses', { policy: { requireClasses: 'lower' } }],
    ['policy', { policy: { blocklist: [] } }],
    ['policy', { policy: null }],
    ['accessTokenLife', { accessTokenLife: 59 }],
    ['accessTokenLife', { accessTokenLife: DAY + 1 }],
    ['refreshTokenLife', { refreshTokenLife: 59 }],
    ['refreshTokenLife', { refreshTokenLife: 365 * DAY + 1 }],
    ['temporaryPasswordLife', { temporaryPasswordLife: 59 }],
    ['temporaryPasswordLife', { temporaryPasswordLife: 90 * DAY + 1 }],
    ['challengeLife', { challengeLife: 59 }],
    ['challengeLife', { challengeLife: 3601 }],
    ['codeLife', { codeLife: 59 }],
    ['codeLife', { codeLife: DAY + 1 }],
    ['codeLife', { codeLife: null }],
    ['codeLife', { codeLife: -600 }],
    ['history', { history: -1 }],
    ['history', { history: 5 }],
    ['history', { history: 1.5 }],
    ['history', { history: null }],
    ['maxAge', { maxAge: DAY - 1 }],
    ['maxAge', { maxAge: 3650 * DAY + 1 }],
    ['administratorPasswords', { administratorPasswords: 'never' }],
    ['administratorPasswords', { administratorPasswords: true }],
    ['screeningOnline', { screeningOnline: 'https://range.example/' }],
    ['screening', { screening: 'false' }],
    ['screening', { screening: null }],
    ['requireSecureOtp', { requireSecureOtp: 'true' }],
  ])('with %s out of its bounds are refused: %j', async (path, settings) => {
    expectFieldProblem(await create({ ...validTenant(), settings }), `settings.${path}`);
  });

  it.each([
    ['codeLife', DAY + 1, { max: DAY }, /^settings\.codeLife must be at most 86400\.$/],
    ['codeLife', 59, { min: 60 }, /^settings\.codeLife must be at least 60\.$/],
    ['temporaryPasswordLife', 91 * DAY, { max: 90 * DAY }, /at most 7776000\.$/],
    ['history', 5, { max: 4 }, /^settings\.history must be at most 4\.$/],
    ['maxAge', 60, { min: DAY }, /^settings\.maxAge must be at least 86400\.$/],
  ])('out of its bounds are told which bound it is: %s %i', async (name, value, bound, detail) => {
    const answer = await create({ ...validTenant(), settings: { [name]: value } });
    expectProblem(answer, 400, detail);
    const error = { field: `settings.${name}`, detail: 'invalid', ...bound };
    expect(answer.body.errors).toEqual([error]);
  });

  it.each([
    ['an unknown one', { lockout: 5 }],
    ['an unknown one, spelled almost right', { codelife: 600 }],
  ])('with %s are refused', async (_, settings) => {
    expectFieldProblem(await create({ ...validTenant(), settings }), 'settings');
  });
});

describe('a tenant that is there already is refused, and nothing of it is made', () => {
  it('by its id', async () => {
    const first = await create(validTenant());
    const second = validTenant();
    expectProblem(await create({ ...second, orgId: first.body.orgId }), 409, /tenant/);
    expect((await create(second)).status).toBe(201);
  });

  it('by its three names together', async () => {
    const first = validTenant();
    await create(first);
    const { clientId, clientCode, database } = first;
    const second = { ...validTenant(), clientId, clientCode, database };
    expectProblem(await create(second), 409, /tenant/);
    expect((await create({ ...second, clientCode: `${clientCode}2` })).status).toBe(201);
  });

  it('by one of its hosts', async () => {
    const first = validTenant();
    await create(first);
    const second = validTenant();
    expectProblem(
      await create({ ...second, hosts: [...second.hosts, ...first.hosts] }),
      409,
      /host/,
    );
    expect((await create(second)).status).toBe(201);
  });
});

describe('a tenant whose names lead to different places is refused', () => {
  const OTHER_MAP = { ...(env as unknown as Env), DATABASES: 'acme_*=DB,globex_*=DB_EU' };

  it.each([
    ['a host of another place', { hosts: ['shop.eu.localhost'] }, /host/i],
    ['an id that is mapped to another place', { orgId: 'globex-1' }, /orgId/],
    ['an id that begins with another place', { orgId: 'db-eu_abcdefgh' }, /orgId/],
    ['a database of another place', { database: 'globex_1' }, /HOSTS|orgId/],
    ['a database that is mapped nowhere', { database: 'initech_1', hosts: [] }, /DATABASES/],
  ])('%s', async (_, field, detail) => {
    const tenant = validTenant();
    expectProblem(await create({ ...tenant, ...field }, OTHER_MAP), 400, detail);
    expect((await create(tenant, OTHER_MAP)).status).toBe(201);
  });

  it('and one whose names lead to the other place lives there', async () => {
    const n = nextSerial();
    const names = { database: `globex_c${n}`, hosts: [`c${n}.eu.localhost`] };
    const answer = await create({ ...validTenant(), ...names });
    expect([answer.status, answer.body.orgId]).toEqual([201, expect.stringMatching(/^db-eu_/)]);
    const row = await env.DB_EU.prepare('SELECT name FROM tenant WHERE id = ?')
      .bind(answer.body.orgId)
      .first();
    expect(row).not.toBeNull();
    const elsewhere = await env.DB.prepare('SELECT name FROM tenant WHERE id = ?')
      .bind(answer.body.orgId)
      .first();
    expect(elsewhere).toBeNull();
  });
});
