// Users are made and read: by an admin of their tenant, and read by themselves.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { call, expectData, expectFailure, FORM, see, toForm } from './call.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let tenant: t.TestTenant;
let other: t.TestTenant;
let adminToken: string;
let user: t.TestUser;
let userToken: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  adminToken = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
  user = await t.makeUser(tenant);
  userToken = await t.zapToken(tenant, user);
});

function create(body: object, token = adminToken): Promise<Answer> {
  return call(tenant, '/v1/users', { token, body });
}

function read(path: string, token = adminToken): Promise<Answer> {
  return call(tenant, `/v1/users${path}`, { method: 'GET', token });
}

function fresh() {
  const n = t.nextSerial();
  return { username: `new-${n}`, email: `new-${n}@mail.example`, password: t.newPassword() };
}

describe('a new user', () => {
  it('is shown whole, and signs in by each name', async () => {
    const { username, email, password } = fresh();
    const phoneNumber = `+49170${t.nextSerial()}`;
    const name = 'Ada Lovelace';
    const body = { username, email, password, phoneNumber, name, roleId: 'admin' };
    const made = expectData(await create(body), 201);
    expect(made).toEqual({
      id: expect.stringMatching(/^[\w-]{16}$/),
      name,
      username,
      email,
      roleId: 'admin',
      phoneNumber,
      emailVerified: false,
      createdAt: TIME,
      updatedAt: made.createdAt,
    });
    for (const identity of [username, email, phoneNumber]) {
      const {
        token,
        refreshToken: _,
        ...shown
      } = expectData(await t.zapLogin(tenant, identity, password));
      expect(shown).toEqual(made);
      expect(expectData(await read('/token', token))).toEqual(made);
    }
    expect(expectData(await read(`/${made.id}`))).toEqual(made);
  });

  it('is a plain user without a phone number and a name where nothing else is said', async () => {
    const made = expectData(await create(fresh()), 201);
    expect(made).toMatchObject({ roleId: 'user', phoneNumber: null, name: null });
  });

  it('may come in a form', async () => {
    const { password, ...names } = fresh();
    const body = toForm({ ...names, password, roleId: 'user' });
    const answer = await call(tenant, '/v1/users', { token: adminToken, body, headers: FORM });
    expect(expectData(answer, 201)).toMatchObject(names);
    expectData(await t.zapLogin(tenant, names.email, password));
  });

  it('is in the audit as the work of its admin, without the password', async () => {
    const body = fresh();
    const { id } = expectData(await create(body), 201);
    const events = await t.listEvents(tenant, id);
    expect(events).toMatchObject([
      { type: 'user.created', dialect: 'zap', actor: { kind: 'admin' }, facts: { role: 'user' } },
    ]);
    expect(JSON.stringify(events)).not.toContain(body.password);
  });

  it.each(['username', 'email', 'phoneNumber'])(
    'is refused when its %s is taken',
    async (field) => {
      const phoneNumber = `+49170${t.nextSerial()}`;
      const taken = { ...fresh(), phoneNumber };
      expectData(await create(taken), 201);
      const before = await dumpTenant(tenant);
      const wanted = { ...fresh(), [field]: taken[field as keyof typeof taken].toUpperCase() };
      expectFailure(await create(wanted), 409);
      expect(await dumpTenant(tenant)).toBe(before);
    },
  );

  it('may have the names of a user of another tenant', async () => {
    const { username, email } = await t.makeUser(other);
    expectData(await create({ ...fresh(), username, email }), 201);
  });

  it('is refused where a name would find another user by another way', async () => {
    expectFailure(await create({ ...fresh(), username: user.email }), 409);
  });

  it.each([
    ['password', { password: 'short' }],
    ['password', { password: `${'p'.repeat(201)}` }],
    ['password', { password: 'a password with a\tcontrol' }],
    ['email', { email: 'no address' }],
    ['email', { email: `${'e'.repeat(316)}@x.de` }],
    ['username', { username: 'n'.repeat(201) }],
    ['username', { username: 'no\u200bbody' }],
    ['roleId', { roleId: 'operator' }],
    ['roleId', { roleId: ['admin'] }],
    ['phoneNumber', { phoneNumber: 49 }],
    ['name', { name: '' }],
  ])('is refused for its %s: %j', async (field, over) => {
    const before = await dumpTenant(tenant);
    expect(expectFailure(await create({ ...fresh(), ...over }), 400)).toContain(field);
    expect(await dumpTenant(tenant)).toBe(before);
  });

  it("is refused by the tenant's policy", async () => {
    const policy = { minLength: 8, maxLength: 30, requireClasses: ['digit', 'symbol'] };
    const strict = await t.makeTenant({ settings: { policy } });
    const token = await t.zapToken(
      strict,
      await t.makeUser(strict, { role: 'admin', password: 'P@ssw0rd 1 of an admin' }),
    );
    const ask = (password: string) =>
      call(strict, '/v1/users', { token, body: { ...fresh(), password } });
    expect(expectFailure(await ask('noDigitOrSign'), 400)).toMatch(/digit.*special/);
    expectData(await ask('n3wP@ssw0rd'), 201);
  });

  it('is not made by a plain user', async () => {
    const before = await dumpTenant(tenant);
    expectFailure(await create({ ...fresh(), roleId: 'admin' }, userToken), 403);
    expect(await dumpTenant(tenant)).toBe(before);
  });
});

