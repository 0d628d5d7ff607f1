// What each operation costs, counted from outside: derivations at a shim on WebCrypto, trips and rows at the binding.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Cost, type Env, measure, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';

const MAC_KEYS = env.MAC_KEYS.split(',').length;
const SIGN_IN = 6;
const CHANGE = 12;

let tenant: t.TestTenant;
let other: t.TestTenant;
let user: t.TestUser;
let reader: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  other = await t.makeTenant();
  user = await t.makeUser(tenant);
  reader = await t.makeUser(tenant);
});

/** Statements about all codes, challenges or families of one user: they read that user's few rows, and no other's. */
const SWEEP =
  /^(?:DELETE FROM (?:code|challenge)|UPDATE (?:code SET tries|family INDEXED BY family_by_user SET revoked_at|lane SET failures = 0|throttle SET cleared = reserved))\b/;
const FEW = 3;

async function costOf(status: number, work: (on: Env) => Promise<Answer>): Promise<Cost> {
  const { value, cost } = await measure(work);
  expect(value.status).toBe(status);
  expect(cost.trips).toBeLessThanOrEqual(2);
  expect(cost.databases.length).toBeLessThanOrEqual(1);
  for (const { sql, rowsRead } of cost.statements) {
    expect(rowsRead, sql).toBeLessThanOrEqual(countLookups(sql) + (SWEEP.test(sql) ? FEW : 0));
  }
  const { trips, links } = cost;
  expect(value.headers.get('server-timing')).toBe(`trips;desc="${trips}", links;desc="${links}"`);
  return cost;
}

/**
 * The tables that a statement names, each as often as it names it: what it looks up. SQLite reads one row more where
 * it keeps a row aside: for RETURNING, and for an insert that reads the table that it writes.
 */
function countLookups(sql: string): number {
  const named = [...sql.matchAll(/\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)/g)].map(
    ([, name]) => name,
  );
  const target = /^INSERT INTO ([a-z_]+)/.exec(sql)?.[1];
  const readsItself = named.filter((name) => name === target).length > 1;
  // A code is looked up under each MAC key: one row more of the list, and one of the table. Guesses are under each name.
  const further = sql.includes('.mac IN (SELECT') ? 2 * (MAC_KEYS - 1) : 0;
  const alternatives = sql.split(' OR tenant_id = ').length - 1;
  return named.length + further + alternatives + (readsItself || sql.includes('RETURNING') ? 1 : 0);
}

describe('what succeeds', () => {
  it('signs in for 6 links and two trips', async () => {
    const cost = await costOf(200, (on) => t.vbaSignIn(tenant, user.userId, user.password, on));
    expect(cost).toMatchObject({ links: SIGN_IN, trips: 2 });
    // The bucket, the guess, its lane, the user; guess and lane forgiven, family, token, and the event that tells the end.
    expect(cost.statements).toHaveLength(9);
  });

  it('signs in by a login name for the same', async () => {
    const cost = await costOf(200, (on) => t.zapLogin(tenant, user.email, user.password, on));
    expect(cost).toMatchObject({ links: SIGN_IN, trips: 2 });
  });

  it('changes by challenge for 12 links and two trips', async () => {
    const temporary = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, temporary);
    const body = { userID: temporary.userId, newPassword: t.newPassword(), session };
    const cost = await costOf(200, (on) => t.vbaChange(tenant, body, on));
    expect(cost).toMatchObject({ links: CHANGE, trips: 2 });
    const again = await costOf(200, (on) => t.vbaChange(tenant, body, on));
    expect(again).toMatchObject({ links: SIGN_IN, trips: 2 });
  });

  it('changes by the current password for 12 links and two trips, in both dialects', async () => {
    const someone = await t.makeUser(tenant);
    const newPassword = t.newPassword();
    const byZitadel = await costOf(200, (on) =>
      t.zitadelChange(
        tenant.readerToken,
        someone.userId,
        { newPassword: { password: newPassword }, currentPassword: someone.password },
        on,
      ),
    );
    expect(byZitadel).toMatchObject({ links: CHANGE, trips: 2 });
    // The guess, its lane, the user; the change, what it ends of four kinds, lanes, guesses under all names, and the event.
    expect(byZitadel.statements).toHaveLength(11);
    const token = await t.zapToken(tenant, { ...someone, password: newPassword });
    const body = {
      userId: someone.userId,
      email: someone.email,
      oldPassword: newPassword,
      newPassword: t.newPassword(),
    };
    const byZap = await costOf(200, (on) => t.zapChange(tenant, token, body, on));
    expect(byZap).toMatchObject({ links: CHANGE, trips: 2 });
  });

  it('changes by code and by authority for 6 links and two trips', async () => {
    const someone = await t.makeUser(tenant);
    const verificationCode = await t.resetCode(tenant, someone.userId);
    const change = (proof: object) => (on: Env) =>
      t.zitadelChange(
        tenant.serviceToken,
        someone.userId,
        { newPassword: { password: t.newPassword() }, ...proof },
        on,
      );
    expect(await costOf(200, change({ verificationCode }))).toMatchObject({ links: 6, trips: 2 });
    expect(await costOf(200, change({}))).toMatchObject({ links: 6, trips: 2 });
  });

  it('refreshes for no link and two trips', async () => {
    const signedIn = await t.vbaSignIn(tenant, user.userId, user.password);
    const tokens = signedIn.body.data.authenticationResult;
    const cost = await costOf(200, (on) => t.vbaRefresh(tenant, tokens, on));
    expect(cost).toMatchObject({ links: 0, trips: 2 });
  });

  it('issues a code for no link and two trips', async () => {
    const cost = await costOf(200, (on) =>
      t.zitadel(tenant.serviceToken, `${user.userId}/password_reset`, { returnCode: {} }, on),
    );
    expect(cost).toMatchObject({ links: 0, trips: 2 });
  });
});

