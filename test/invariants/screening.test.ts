// Common and trivial passwords are refused at every door through which a password comes in, like any other that breaks
// the policy: at the same cost, with nothing changed, and with the reason told.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  expectProblemShape,
  expectVbaShape,
  expectZapShape,
  expectZitadelShape,
} from '../input/shapes.ts';
import { type Answer, type Env, measure, send } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { dumpTenant } from '../support/tenant-rows.ts';
import { addHuman, CREATORS, call, describeHuman, UPDATERS } from '../support/zitadel-users.ts';

const TOO_SHORT = 'violet harbour';
const COMMON = ['passwordpassword', 'PassWord1234567'];
const TRIVIAL = ['Qwertyuiopasdfgh', 'xyxyxyxyxyxyxyxy'];

let tenant: t.TestTenant;
let adminId: string;
let adminToken: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  const admin = await t.makeUser(tenant, { role: 'admin' });
  adminId = (await t.vbaSignIn(tenant, admin.userId, admin.password)).body.data.authenticationResult
    .idToken;
  adminToken = await t.zapToken(tenant, admin);
});

/** All of the tenant; of guesses that were reserved and given back only how many are left. */
async function readState(): Promise<string> {
  const counts = /"reserved":(\d+),"cleared":(\d+),("blocked_until":\d+),"updated_at":\d+/g;
  return (await dumpTenant(tenant)).replace(
    counts,
    (_, reserved, cleared, blocked) => `"open":${reserved - cleared},${blocked}`,
  );
}

type Knock = (password: string, on?: Env) => Promise<Answer>;

interface Door {
  readonly expectShape: (answer: Answer, path: string) => void;
  /** Opened once, for as many passwords as are brought. */
  readonly open: () => Promise<{ readonly path: string; readonly knock: Knock }>;
}

function post(path: string, headers: Record<string, string>, body: object, on?: Env) {
  const all = { 'content-type': 'application/json', ...headers };
  return send(path, { method: 'POST', headers: all, body: JSON.stringify(body) }, on);
}

function vba(open: () => Promise<{ path: string; idToken?: string; body: (p: string) => object }>) {
  return {
    expectShape: expectVbaShape,
    open: async () => {
      const { path, idToken, body } = await open();
      const token = idToken === undefined ? {} : { authorization: `Bearer ${idToken}` };
      const headers = { ...t.vbaHeaders(tenant), ...token };
      return {
        path,
        knock: (password: string, on?: Env) => post(path, headers, body(password), on),
      };
    },
  };
}

function zap(open: () => Promise<{ path: string; body: (password: string) => object }>) {
  return {
    expectShape: expectZapShape,
    open: async () => {
      const { path, body } = await open();
      const headers = { authorization: `Bearer ${adminToken}` };
      const url = `http://${tenant.host}:8787${path}`;
      return {
        path,
        knock: (password: string, on?: Env) => post(url, headers, body(password), on),
      };
    },
  };
}

function zitadel(open: () => Promise<Knock>) {
  return {
    expectShape: expectZitadelShape,
    open: async () => ({ path: '', knock: await open() }),
  };
}

function zitadelChange(prove: (user: t.TestUser) => Promise<object>) {
  return zitadel(async () => {
    const user = await t.makeUser(tenant);
    const proof = await prove(user);
    return (password, on) => {
      const body = { newPassword: { password }, ...proof };
      return t.zitadelChange(tenant.serviceToken, user.userId, body, on);
    };
  });
}

function operator(field: 'password' | 'temporaryPassword') {
  return {
    expectShape: expectProblemShape,
    open: async () => {
      const path = `/tenants/${tenant.orgId}/users`;
      const userId = `screened-${t.nextSerial()}`;
      const knock = (password: string, on?: Env) =>
        t.admin('POST', path, { userId, [field]: password }, on);
      return { path, knock };
    },
  };
}

const resetCode = ({ userId }: t.TestUser) => t.resetCode(tenant, userId);

