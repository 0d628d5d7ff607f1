// Users are changed and deleted: what each may do to whom, and what follows at once.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Answer, measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { dumpTenant } from '../../support/tenant-rows.ts';
import { call, expectData, expectFailure, see } from './call.ts';
import { isAlive, logIn, type Tokens } from './people.ts';

let tenant: t.TestTenant;
let other: t.TestTenant;
let adminToken: string;
let foreignToken: string;
let user: t.TestUser;
let session: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  adminToken = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
  foreignToken = await t.zapToken(other, await t.makeUser(other, { role: 'admin' }));
});

beforeEach(async () => {
  user = await t.makeUser(tenant);
  session = await logIn(tenant, user);
});

afterEach(() => {
  vi.useRealTimers();
});

function update(token: string, userId: string, body: object, at = tenant): Promise<Answer> {
  return call(at, `/v1/users/${userId}`, { method: 'PUT', token, body });
}

function erase(token: string, userId: string, at = tenant): Promise<Answer> {
  return call(at, `/v1/users/${userId}`, { method: 'DELETE', token });
}

async function show(userId = user.userId): Promise<Record<string, unknown>> {
  return expectData(
    await call(tenant, `/v1/users/${userId}`, { method: 'GET', token: adminToken }),
  );
}

async function expectUntouched(ask: () => Promise<Answer>, status: number): Promise<Answer> {
  const before = [await dumpTenant(tenant), await dumpTenant(other)];
  const answer = await ask();
  expectFailure(answer, status);
  expect([await dumpTenant(tenant), await dumpTenant(other)]).toEqual(before);
  return answer;
}

const PATCHES = [{ name: 'Somebody' }, { email: 'somebody@mail.example' }, { roleId: 'admin' }];

describe('a user', () => {
  it('changes the own name, and it is answered as it is then read', async () => {
    const before = await show();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    const answer = expectData(await update(session.token, user.userId, { name: 'Ann Other' }));
    expect(answer).toEqual(await show());
    expect(answer).toEqual({ ...before, name: 'Ann Other', updatedAt: answer.updatedAt });
    expect(Date.parse(answer.updatedAt)).toBeGreaterThan(Date.parse(answer.createdAt));
    expect(await isAlive(tenant, session)).toBe(true);
  });

  it.each([{ email: 'own@mail.example' }, { roleId: 'admin' }, { roleId: 'user' }])(
    'does not change the own address and rights, nor a name beside them: %j',
    async (patch) => {
      await expectUntouched(() => update(session.token, user.userId, patch), 403);
      const both = { name: 'Ann Other', ...patch };
      await expectUntouched(() => update(session.token, user.userId, both), 403);
    },
  );

  it.each(PATCHES)('does not change another user, there or not: %j', async (patch) => {
    const neighbour = await t.makeUser(tenant);
    const ask = (userId: string) => () => update(session.token, userId, patch);
    const known = await expectUntouched(ask(neighbour.userId), 403);
    const unknown = await expectUntouched(ask('nobody'), 403);
    expect(see(unknown)).toEqual(see(known));
  });

  it('deletes nobody, there or not, and not even the own account', async () => {
    const neighbour = await t.makeUser(tenant);
    const known = await expectUntouched(() => erase(session.token, neighbour.userId), 403);
    const unknown = await expectUntouched(() => erase(session.token, 'nobody'), 403);
    expect(see(unknown)).toEqual(see(known));
    await expectUntouched(() => erase(session.token, user.userId), 403);
  });
});

