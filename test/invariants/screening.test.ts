// Common, trivial and breached passwords are refused at every door through which a password comes in, like any other that breaks
// the policy: at the same cost, with nothing changed, and with the reason told.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { DOORS, makeWorld, type World } from '../support/password-doors.ts';
import { serveRanges } from '../support/ranges.ts';
import { measure } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { call, describeHuman } from '../support/zitadel-users.ts';

cheapenHashes();

const TOO_SHORT = 'violet harbour';
const COMMON = ['passwordpassword', 'PassWord1234567'];
const TRIVIAL = ['Qwertyuiopasdfgh', 'xyxyxyxyxyxyxyxy'];

let world: World;
let tenant: t.TestTenant;

beforeAll(async () => {
  await serveRanges([]);
  world = await makeWorld({ screeningOnline: true });
  tenant = world.tenant;
});

beforeEach(() => serveRanges([]));

/** All of the tenant; of guesses that were reserved and given back only how many are left. */
async function readState(): Promise<string> {
  const counts = /"reserved":(\d+),"cleared":(\d+),("blocked_until":\d+),"updated_at":\d+/g;
  return (await dumpTenant(tenant)).replace(
    counts,
    (_, reserved, cleared, blocked) => `"open":${reserved - cleared},${blocked}`,
  );
}

describe.each(Object.entries(DOORS))('%s', (_, { expectShape, readViolations, open }) => {
  it('refuses what is common, trivial or breached, as it refuses what is too short', async () => {
    const { path, knock } = await open(world);
    const short = await measure((on) => knock(TOO_SHORT, on));
    expect(short.value.status).toBe(400);
    const before = await readState();
    for (const password of [...COMMON, ...TRIVIAL]) {
      const { value: answer, cost } = await measure((on) => knock(password, on));
      expect([answer.status, answer.text]).toEqual([400, expect.any(String)]);
      expectShape(answer, path);
      expect([cost.trips, cost.links]).toEqual([short.cost.trips, short.cost.links]);
      const rule = COMMON.includes(password) ? 'common' : 'trivial';
      expect(readViolations(answer)).toEqual([{ rule, detail: expect.any(String) }]);
      expect(answer.text).toMatch(rule === 'common' ? /common/ : /repetition/);
      expect(answer.text.toLowerCase()).not.toContain(password.toLowerCase());
    }
    expect(await readState()).toBe(before);
    const breached = t.newPassword();
    const ranges = await serveRanges([breached]);
    const leaked = await measure((on) => knock(breached, on));
    expect([leaked.value.status, leaked.cost.trips]).toEqual([400, short.cost.trips]);
    expectShape(leaked.value, path);
    expect(readViolations(leaked.value)).toEqual([
      { rule: 'breached', detail: expect.stringContaining('data breach') },
    ]);
    expect(await readState()).toBe(before);
    // The whole password is compared, never a part of it.
    const taken = await knock(`${COMMON[0]} by the ${t.newPassword()}`);
    expect([taken.status < 300, taken.text]).toEqual([true, expect.any(String)]);
    expect(ranges.asked).toHaveLength(2);
  });
});

it('tells ZITADEL clients the reason by an id', async () => {
  const { userId } = await t.makeUser(tenant);
  const reasonOf = async (password: string) => {
    const answer = await t.zitadelChange(tenant.serviceToken, userId, {
      newPassword: { password },
    });
    return [answer.body.code, answer.body.details[0]?.id];
  };
  expect(await reasonOf('passwordpassword')).toEqual([3, 'REKEY-common']);
  expect(await reasonOf('xyxyxyxyxyxyxyxy')).toEqual([3, 'REKEY-trivial']);
});

it('leaves alone the hash that another system made of such a password', async () => {
  // PBKDF2-HMAC-SHA-256 of "passwordpassword", 1000 rounds: the hash is not screened, only what is chosen here.
  const salt = new Uint8Array(16);
  const secret = new TextEncoder().encode('passwordpassword');
  const key = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1000 };
  const output = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
  const encode = (bytes: Uint8Array) =>
    btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '.')
      .replace(/=+$/, '');
  const hash = `$pbkdf2-sha256$1000$${encode(salt)}$${encode(output)}`;
  const human = { ...describeHuman(), hashedPassword: { hash, changeRequired: false } };
  const made = await call(tenant.serviceToken, 'POST', 'users/human', human);
  expect([made.status, made.text]).toEqual([200, expect.any(String)]);
  expect((await t.vbaSignIn(tenant, made.body.userId, 'passwordpassword')).status).toBe(200);
});

describe('a tenant', () => {
  const change = async (own: t.TestTenant, password: string) => {
    const { userId } = await t.makeUser(own);
    return t.zitadelChange(own.serviceToken, userId, { newPassword: { password } });
  };

  it('may do without it, and have it again', async () => {
    const own = await t.makeTenant({ settings: { screening: false } });
    for (const password of [...COMMON, ...TRIVIAL]) {
      expect((await change(own, password)).status).toBe(200);
    }
    const path = `/tenants/${own.orgId}`;
    const patched = await t.admin('PATCH', path, { settings: { screening: null } });
    expect([patched.status, patched.body.settings.screening]).toEqual([200, true]);
    for (const password of [...COMMON, ...TRIVIAL]) {
      expect((await change(own, password)).status).toBe(400);
    }
  });

  it('has it though its settings were stored before there was any', async () => {
    const own = await t.makeTenant();
    await t
      .databaseOf(own)
      .prepare("UPDATE tenant SET settings = json_remove(settings, '$.screening') WHERE id = ?")
      .bind(own.orgId)
      .run();
    expect((await change(own, 'passwordpassword')).status).toBe(400);
    expect((await change(own, t.newPassword())).status).toBe(200);
  });
});
