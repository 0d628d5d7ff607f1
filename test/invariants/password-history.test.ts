// A tenant that remembers passwords takes none of the last ones again, at any door: what that costs, and what is kept.
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { DOORS, makeWorld, type Prepare, type World } from '../support/password-doors.ts';
import { type Env, measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { addHuman, call } from '../support/zitadel-users.ts';

cheapenHashes();

const HASH = 6;

let world: World;
let tenant: t.TestTenant;

async function useWorld(settings: object): Promise<void> {
  world = await makeWorld(settings);
  tenant = world.tenant;
}

function setPassword(userId: string, password: string, more: object = {}, on?: Env) {
  const body = { newPassword: { password, ...more } };
  return t.zitadelChange(tenant.serviceToken, userId, body, on);
}

async function mustSet(userId: string, password: string, more: object = {}): Promise<void> {
  const changed = await setPassword(userId, password, more);
  expect([changed.status, changed.text]).toEqual([200, expect.any(String)]);
}

/** Had for so long that nobody would repeat the change that made it. */
async function settle(userId: string): Promise<void> {
  await t
    .databaseOf(tenant)
    .prepare('UPDATE credential SET changed_at = changed_at - 3600000 WHERE user_id = ?')
    .bind(userId)
    .run();
}

async function countRemembered(userId: string): Promise<number> {
  const row = await t
    .databaseOf(tenant)
    .prepare('SELECT count(*) AS n FROM password_history WHERE tenant_id = ? AND user_id = ?')
    .bind(tenant.orgId, userId)
    .first<{ n: number }>();
  return row?.n ?? -1;
}

/** A user with as many passwords behind as there are here; the last one is the present one. */
async function makeUserOf(passwords: readonly string[], temporary = false): Promise<t.TestUser> {
  const [first, ...others] = passwords;
  const user = await t.makeUser(tenant, { password: first ?? '' });
  for (const [index, password] of others.entries()) {
    const changeRequired = temporary && index === others.length - 1;
    await mustSet(user.userId, password, { changeRequired });
  }
  await settle(user.userId);
  return { ...user, password: passwords.at(-1) ?? '' };
}

const draw = (count: number) => Array.from({ length: count }, t.newPassword);

describe('at every door', () => {
  beforeAll(() => useWorld({ history: 2 }));

  const doors = Object.entries(DOORS).filter(([, { changes }]) => changes);
  it.each(doors)('none of the last two comes again, and the third does: %s', async (_, door) => {
    const passwords = draw(3);
    const prepare: Prepare = ({ temporary }) => makeUserOf(passwords, temporary);
    const { path, knock, userId } = await door.open(world, prepare);
    const [third = '', second = '', present = ''] = passwords;
    const before = await dumpTenant(tenant);
    const refused = await knock(second);
    expect([refused.status, refused.text]).toEqual([400, expect.any(String)]);
    door.expectShape(refused, path);
    expect(door.readViolations(refused)).toEqual([
      { rule: 'reused', last: 2, detail: 'The password must differ from the last 2 ones.' },
    ]);
    const unchanged = await knock(present);
    expect([unchanged.status, unchanged.text]).toEqual([400, expect.any(String)]);
    const hashes = (dump: string) => /^password_history.*$/m.exec(dump)?.[0];
    expect(hashes(await dumpTenant(tenant))).toBe(hashes(before));
    const taken = await knock(third);
    expect([taken.status, taken.text]).toEqual([200, expect.any(String)]);
    expect(await countRemembered(userId(taken))).toBe(1);
  });
});

describe('the cost', () => {
  beforeAll(() => useWorld({ history: 4 }));

  const change = (userId: string, password: string, currentPassword: string) => (on: Env) =>
    t.zitadelChange(
      tenant.serviceToken,
      userId,
      { newPassword: { password }, currentPassword },
      on,
    );

  it('is a derivation for each that is remembered, and two trips as ever', async () => {
    const { userId, password } = await makeUserOf(draw(4));
    const { value, cost } = await measure(change(userId, t.newPassword(), password));
    expect(value.status).toBe(200);
    expect([cost.trips, cost.links]).toEqual([2, HASH + 3 * HASH + HASH]);
  });

  it('ends with the first that is the same, the newest first', async () => {
    const passwords = draw(4);
    const [oldest = '', , newest = '', present = ''] = passwords;
    const { userId } = await makeUserOf(passwords);
    const first = await measure(change(userId, newest, present));
    expect([first.value.status, first.cost.trips, first.cost.links]).toEqual([400, 2, 2 * HASH]);
    const last = await measure(change(userId, oldest, present));
    expect([last.value.status, last.cost.trips, last.cost.links]).toEqual([400, 2, 4 * HASH]);
  });

  it('is nothing for who had no password yet', async () => {
    const { userId } = await addHuman(tenant, { password: undefined });
    await settle(userId);
    const { value, cost } = await measure((on) => setPassword(userId, t.newPassword(), {}, on));
    expect([value.status, cost.trips, cost.links]).toEqual([200, 2, HASH]);
  });

  it('is nothing when the proof is wrong, or another rule is broken', async () => {
    const passwords = draw(3);
    const [oldest = '', , present = ''] = passwords;
    const { userId } = await makeUserOf(passwords);
    const wrong = await measure(change(userId, oldest, t.newPassword()));
    expect([wrong.value.status, wrong.cost.links]).toEqual([400, HASH]);
    expect(wrong.value.body.details[0].id).toBe('COMMAND-3M0fs');
    const short = await measure(change(userId, 'short', present));
    expect([short.value.status, short.cost.links]).toEqual([400, HASH]);
  });
});

describe('is remembered', () => {
  beforeAll(() => useWorld({ history: 4 }));

  it('a temporary password', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const { userId: userID, password } = user;
    const newPassword = t.newPassword();
    expect((await t.vbaChange(tenant, { userID, newPassword, session })).status).toBe(200);
    expect((await setPassword(userID, password)).status).toBe(400);
  });

  it('a password whose hash another system made', async () => {
    const password = 'a password of old';
    const hash = await makeForeignHash(password);
    const human = await addHuman(tenant, { password: undefined, hashedPassword: { hash } });
    await mustSet(human.userId, t.newPassword());
    expect((await setPassword(human.userId, password)).status).toBe(400);
    // A hash is what the other system judged: to send it once more is no new choice.
    const again = { password: { hashedPassword: { hash } } };
    const path = `users/human/${human.userId}`;
    expect((await call(tenant.serviceToken, 'PUT', path, again)).status).toBe(200);
  });

  it('as sealed as the present one, and bound to its user', async () => {
    const [first = '', second = ''] = draw(2);
    const { userId } = await makeUserOf([first, second]);
    const other = await makeUserOf(draw(2));
    await t
      .databaseOf(tenant)
      .prepare(
        `UPDATE password_history SET hash = (SELECT hash FROM password_history WHERE user_id = ?1)
          WHERE user_id = ?2`,
      )
      .bind(userId, other.userId)
      .run();
    expect((await setPassword(userId, first)).status).toBe(400);
    // The hash of another user opens nothing here.
    expect((await setPassword(other.userId, first)).status).toBe(200);
  });

  it('nothing of a user who is deleted', async () => {
    const passwords = draw(2);
    const { userId } = await makeUserOf(passwords);
    expect(await countRemembered(userId)).toBe(1);
    const deleted = await call(tenant.serviceToken, 'DELETE', `users/${userId}`);
    expect(deleted.status).toBe(200);
    expect(await countRemembered(userId)).toBe(0);
  });

  it('less, from the next change on, when the tenant wants less', async () => {
    const passwords = draw(4);
    const [oldest = '', , newest = ''] = passwords;
    const { userId } = await makeUserOf(passwords);
    const lower = (history: number) =>
      t.admin('PATCH', `/tenants/${tenant.orgId}`, { settings: { history } });
    expect((await lower(2)).status).toBe(200);
    expect(await countRemembered(userId)).toBe(3);
    expect((await setPassword(userId, newest)).status).toBe(400);
    expect((await setPassword(userId, oldest)).status).toBe(200);
    expect(await countRemembered(userId)).toBe(1);
    // The one that is remembered is the present one.
    expect((await lower(1)).status).toBe(200);
    await mustSet(userId, t.newPassword());
    expect(await countRemembered(userId)).toBe(0);
  });
});