describe('what is refused by its proof', () => {
  it('costs 6 links for a wrong password, known user or not', async () => {
    const wrong = t.newPassword();
    for (const userId of [user.userId, 'nobody-at-all']) {
      const cost = await costOf(401, (on) => t.vbaSignIn(tenant, userId, wrong, on));
      expect(cost).toMatchObject({ links: 6, trips: 2 });
    }
  });

  it('costs 6 links for a wrong current password, also right after a change', async () => {
    const someone = await t.makeUser(tenant);
    const changed = await t.zitadelChange(tenant.serviceToken, someone.userId, {
      newPassword: { password: t.newPassword() },
      currentPassword: someone.password,
    });
    expect(changed.status).toBe(200);
    const body = { newPassword: { password: t.newPassword() }, currentPassword: t.newPassword() };
    const cost = await costOf(400, (on) =>
      t.zitadelChange(tenant.serviceToken, someone.userId, body, on),
    );
    expect(cost).toMatchObject({ links: 6, trips: 2 });
  });

  it('costs 6 links for an unknown user, and none where the caller may know', async () => {
    const signedIn = await t.zapToken(tenant, reader);
    const body = { newPassword: { password: t.newPassword() }, currentPassword: t.newPassword() };
    const asUser = await costOf(400, (on) => t.zitadelChange(signedIn, 'nobody-here', body, on));
    expect(asUser).toMatchObject({ links: 6, trips: 2 });
    const asReader = await costOf(404, (on) =>
      t.zitadelChange(tenant.readerToken, 'nobody-there', body, on),
    );
    expect(asReader.links).toBe(0);
  });
});

it('is told to nobody unless timing is on', async () => {
  const { value } = await measure((on) => send('/healthz', {}, { ...on, TIMING: 'off' }));
  expect(value.status).toBe(200);
  expect(value.headers.has('server-timing')).toBe(false);
});

describe('what is refused before any hash', () => {
  it.each([
    ['a shape', 400, () => ({ userID: user.userId, newPassword: 7, session: 'x' }), {}],
    ['a foreign tenant', 401, validChange, { 'vbasoftware-client-code': 'code-of-nobody' }],
    ['an unknown key', 401, validChange, { 'x-api-key': `rk_db_${'A'.repeat(43)}` }],
    ['a key of no known place', 401, validChange, { 'x-api-key': `rk_moon_${'A'.repeat(43)}` }],
    ['an unknown session', 401, validChange, {}],
  ])('costs no link: %s', async (_, status, body, headers) => {
    const cost = await costOf(status, (on) =>
      send(
        '/change-temporary-password',
        {
          method: 'POST',
          headers: { ...t.vbaHeaders(tenant), 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body()),
        },
        on,
      ),
    );
    expect(cost.links).toBe(0);
  });

  function validChange() {
    const session = `rks_db_${'B'.repeat(43)}`;
    return { userID: user.userId, newPassword: t.newPassword(), session };
  }

  it('costs no link and one trip under the throttle', async () => {
    const subject = `nobody-${t.nextSerial()}`;
    for (let i = 0; i < 10; i += 1) await t.vbaSignIn(other, subject, t.newPassword());
    const cost = await costOf(429, (on) => t.vbaSignIn(other, subject, t.newPassword(), on));
    expect(cost).toMatchObject({ links: 0, trips: 1 });
  });

  it('costs no trip when the caller cannot be anyone', async () => {
    const cost = await costOf(401, (on) => t.zitadelChange('not-a-token', user.userId, {}, on));
    expect(cost).toMatchObject({ links: 0, trips: 0 });
  });
});
