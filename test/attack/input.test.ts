// Section 5.5, input: names that look like others, passwords that begin like others, and parameters in a second place.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, callAs, refillBuckets, signIn } from '../dialects/vba/call.ts';
import { expectData, call as zapCall } from '../dialects/zap/call.ts';
import { listCodes } from '../dialects/zap/people.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import type { Answer } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { makeReceiver, type Receiver, watchFetch } from '../support/webhook.ts';
import { describeHuman, call as zitadelCall } from '../support/zitadel-users.ts';

cheapenHashes();

let receiver: Receiver;
let tenant: t.TestTenant;
let admin: t.TestUser;
let adminToken: string;

beforeAll(async () => {
  receiver = await makeReceiver();
  tenant = receiver.tenant;
  admin = await t.makeUser(tenant, { role: 'admin' });
  adminToken = await t.zapToken(tenant, admin);
});

beforeEach(async () => {
  watchFetch();
  await refillBuckets();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('A55: a password of 200 code points', () => {
  const START = 'grey heron over the marsh, ';

  it('is not the one that shares its first 72 bytes, nor itself cut, grown or changed at its end', async () => {
    const password = `${START.padEnd(199, 'heron marsh ')}z`;
    const user = await t.makeUser(tenant, { password });
    const others = [
      password.slice(0, 72),
      password.slice(0, 199),
      `${password.slice(0, 199)}y`,
      `${password.slice(0, 72)}${'other reeds '.repeat(20)}`.slice(0, 200),
      `${password} `,
    ];
    for (const other of others) {
      expect((await t.zapLogin(tenant, user.email, other)).status).toBeGreaterThanOrEqual(400);
      expect((await t.vbaSignIn(tenant, user.userId, other)).status).toBe(401);
    }
    expect((await t.zapLogin(tenant, user.email, password)).status).toBe(200);
    const cut = {
      newPassword: { password: t.newPassword() },
      currentPassword: password.slice(0, 199),
    };
    expect((await t.zitadelChange(tenant.readerToken, user.userId, cut)).status).toBe(400);
  });
});

describe('A57, A60: a name that holds what cannot be seen, or a line', () => {
  const HIDDEN = {
    'a line break': 'a\r\nBcc: x@evil.example',
    'a NUL': 'a\u0000b',
    'a turn to the left': 'a\u202eb',
    'an isolate': 'a\u2066b',
    'nothing wide': 'a\u200bb',
    'a mark of the byte order': 'a\ufeffb',
  };

  it.each(Object.entries(HIDDEN))(
    'is refused in every identifier at every door: %s',
    async (_, text) => {
      const tokens = await signIn(tenant, admin);
      const before = await dumpTenant(tenant);
      const password = t.newPassword();
      const email = `${text}@mail.example`;
      const ids = { username: `name-${t.nextSerial()}`, email: `e${t.nextSerial()}@mail.example` };
      const human = { ...describeHuman(), organization: { orgId: tenant.orgId } };
      const asked: [string, () => Promise<Answer>][] = [
        ['VBA id', () => callAs(tenant, tokens, '/users', { body: { userID: text } })],
        [
          'VBA email',
          () => callAs(tenant, tokens, '/users', { body: { userID: 'hidden', email } }),
        ],
        ['ZAP username', () => makeByZap({ ...ids, password, username: text })],
        ['ZAP email', () => makeByZap({ ...ids, password, email })],
        ['ZITADEL id', () => makeByZitadel({ ...human, userId: text })],
        ['ZITADEL username', () => makeByZitadel({ ...human, username: text })],
        ['ZITADEL email', () => makeByZitadel({ ...human, email: { email, isVerified: true } })],
        ['operator id', () => makeByOperator({ userId: text, password })],
        ['operator username', () => makeByOperator({ username: text, password })],
        ['operator email', () => makeByOperator({ email, password })],
      ];
      for (const [where, ask] of asked) {
        const { status } = await ask();
        expect([where, status]).toEqual([where, 400]);
      }
      expect(await dumpTenant(tenant)).toBe(before);
    },
  );

  const makeByZap = (body: object) => zapCall(tenant, '/v1/users', { token: adminToken, body });
  const makeByZitadel = (body: object) =>
    zitadelCall(tenant.serviceToken, 'POST', 'users/human', body);
  const makeByOperator = (body: object) => t.admin('POST', `/tenants/${tenant.orgId}/users`, body);
});

describe('A58: an address that only looks like that of a user', () => {
  it('finds nobody: no code is made, no password works, and no letter goes to it', async () => {
    const n = t.nextSerial();
    const email = `mikess${n}@mail.example`;
    const password = t.newPassword();
    const made = await t.admin('POST', `/tenants/${tenant.orgId}/users`, {
      userId: `mike-${n}`,
      email,
      password,
    });
    expect(made.status).toBe(201);
    const looks = [
      email.replace('i', '\u0131'),
      email.replace('k', '\u212a'),
      email.replace('ss', '\u00df'),
      email.replace('s', '\u017f'),
      email.replace('m', '\uff4d'),
      email.replace('@', '\uff20'),
      `${email} `,
      ` ${email}`,
      `${email}.`,
    ];
    for (const look of looks) {
      await zapCall(tenant, '/v1/otp/forgotPassword', { body: { identity: look } });
      await zapCall(tenant, '/v1/otp', { body: { userId: `mike-${n}`, email: look } });
      expect((await t.zapLogin(tenant, look, password)).status).toBeGreaterThanOrEqual(400);
    }
    expect(
      receiver.received.filter(({ message }) => message.data['userId'] === `mike-${n}`),
    ).toEqual([]);
    // In another case of ASCII letters it is the same address, and the letter goes to the stored one.
    expectData(
      await zapCall(tenant, '/v1/otp/forgotPassword', { body: { identity: email.toUpperCase() } }),
    );
    const [letter, ...more] = listCodes(receiver, `mike-${n}`, 'reset');
    expect(more).toEqual([]);
    expect(letter?.['address']).toBe(email);
  });
});

describe('A61: a parameter in a second place', () => {
  it('is not read there: the documented place alone counts', async () => {
    const user = await t.makeUser(tenant);
    const victim = await t.makeUser(tenant);
    const before = await t.readUser(tenant, victim.userId);
    const newPassword = { password: t.newPassword() };
    const elsewhere = new URLSearchParams({
      userId: victim.userId,
      userID: victim.userId,
      user_id: victim.userId,
      identity: victim.email,
      'newPassword.password': 'another violet harbour',
      changeRequired: 'true',
    });
    const path = `users/${user.userId}/password?${elsewhere}`;
    const byZitadel = await zitadelCall(tenant.serviceToken, 'POST', path, { newPassword });
    expect([200, 400]).toContain(byZitadel.status);
    const headers = { userid: victim.userId, identity: victim.email };
    const forgotten = await zapCall(tenant, `/v1/otp/forgotPassword?${elsewhere}`, {
      headers,
      body: { identity: user.email },
    });
    expect(forgotten.status).toBe(200);
    const asked = await call(tenant, `/forgot-password?${elsewhere}`, {
      headers,
      body: { userID: user.userId },
    });
    expect(asked.status).toBe(200);
    expect(listCodes(receiver, user.userId, 'reset')).toHaveLength(2);
    expect(await t.readUser(tenant, victim.userId)).toEqual(before);
    const { passwordVersion, mustChangePassword } = await t.readUser(tenant, user.userId);
    const isChanged = byZitadel.status === 200;
    expect([passwordVersion, mustChangePassword]).toEqual([isChanged ? 2 : 1, false]);
    const works = isChanged ? newPassword.password : user.password;
    expect((await t.vbaSignIn(tenant, user.userId, works)).status).toBe(200);
  });
});
