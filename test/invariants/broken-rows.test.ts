// A row that somebody spoiled by hand is one tenant's trouble, or one user's: all others are served, and the operator can go on.
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import * as t from '../support/tenant.ts';
import {
  answerWith,
  makeDue,
  makePerson,
  makeReceiver,
  passwordReset,
  type Receiver,
  runSchedule,
  watchFetch,
} from '../support/webhook.ts';

cheapenHashes();

let receiver: Receiver;

beforeAll(() => {
  watchFetch();
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

beforeEach(async () => {
  receiver = await makeReceiver();
});

function writeSettings({ orgId }: t.TestTenant, expression: string): Promise<unknown> {
  const database = t.databaseOf({ database: 'acme_1' } as t.TestTenant);
  return database
    .prepare(`UPDATE tenant SET settings = ${expression} WHERE id = ?`)
    .bind(orgId)
    .run();
}

/** Leaves no tenant behind that others would meet. */
async function whileBroken(tenant: t.TestTenant, work: () => Promise<void>): Promise<void> {
  await writeSettings(tenant, `'broken ' || settings`);
  try {
    await work();
  } finally {
    await writeSettings(tenant, 'substr(settings, 8)');
  }
}

describe('settings that are no JSON', () => {
  it('keep no message of another tenant from being sent', async () => {
    const broken = await makeReceiver();
    for (const each of [broken, receiver]) {
      const { userId } = await makePerson(each.tenant);
      each.reply = answerWith(503);
      await passwordReset(each, userId, {});
      each.received.length = 0;
      each.reply = answerWith(204);
    }
    await makeDue(broken.tenant);
    await makeDue(receiver.tenant);
    await whileBroken(broken.tenant, async () => {
      await runSchedule();
      expect(receiver.received).toHaveLength(1);
    });
    // Nothing is lost of its own.
    await makeDue(broken.tenant);
    await runSchedule();
    expect(broken.received).toHaveLength(1);
  });

  it('stop no rewrap: the row is told as one that does not open', async () => {
    const from = { place: 'db', table: 'tenant', after: [] };
    await whileBroken(receiver.tenant, async () => {
      const answer = await t.admin('POST', '/rewrap', { from });
      expect([answer.status, answer.body.unopened]).toEqual([200, 1]);
    });
  });
});

it('settings that were written by hand in another layout can be changed', async () => {
  await writeSettings(receiver.tenant, `replace(settings, ',"', ', "')`);
  const path = `/tenants/${receiver.tenant.orgId}`;
  const changed = await t.admin('PATCH', path, { settings: { codeLife: 120 } });
  expect([changed.status, changed.body.settings?.codeLife]).toEqual([200, 120]);
});

it('a stored hash that cannot be read is told as such in the audit, and to nobody else', async () => {
  const { tenant } = receiver;
  const user = await t.makeUser(tenant);
  const other = await t.makeUser(tenant);
  await t
    .databaseOf(tenant)
    .prepare(`UPDATE credential SET hash = '$unknown$' WHERE tenant_id = ? AND user_id = ?`)
    .bind(tenant.orgId, user.userId)
    .run();
  const { userId, email, password: oldPassword } = user;
  const refused = await t.vbaSignIn(tenant, userId, oldPassword);
  const wrong = await t.vbaSignIn(tenant, other.userId, 'a wrong password');
  expect([refused.status, refused.body.detail]).toEqual([wrong.status, wrong.body.detail]);
  const admin = await t.zapToken(tenant, await t.makeUser(tenant, { role: 'admin' }));
  const body = { userId, email, oldPassword, newPassword: t.newPassword() };
  expect((await t.zapChange(tenant, admin, body)).status).not.toBe(200);
  const reasons = (await t.listEvents(tenant, userId)).map(({ facts }) => facts['reason']);
  expect(reasons.filter((reason) => reason !== undefined)).toEqual([
    'hash-unreadable',
    'hash-unreadable',
  ]);
});

it('a spoiled event is listed as it stands, and hides no other', async () => {
  const tenant = await t.makeTenant();
  const user = await t.makeUser(tenant);
  await t.vbaSignIn(tenant, user.userId, user.password);
  const before = await t.listEvents(tenant, user.userId);
  const sequence = before.length;
  await t
    .databaseOf(tenant)
    .prepare(
      `UPDATE event SET actor = 'broken', facts = '[1', at = 9e15 WHERE tenant_id = ? AND user_id = ? AND sequence = ?`,
    )
    .bind(tenant.orgId, user.userId, sequence)
    .run();
  const after = await t.listEvents(tenant, user.userId);
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
  expect(after.at(-1)).toEqual({ ...before.at(-1), actor: 'broken', facts: '[1', at: 9e15 });
});