describe('a refusal leaves the proof', () => {
  beforeAll(() => useWorld({ history: 2 }));

  it('a code, which then changes the password', async () => {
    const [first = '', second = ''] = draw(2);
    const { userId } = await makeUserOf([first, second]);
    const verificationCode = await t.resetCode(tenant, userId);
    const change = (password: string) =>
      t.zitadelChange(tenant.readerToken, userId, { newPassword: { password }, verificationCode });
    const statuses = [];
    for (const password of [first, second, t.newPassword()]) {
      statuses.push((await change(password)).status);
    }
    expect(statuses).toEqual([400, 400, 200]);
  });

  it('an administrator may send a change again whose answer was lost', async () => {
    const { userId } = await makeUserOf(draw(2));
    const password = t.newPassword();
    await mustSet(userId, password);
    await mustSet(userId, password);
    await settle(userId);
    expect((await setPassword(userId, password)).status).toBe(400);
  });
});

it('is nothing where the tenant remembers none', async () => {
  await useWorld({});
  const [first = '', second = ''] = draw(2);
  const { userId } = await makeUserOf([first, second]);
  expect(await countRemembered(userId)).toBe(0);
  await mustSet(userId, first);
  await settle(userId);
  await mustSet(userId, first);
});

async function makeForeignHash(password: string): Promise<string> {
  const salt = new Uint8Array(16);
  const secret = new TextEncoder().encode(password);
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1000 };
  const output = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
  const encode = (bytes: Uint8Array) =>
    btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '.')
      .replace(/=+$/, '');
  return `$pbkdf2-sha256$1000$${encode(salt)}$${encode(output)}`;
}