describe('one user', () => {
  it('is read by an admin, and by oneself', async () => {
    const shown = expectData(await read(`/${user.userId}`));
    expect(shown).toMatchObject({ id: user.userId, email: user.email, roleId: 'user' });
    expect(expectData(await read(`/${user.userId}`, userToken))).toEqual(shown);
    expect(expectData(await read('/token', userToken))).toEqual(shown);
  });

  it('is not read by another user, who cannot tell whether it is there', async () => {
    const neighbour = await t.makeUser(tenant);
    const known = await read(`/${neighbour.userId}`, userToken);
    expectFailure(known, 403);
    expect(see(await read('/nobody', userToken))).toEqual(see(known));
  });

  it("is not found by an admin where it is unknown, or another tenant's", async () => {
    const foreigner = await t.makeUser(other);
    const unknown = await read('/nobody');
    expectFailure(unknown, 404);
    expect(see(await read(`/${foreigner.userId}`))).toEqual(see(unknown));
  });

  it('says that its email is verified when somebody vouched for it', async () => {
    const userId = `vouched-${t.nextSerial()}`;
    const made = await t.zitadel(tenant.serviceToken, 'human', {
      userId,
      profile: { givenName: 'Ann', familyName: 'Other' },
      email: { email: `${userId}@mail.example`, isVerified: true },
    });
    expect(made.status).toBe(200);
    expect(expectData(await read(`/${userId}`))).toMatchObject({
      emailVerified: true,
      name: 'Ann Other',
    });
  });

  it('is read in one trip', async () => {
    for (const path of [`/${user.userId}`, '/token']) {
      const { value, cost } = await measure((on) =>
        call(tenant, `/v1/users${path}`, { method: 'GET', token: userToken, on }),
      );
      expectData(value);
      expect(cost).toMatchObject({ trips: 1, links: 0 });
    }
  });
});

describe('the list of users', () => {
  let full: t.TestTenant;
  let token: string;
  const ids = ['c', 'a', 'd', 'b', 'e'];

  beforeAll(async () => {
    full = await t.makeTenant();
    const admin = await t.makeUser(full, { userId: 'a', role: 'admin' });
    token = await t.zapToken(full, admin);
    for (const userId of ids.filter((id) => id !== 'a')) await t.makeUser(full, { userId });
    await t.makeUser(other);
  });

  async function list(query = ''): Promise<string[]> {
    const answer = await call(full, `/v1/users${query}`, { method: 'GET', token });
    return expectData(answer).map(({ id }: { id: string }) => id);
  }

  it('holds the users of the tenant, each as it is read alone, by their ids', async () => {
    const answer = await call(full, '/v1/users', { method: 'GET', token });
    const users = expectData(answer);
    expect(users.map(({ id }: { id: string }) => id)).toEqual([...ids].sort());
    const one = await call(full, '/v1/users/c', { method: 'GET', token });
    expect(users[2]).toEqual(expectData(one));
  });

  it('comes page by page', async () => {
    expect(await list('?limit=2')).toEqual(['a', 'b']);
    expect(await list('?limit=2&offset=2')).toEqual(['c', 'd']);
    expect(await list('?offset=4')).toEqual(['e']);
    expect(await list('?offset=5')).toEqual([]);
    expect(await list('?limit=100&page=7')).toHaveLength(5);
  });

  it('has 100 on a page at most', async () => {
    const rows = Array.from({ length: 101 }, (_, n) => `u${String(n).padStart(3, '0')}`);
    const crowd = await t.makeTenant();
    const crowdToken = await t.zapToken(crowd, await t.makeUser(crowd, { role: 'admin' }));
    const database = t.databaseOf(crowd);
    await database.batch(
      ['account', 'credential'].map((table) =>
        database
          .prepare(
            table === 'account'
              ? `INSERT INTO account (tenant_id, user_id, role, profile, created_at, updated_at)
                 SELECT ?, value, 'user', '{}', 1, 1 FROM json_each(?)`
              : `INSERT INTO credential (tenant_id, user_id, version, must_change, reset_required, changed_at, operation_id)
                 SELECT ?, value, 1, 0, 0, 1, 'made' FROM json_each(?)`,
          )
          .bind(crowd.orgId, JSON.stringify(rows)),
      ),
    );
    const ask = async (query: string) =>
      expectData(await call(crowd, `/v1/users${query}`, { method: 'GET', token: crowdToken }));
    expect(await ask('')).toHaveLength(100);
    expect(await ask('?offset=100')).toHaveLength(2);
  });

  it.each(['limit=0', 'limit=101', 'limit=', 'limit=-1', 'limit=1e1', 'limit=1&limit=2'])(
    'is refused for its limit: %s',
    async (query) => {
      const answer = await call(full, `/v1/users?${query}`, { method: 'GET', token });
      expect(expectFailure(answer, 400)).toContain('limit');
    },
  );

  it.each(['offset=-1', 'offset=a', 'offset=', 'offset=1.5', 'offset=1&offset=2'])(
    'is refused for its offset: %s',
    async (query) => {
      const answer = await call(full, `/v1/users?${query}`, { method: 'GET', token });
      expect(expectFailure(answer, 400)).toContain('offset');
    },
  );

  it('is nothing for a plain user', async () => {
    expectFailure(await read('', userToken), 403);
    expectFailure(await read('?limit=1', userToken), 403);
  });
});