describe('an admin', () => {
  it('changes everything that can be changed at once', async () => {
    const email = `New-${user.email}`;
    const patch = { name: 'Ann Other', email, roleId: 'admin' };
    const answer = expectData(await update(adminToken, user.userId, patch));
    expect(answer).toMatchObject({ id: user.userId, username: user.username, ...patch });
    expect(answer).toEqual(await show());
    expectData(await t.zapLogin(tenant, email.toLowerCase(), user.password));
    expectFailure(await t.zapLogin(tenant, user.email, user.password), 401);
  });

  it('changes nothing else of a user than what was named', async () => {
    const before = await show();
    const answer = expectData(await update(adminToken, user.userId, { roleId: 'admin' }));
    expect(answer).toEqual({ ...before, roleId: 'admin', updatedAt: answer.updatedAt });
  });

  it('vouches for no address', async () => {
    const userId = `vouched-${t.nextSerial()}`;
    const made = await t.zitadel(tenant.serviceToken, 'human', {
      userId,
      profile: { givenName: 'Ann', familyName: 'Other' },
      email: { email: `${userId}@mail.example`, isVerified: true },
    });
    expect(made.status).toBe(200);
    expectData(await update(adminToken, userId, { name: 'Ann' }));
    expect(await show(userId)).toMatchObject({ emailVerified: true });
    expectData(await update(adminToken, userId, { email: `${userId}@other.example` }));
    expect(await show(userId)).toMatchObject({ emailVerified: false });
  });

  it("takes nobody's address away, and tells of it", async () => {
    const neighbour = await t.makeUser(tenant);
    for (const email of [neighbour.email, neighbour.email.toUpperCase()]) {
      await expectUntouched(() => update(adminToken, user.userId, { email }), 409);
    }
    const foreigner = await t.makeUser(other);
    expectData(await update(adminToken, user.userId, { email: foreigner.email }));
  });

  it('gives a role that counts at once, for tokens that are out', async () => {
    const list = () => call(tenant, '/v1/users', { method: 'GET', token: session.token });
    expectFailure(await list(), 403);
    expectData(await update(adminToken, user.userId, { roleId: 'admin' }));
    expectData(await list());
    expectData(await update(session.token, user.userId, { roleId: 'user' }));
    expectFailure(await list(), 403);
    const again = { roleId: 'admin' };
    await expectUntouched(() => update(session.token, user.userId, again), 403);
  });

  it('finds no user who is unknown, or of another tenant', async () => {
    const foreigner = await t.makeUser(other);
    for (const patch of PATCHES) {
      const unknown = await expectUntouched(() => update(adminToken, 'nobody', patch), 404);
      const foreign = await expectUntouched(() => update(adminToken, foreigner.userId, patch), 404);
      expect(see(foreign)).toEqual(see(unknown));
    }
    const unknown = await expectUntouched(() => erase(adminToken, 'nobody'), 404);
    const foreign = await expectUntouched(() => erase(adminToken, foreigner.userId), 404);
    expect(see(foreign)).toEqual(see(unknown));
  });

  it('of another tenant does nothing here, at whichever host', async () => {
    for (const patch of PATCHES) {
      await expectUntouched(() => update(foreignToken, user.userId, patch), 401);
      await expectUntouched(() => update(foreignToken, user.userId, patch, other), 404);
    }
    await expectUntouched(() => erase(foreignToken, user.userId), 401);
    await expectUntouched(() => erase(foreignToken, user.userId, other), 404);
  });

  it.each([
    ['name', { name: '' }],
    ['name', { name: null }],
    ['name', { name: 'n'.repeat(201) }],
    ['email', { email: 'no address' }],
    ['email', { email: `${'e'.repeat(316)}@x.de` }],
    ['roleId', { roleId: 'operator' }],
    ['roleId', { name: 'Ann', roleId: 1 }],
    ['name, email and roleId', {}],
    ['name, email and roleId', { username: 'other', phoneNumber: '+491', password: 'x' }],
  ])('is refused for %s: %j', async (field, patch) => {
    const answer = await expectUntouched(() => update(adminToken, user.userId, patch), 400);
    expect(expectFailure(answer, 400)).toContain(field);
  });

  it('may repeat a change whose answer was lost', async () => {
    const patch = { email: `again-${user.email}`, name: 'Ann' };
    const first = expectData(await update(adminToken, user.userId, patch));
    const second = expectData(await update(adminToken, user.userId, patch));
    expect({ ...second, updatedAt: first.updatedAt }).toEqual(first);
  });

  it('changes a user in some order with others, and who was outpaced is told', async () => {
    const names = ['Ann', 'Ben', 'Cat', 'Dan'];
    const answers = await Promise.all(
      names.map((name) => update(adminToken, user.userId, { name })),
    );
    const made = answers.filter(({ status }) => status === 200);
    expect(made.length).toBeGreaterThan(0);
    for (const lost of answers.filter(({ status }) => status !== 200)) expectFailure(lost, 409);
    expect(made.map(({ body }) => body.data.name)).toContain((await show())['name']);
  });

  it('is in the audit with what was changed, and no address', async () => {
    await update(adminToken, user.userId, { email: `seen-${user.email}` });
    const events = await t.listEvents(tenant, user.userId);
    expect(events.at(-1)).toMatchObject({ type: 'user.updated', dialect: 'zap' });
    expect(events.at(-1)?.facts['fields']).toContain('email');
    expect(JSON.stringify(events)).not.toContain('seen-');
  });
});

describe('a deleted user', () => {
  it('is gone, with its sessions, and its names are free', async () => {
    expect(expectData(await erase(adminToken, user.userId))).toMatch(/\S/);
    expect(await isAlive(tenant, session)).toBe(false);
    const read = { method: 'GET', token: adminToken };
    expectFailure(await call(tenant, `/v1/users/${user.userId}`, read), 404);
    expectFailure(await t.zapLogin(tenant, user.email, user.password), 401);
    expectFailure(await erase(adminToken, user.userId), 404);
    const { username, email, password } = user;
    const body = { username, email, password };
    const made = await call(tenant, '/v1/users', { token: adminToken, body });
    expect(expectData(made, 201).id).not.toBe(user.userId);
    expect(await isAlive(tenant, session)).toBe(false);
  });

  it('may be the admin who asks', async () => {
    const admin = await t.makeUser(tenant, { role: 'admin' });
    const own = await logIn(tenant, admin);
    expectData(await erase(own.token, admin.userId));
    expect(await isAlive(tenant, own)).toBe(false);
  });

  it('costs two trips', async () => {
    const { value, cost } = await measure((on) =>
      call(tenant, `/v1/users/${user.userId}`, { method: 'DELETE', token: adminToken, on }),
    );
    expectData(value);
    expect(cost).toMatchObject({ trips: 2, links: 0 });
  });
});
