// The operator looks: the state of a user, and the audit of a tenant or of one user, page by page.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AuditEvent,
  admin,
  databaseOf,
  disableUser,
  listEvents,
  makeTenant,
  makeUser,
  newPassword,
  resetCode,
  type TestTenant,
  type TestUser,
  vbaSignIn,
  zitadelChange,
} from '../../support/tenant.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

const look = (userId: string) => admin('GET', `/tenants/${tenant.orgId}/users/${userId}`);

describe('the state of a user', () => {
  const set = (userId: string, sql: string) =>
    databaseOf(tenant)
      .prepare(`UPDATE credential SET ${sql} WHERE tenant_id = ? AND user_id = ?`)
      .bind(tenant.orgId, userId)
      .run();

  it('goes from temporary to temporary-expired to active to locked to disabled', async () => {
    const user = await makeUser(tenant, { temporary: true });
    const state = async () => (await look(user.userId)).body;
    expect(await state()).toMatchObject({ state: 'temporary', mustChangePassword: true });
    await set(user.userId, 'temporary_expires_at = 1');
    expect(await state()).toMatchObject({ state: 'temporary-expired', mustChangePassword: true });
    const body = { newPassword: { password: newPassword() } };
    await zitadelChange(tenant.serviceToken, user.userId, body);
    expect(await state()).toMatchObject({ state: 'active', passwordVersion: 2, sequence: '2' });
    const guess = { ...body, verificationCode: 'ABCDEFGH' };
    for (let guesses = 0; guesses < 10; guesses += 1) {
      await zitadelChange(tenant.serviceToken, user.userId, guess);
    }
    const locked = await state();
    expect(locked).toMatchObject({ state: 'locked', failedAttempts: 10, lockedUntil: TIME });
    expect(Date.parse(locked.lockedUntil)).toBeGreaterThan(Date.now());
    const types = (await listEvents(tenant, user.userId)).map(({ type }) => type);
    expect(types.slice(-3)).toEqual([
      ...['password.change-refused', 'password.change-refused', 'account.locked'],
    ]);
    await disableUser(tenant, user.userId);
    expect(await state()).toMatchObject({ state: 'disabled' });
  });

  it('never shows a hash', async () => {
    const user = await makeUser(tenant);
    await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
      currentPassword: user.password,
    });
    const row = await databaseOf(tenant)
      .prepare('SELECT hash FROM credential WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, user.userId)
      .first<{ hash: string }>();
    expect(row?.hash).toMatch(/^\$pbkdf2c-sha256\$/);
    const answers = [
      await look(user.userId),
      await admin('GET', `/tenants/${tenant.orgId}/events?userId=${user.userId}`),
      await admin('POST', `/tenants/${tenant.orgId}/users`, { userId: user.userId }),
      await vbaSignIn(tenant, user.userId, user.password),
    ];
    for (const { text } of answers) expect(text).not.toMatch(/\$pbkdf2|hash|replay/i);
  });
});