const DOORS: Record<string, Door> = {
  'VBA by challenge': vba(async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const path = '/change-temporary-password';
    return { path, body: (newPassword) => ({ userID: user.userId, newPassword, session }) };
  }),
  'VBA by code': vba(async () => {
    const user = await t.makeUser(tenant);
    const proof = { userID: user.userId, confirmationCode: await resetCode(user) };
    return { path: '/confirm-forgot-password', body: (newPassword) => ({ ...proof, newPassword }) };
  }),
  'VBA by the current password': vba(async () => {
    const { userId, password: currentPassword } = await t.makeUser(tenant);
    const path = `/users/${userId}/change-password`;
    return { path, idToken: adminId, body: (newPassword) => ({ currentPassword, newPassword }) };
  }),
  'VBA, a new user': vba(async () => {
    const userID = `screened-${t.nextSerial()}`;
    const body = (temporaryPassword: string) => ({ userID, temporaryPassword });
    return { path: '/users', idToken: adminId, body };
  }),
  'ZAP by the old password': zap(async () => {
    const { userId, email, password: oldPassword } = await t.makeUser(tenant);
    const body = (newPassword: string) => ({ userId, email, oldPassword, newPassword });
    return { path: '/v1/changePassword', body };
  }),
  'ZAP by code': zap(async () => {
    const user = await t.makeUser(tenant);
    const proof = { identity: user.email, otp: await resetCode(user) };
    return { path: '/v1/forgotPassword', body: (newPassword) => ({ ...proof, newPassword }) };
  }),
  'ZAP, a new user': zap(async () => {
    const username = `screened-${t.nextSerial()}`;
    const email = `${username}@mail.example`;
    return { path: '/v1/users', body: (password) => ({ username, email, password }) };
  }),
  'ZITADEL by the current password': zitadelChange(async ({ password: currentPassword }) => ({
    currentPassword,
  })),
  'ZITADEL by code': zitadelChange(async (user) => ({ verificationCode: await resetCode(user) })),
  'ZITADEL by authority': zitadelChange(async () => ({})),
  ...Object.fromEntries(
    CREATORS.map(({ name, create }) => [
      `ZITADEL, ${name}`,
      zitadel(async () => {
        const human = describeHuman();
        return (password, on) =>
          create(tenant.serviceToken, tenant.orgId, { ...human, password: { password } }, on);
      }),
    ]),
  ),
  ...Object.fromEntries(
    UPDATERS.map(({ name, update }) => [
      `ZITADEL, ${name}`,
      zitadel(async () => {
        const { userId } = await addHuman(tenant);
        return (password, on) =>
          update(tenant.serviceToken, userId, { password: { password: { password } } }, on);
      }),
    ]),
  ),
  'the operator, a password': operator('password'),
  'the operator, a temporary password': operator('temporaryPassword'),
};

describe.each(Object.entries(DOORS))('%s', (_, { expectShape, open }) => {
  it('refuses what is common or trivial, as it refuses what is too short', async () => {
    const { path, knock } = await open();
    const short = await measure((on) => knock(TOO_SHORT, on));
    expect(short.value.status).toBe(400);
    const before = await readState();
    for (const password of [...COMMON, ...TRIVIAL]) {
      const { value: answer, cost } = await measure((on) => knock(password, on));
      expect([answer.status, answer.text]).toEqual([400, expect.any(String)]);
      expectShape(answer, path);
      expect([cost.trips, cost.links]).toEqual([short.cost.trips, short.cost.links]);
      expect(answer.text).toMatch(COMMON.includes(password) ? /common/ : /repetition/);
      expect(answer.text.toLowerCase()).not.toContain(password.toLowerCase());
    }
    expect(await readState()).toBe(before);
    // The whole password is compared, never a part of it.
    const taken = await knock(`${COMMON[0]} by the ${t.newPassword()}`);
    expect([taken.status < 300, taken.text]).toEqual([true, expect.any(String)]);
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
