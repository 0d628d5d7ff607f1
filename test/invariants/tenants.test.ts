// Tenants cannot see each other: whatever is presented at the wrong door is refused alike, and touches nothing there.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { type Answer, measure, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';

cheapenHashes();

/** The first two share a database; the third lives in the other. All have a user of the same id. */
let tenants: t.TestTenant[];
const USER_ID = 'the-same-id';
let passwords: string[];

beforeAll(async () => {
  tenants = [await t.makeTenant(), await t.makeTenant(), await t.makeTenant({ place: 'eu' })];
  passwords = [];
  for (const tenant of tenants) {
    passwords.push((await t.makeUser(tenant, { userId: USER_ID })).password);
  }
});

function tenantAt(index: number): t.TestTenant {
  const tenant = tenants[index];
  if (tenant === undefined) throw new Error(`no tenant ${index}`);
  return tenant;
}

/** What an answer says, bar what differs in every answer. */
function readWords({ status, body }: Answer): unknown {
  return { status, data: body.data, error: body.error };
}

describe('wrong combinations', () => {
  it.each([
    ['client id', 'vbasoftware-client-id', (b: t.TestTenant) => b.clientId],
    ['client code', 'vbasoftware-client-code', (b: t.TestTenant) => b.clientCode],
    ['database', 'vbasoftware-database', (b: t.TestTenant) => b.database],
    ['key', 'x-api-key', (b: t.TestTenant) => b.apiKey],
    ['unknown code', 'vbasoftware-client-code', () => 'code-of-nobody'],
    ['unmapped key', 'x-api-key', () => 'rk_db_short'],
  ])('are refused as a wrong password is: %s of another', async (_, header, of) => {
    const [a] = tenants;
    if (a === undefined) throw new Error('no tenant');
    const wrong = readWords(await t.vbaSignIn(a, 'nobody-known', t.newPassword()));
    for (const b of [tenantAt(1), tenantAt(2)]) {
      const before = await Promise.all([dumpTenant(a), dumpTenant(b)]);
      const answer = await send('/user-authentication', {
        method: 'POST',
        headers: {
          ...t.vbaHeaders(a),
          authorization: t.basic(USER_ID, passwords[0] ?? ''),
          [header]: of(b),
        },
      });
      expect(readWords(answer)).toEqual(wrong);
      expect(await Promise.all([dumpTenant(a), dumpTenant(b)])).toEqual(before);
    }
  });

  it('are refused when a header is sent twice', async () => {
    const headers = new Headers({
      ...t.vbaHeaders(tenantAt(0)),
      authorization: t.basic(USER_ID, passwords[0] ?? ''),
    });
    headers.append('vbasoftware-client-code', tenantAt(1).clientCode);
    const answer = await send('/user-authentication', { method: 'POST', headers });
    expect(answer.status).toBe(400);
    expect(answer.body.error.detail).toContain('vbasoftware-client-code');
  });
});

describe('proofs of another tenant', () => {
  it.each([1, 2])(
    'open nothing and are not spent: challenge of tenant 0 at tenant %i',
    async (i) => {
      const a = tenantAt(0);
      const b = tenantAt(i);
      const user = await t.makeUser(a, { temporary: true });
      await t.makeUser(b, { userId: user.userId, temporary: true });
      const session = await t.openChallenge(a, user);
      const before = await dumpTenant(a);
      const change = { userID: user.userId, newPassword: t.newPassword(), session };
      const { value, cost } = await measure((on) => t.vbaChange(b, change, on));
      expect(value.status).toBe(401);
      expect(cost).toMatchObject({ links: 0, databases: [i === 2 ? 'DB_EU' : 'DB'] });
      expect(await dumpTenant(a)).toBe(before);
      expect((await t.vbaChange(a, change)).status).toBe(200);
    },
  );

  it.each([1, 2])('open nothing and are not spent: code of tenant 0 at tenant %i', async (i) => {
    const user = await t.makeUser(tenantAt(0));
    await t.makeUser(tenantAt(i), { userId: user.userId });
    const verificationCode = await t.resetCode(tenantAt(0), user.userId);
    const before = await dumpTenant(tenantAt(0));
    const change = { newPassword: { password: t.newPassword() }, verificationCode };
    const there = await t.zitadelChange(tenantAt(i).readerToken, user.userId, change);
    expect(there.body.code).toBe(9);
    expect(await dumpTenant(tenantAt(0))).toBe(before);
    expect((await t.zitadelChange(tenantAt(0).readerToken, user.userId, change)).status).toBe(200);
  });

  it.each([1, 2])(
    'open nothing and are not spent: refresh token of tenant 0 at tenant %i',
    async (i) => {
      const signedIn = await t.vbaSignIn(tenantAt(0), USER_ID, passwords[0] ?? '');
      const tokens = signedIn.body.data.authenticationResult;
      const before = await dumpTenant(tenantAt(0));
      expect((await t.vbaRefresh(tenantAt(i), tokens)).status).toBe(401);
      expect(await dumpTenant(tenantAt(0))).toBe(before);
      expect((await t.vbaRefresh(tenantAt(0), tokens)).status).toBe(200);
    },
  );
});