describe('the audit', () => {
  let user: TestUser;
  let other: TestUser;

  beforeAll(async () => {
    user = await makeUser(tenant);
    other = await makeUser(tenant, { withoutPassword: true });
    await vbaSignIn(tenant, user.userId, 'not the password');
    await vbaSignIn(tenant, user.userId, user.password);
    await resetCode(tenant, other.userId);
    await resetCode(tenant, user.userId);
    await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
      currentPassword: user.password,
    });
  });

  const list = (query: string, orgId = tenant.orgId) =>
    admin('GET', `/tenants/${orgId}/events?${query}`);

  /** Every page of a filter, at most `limit` events each. */
  async function readPages(filter: string, limit: number): Promise<AuditEvent[][]> {
    const pages: AuditEvent[][] = [];
    for (let after: string | null = '0'; after !== null; ) {
      const { status, body } = await list(`${filter}&limit=${limit}&after=${after}`);
      expect([status, Object.keys(body).sort()]).toEqual([200, ['events', 'next']]);
      pages.push(body.events);
      after = body.next;
    }
    return pages;
  }

  it('of a user is numbered without gaps, oldest first', async () => {
    const events = await listEvents(tenant, user.userId);
    expect(events.map(({ type }) => type)).toEqual([
      'user.created',
      'sign-in.refused',
      'sign-in.succeeded',
      'code.issued',
      'password.changed',
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(['1', '2', '3', '4', '5']);
    expect((await look(user.userId)).body.sequence).toBe('5');
  });

  it('tells who did what, through which door, in which request', async () => {
    const answer = await zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: newPassword() },
    });
    const event = (await listEvents(tenant, user.userId)).at(-1);
    expect(event).toEqual({
      userId: user.userId,
      sequence: answer.body.details.sequence,
      at: TIME,
      type: 'password.changed',
      actor: { kind: 'key', keyId: expect.any(String) },
      dialect: 'zitadel',
      activityId: answer.headers.get('x-request-id'),
      facts: { proof: 'authority', version: 3, mustChange: false },
    });
  });

  it.each([1, 2, 3, 200])('is read page by page, %i at a time', async (limit) => {
    for (const filter of ['', `userId=${user.userId}`]) {
      const whole = (await list(`${filter}&limit=200`)).body.events;
      const pages = await readPages(filter, limit);
      expect(pages.flat()).toEqual(whole);
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      expect(pages.at(-1)?.length).toBeGreaterThan(0);
    }
  });

  it('of a tenant holds what is about no user, and all of its users', async () => {
    const { events } = (await list('limit=200')).body;
    const about = (userId: string | null) =>
      events.filter((event: AuditEvent) => event.userId === userId);
    expect(about(null).map(({ type }: AuditEvent) => type)).toEqual([
      'tenant.created',
      'key.created',
      'key.created',
      'key.created',
    ]);
    expect(about(null).map(({ sequence }: AuditEvent) => sequence)).toEqual(['1', '2', '3', '4']);
    expect(about(user.userId)).toEqual(await listEvents(tenant, user.userId));
    expect(about(other.userId)).toEqual(await listEvents(tenant, other.userId));
  });

  it('of a tenant holds nothing of another', async () => {
    const foreign = await makeTenant();
    await makeUser(foreign, { userId: user.userId, withoutPassword: true });
    const events = (await list('limit=200', foreign.orgId)).body.events;
    expect(events).toHaveLength(5);
    expect((await list(`userId=${user.userId}`, foreign.orgId)).body.events).toHaveLength(1);
  });

  it('of a user who is not there is empty', async () => {
    expect((await list('userId=nobody')).body).toEqual({ events: [], next: null });
  });

  it('gives fifty events when no limit is named, and two hundred at most', async () => {
    const big = await makeTenant();
    const { userId } = await makeUser(big, { withoutPassword: true });
    await databaseOf(big)
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 230)
         INSERT INTO event (tenant_id, user_id, sequence, at, type, actor, dialect, activity_id, facts, mac)
         SELECT ?, ?, i, i, 'code.issued', '{"kind":"operator"}', 'admin', 'a', '{}', 'm' FROM n`,
      )
      .bind(big.orgId, userId)
      .run();
    const count = async (query: string) => (await list(query, big.orgId)).body.events.length;
    expect(await count('')).toBe(50);
    expect(await count('limit=999')).toBe(200);
    expect(await count(`userId=${userId}&limit=201`)).toBe(200);
  });

  it.each([
    ['limit', 'limit=0'],
    ['limit', 'limit=-1'],
    ['limit', 'limit=1.5'],
    ['limit', 'limit=ten'],
    ['limit', 'limit=1000'],
    ['limit', 'limit='],
    ['after', 'after=-1'],
    ['after', 'after=x'],
    ['after', 'after=1e3'],
    ['after', 'after=9999999999999999'],
    ['userId', 'userId='],
    ['userId', 'userId=a%00b'],
    ['userId', 'userId=a%E2%80%8Bb'],
    ['limit', 'limit=1&limit=2'],
    ['userId', 'userId=a&userId=b'],
  ])('refuses a %s that is not valid: %s', async (field, query) => {
    expectFieldProblem(await list(query), field);
  });

  it('of an unknown tenant is not found', async () => {
    for (const orgId of ['db_unknown', 'unknown', 'db-eu_unknown']) {
      expectProblem(await list('', orgId), 404, /tenant/);
    }
  });
});
