// DeleteUser: nothing of the user stays but the audit, and who gets the id afterwards inherits nothing.
import { beforeAll, expect, it } from 'vitest';
import * as t from '../../support/tenant.ts';
import { TENANT_TABLES } from '../../support/tenant-rows.ts';
import {
  addHuman,
  call,
  getSession,
  openSession,
  setSession,
  userPath,
} from '../../support/zitadel-users.ts';
import { expectDetails, expectError, INVALID_TOKEN } from './wire.ts';

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

const remove = (userId: string) => call(tenant.serviceToken, 'DELETE', userPath(userId));

/** The throttle counts names as submitted, whoever bears them; the others are of the tenant. */
const OF_NO_USER: readonly string[] = ['throttle', 'flood', 'checkpoint', 'api_key'];
const OF_A_USER = TENANT_TABLES.filter((table) => !OF_NO_USER.includes(table));

async function countRows(userId: string): Promise<Record<string, number>> {
  const database = t.databaseOf(tenant);
  const results = await database.batch<{ total: number }>(
    OF_A_USER.map((table) =>
      database
        .prepare(`SELECT count(*) AS total FROM ${table} WHERE tenant_id = ? AND user_id = ?`)
        .bind(tenant.orgId, userId),
    ),
  );
  return Object.fromEntries(
    OF_A_USER.map((table, index) => [table, results[index]?.results[0]?.total ?? -1]),
  );
}

/** A user with a row in every table. */
async function makeRich() {
  const user = await addHuman(tenant);
  const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
  const tokens = signedIn.body.data.authenticationResult;
  expect((await t.vbaRefresh(tenant, tokens)).status).toBe(200);
  const session = await openSession(tenant, user);
  const code = await t.resetCode(tenant, user.userId);
  // An open challenge and a code go not together, nor does every tenant send messages or remember passwords.
  const database = t.databaseOf(tenant);
  const bare = [
    'INSERT INTO challenge (session_hash, tenant_id, user_id, created_at, expires_at, tries) VALUES (?1, ?2, ?3, 1, 2, 0)',
    `INSERT INTO outbox (id, tenant_id, user_id, kind, code_mac, created_at, expires_at, attempts)
      VALUES (?1, ?2, ?3, 'password.reset', '', 1, 2, 0)`,
    'INSERT INTO password_history (hash, tenant_id, user_id, version) VALUES (?1, ?2, ?3, 0)',
  ];
  await database.batch(
    bare.map((sql) => database.prepare(sql).bind(`of ${user.userId}`, tenant.orgId, user.userId)),
  );
  return { user, tokens, session, code };
}

it('leaves nothing but the audit', async () => {
  const { user } = await makeRich();
  const bystander = await makeRich();
  const before = await countRows(user.userId);
  for (const table of OF_A_USER) expect(before[table], table).toBeGreaterThan(0);
  const others = await countRows(bystander.user.userId);
  const deleted = await remove(user.userId);
  expectDetails(deleted, tenant);
  const after = await countRows(user.userId);
  const { event: events = 0, ...rest } = before;
  expect(after).toEqual({
    ...Object.fromEntries(Object.keys(rest).map((table) => [table, 0])),
    event: events + 1,
  });
  expect(await countRows(bystander.user.userId)).toEqual(others);
  const last = (await t.listEvents(tenant, user.userId)).at(-1);
  expect(last).toMatchObject({
    type: 'user.deleted',
    actor: { kind: 'key' },
    sequence: deleted.body.details.sequence,
  });
});

it('makes the user unknown, once and for all', async () => {
  const { userId } = await addHuman(tenant);
  expectDetails(await remove(userId), tenant);
  expectError(await remove(userId), [404, 5, 'COMMAND-bd4ir1mblj', 'User could not be found']);
  const read = await call(tenant.readerToken, 'GET', userPath(userId));
  expectError(read, [404, 5, 'QUERY-Dfbg2', 'User could not be found']);
  const body = { newPassword: { password: t.newPassword() } };
  const changed = await t.zitadelChange(tenant.serviceToken, userId, body);
  expectError(changed, [404, 5, 'COMMAND-G8dh3', 'Password not found']);
});

it('gives the id and the names free, and the next one inherits nothing but the sequence', async () => {
  const { user, tokens, session, code } = await makeRich();
  const { sequence } = (await remove(user.userId)).body.details;
  const next = await addHuman(tenant, {
    userId: user.userId,
    username: user.username,
    email: { email: user.email },
    phone: { phone: user.phone },
  });
  const created = (await t.listEvents(tenant, user.userId)).at(-1);
  expect(created).toMatchObject({ type: 'user.created', sequence: String(Number(sequence) + 1) });

  expect((await t.vbaSignIn(tenant, user.userId, user.password)).status).toBe(401);
  for (const token of [tokens.accessToken, tokens.idToken]) {
    expectError(await call(token, 'GET', userPath(user.userId)), INVALID_TOKEN);
  }
  expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
  expect((await getSession(tenant.serviceToken, session)).status).toBe(404);
  const set = await setSession(tenant.serviceToken, session.sessionId, session);
  expect(set.status).toBe(400);
  const byCode = { newPassword: { password: t.newPassword() }, verificationCode: code };
  const changed = await t.zitadelChange(tenant.serviceToken, user.userId, byCode);
  expectError(changed, [400, 9, 'COMMAND-2M9fs', 'Code not found']);
  expect(await t.readUser(tenant, user.userId)).toMatchObject({ passwordVersion: 1 });
  expect((await t.vbaSignIn(tenant, next.userId, next.password)).status).toBe(200);
  expect((await t.zapLogin(tenant, next.email, next.password)).status).toBe(200);
});

it('is done once by many at once, and reported as done', async () => {
  const { userId } = await addHuman(tenant);
  const answers = await Promise.all(Array.from({ length: 10 }, () => remove(userId)));
  for (const { status } of answers) expect([200, 404]).toContain(status);
  const events = await t.listEvents(tenant, userId);
  expect(events.filter(({ type }) => type === 'user.deleted')).toHaveLength(1);
});

it('lets an admin delete the own account', async () => {
  const admin = await t.makeUser(tenant, { role: 'admin' });
  const token = await t.zapToken(tenant, admin);
  const path = userPath(admin.userId);
  expectDetails(await call(token, 'DELETE', path), tenant);
  expectError(await call(token, 'DELETE', path), INVALID_TOKEN);
});