describe('placement', () => {
  it('touches the tenant’s own database alone, whatever names the tenant', async () => {
    for (const [index, binding] of [
      [0, 'DB'],
      [2, 'DB_EU'],
    ] as const) {
      const tenant = tenantAt(index);
      const user = await t.makeUser(tenant, { role: 'admin' });
      const { userId, email } = user;
      const next = t.newPassword();
      const signIn = await measure((on) => t.vbaSignIn(tenant, userId, user.password, on));
      const login = await measure((on) => t.zapLogin(tenant, email, user.password, on));
      const { token } = login.value.body.data;
      const change = { userId, email, oldPassword: user.password, newPassword: next };
      const zap = await measure((on) => t.zapChange(tenant, token, change, on));
      const byKey = await measure((on) =>
        t.zitadelChange(
          tenant.serviceToken,
          userId,
          { newPassword: { password: t.newPassword() }, currentPassword: next },
          on,
        ),
      );
      for (const { value, cost } of [signIn, login, zap, byKey]) {
        expect(value.status).toBe(200);
        expect(cost.databases).toEqual([binding]);
      }
    }
  });

  it('has both tenants’ users under the same id in one database, apart', async () => {
    const { results } = await env.DB.prepare('SELECT tenant_id FROM account WHERE user_id = ?')
      .bind(USER_ID)
      .all();
    expect(results).toHaveLength(2);
  });
});

const OPERATIONS = ['sign in', 'guess', 'change', 'change by authority', 'reset', 'cross'] as const;

const step = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  at: fc.integer({ min: 0, max: 2 }),
  away: fc.integer({ min: 1, max: 2 }),
});

describe('random operations', () => {
  it('never touch another tenant, and agree with a plain model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 10 }), async (steps) => {
        for (const { operation, at, away } of steps) {
          const here = tenantAt(at);
          const others = tenants.filter((tenant) => tenant !== here);
          const before = await Promise.all(others.map(dumpTenant));
          await act(operation, at, (at + away) % tenants.length);
          expect(await Promise.all(others.map(dumpTenant))).toEqual(before);
        }
        for (const [index, password] of passwords.entries()) {
          const answer = await t.vbaSignIn(tenantAt(index), USER_ID, password);
          expect(answer.status).toBe(200);
        }
      }),
      { numRuns: 6 },
    );
  });

  /** One operation in tenant `at`; `passwords` is the model. */
  async function act(operation: (typeof OPERATIONS)[number], at: number, away: number) {
    const tenant = tenantAt(at);
    const current = passwords[at] ?? '';
    const password = t.newPassword();
    const newPassword = { password };
    const change = (proof: object) =>
      t.zitadelChange(tenant.serviceToken, USER_ID, { newPassword, ...proof });
    switch (operation) {
      case 'sign in':
        expect((await t.vbaSignIn(tenant, USER_ID, current)).status).toBe(200);
        return;
      case 'guess':
        expect((await t.vbaSignIn(tenant, USER_ID, password)).status).toBe(401);
        // A right one after it, so that the budget never ends the story.
        expect((await t.vbaSignIn(tenant, USER_ID, current)).status).toBe(200);
        return;
      case 'change':
        expect((await change({ currentPassword: current })).status).toBe(200);
        break;
      case 'change by authority':
        expect((await change({})).status).toBe(200);
        break;
      case 'reset': {
        const verificationCode = await t.resetCode(tenant, USER_ID);
        expect((await change({ verificationCode })).status).toBe(200);
        break;
      }
      case 'cross': {
        // The other tenant's password, at this tenant's door.
        const foreign = passwords[away] ?? '';
        expect((await t.vbaSignIn(tenant, USER_ID, foreign)).status).toBe(401);
        expect((await t.vbaSignIn(tenant, USER_ID, current)).status).toBe(200);
        return;
      }
    }
    passwords[at] = password;
  }
});
