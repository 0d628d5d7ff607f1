// A change ends every session of its user, whichever dialect made it; keys rotate without ending any.
import { env } from 'cloudflare:workers';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeProtectedHeader,
  type JWK,
  jwtVerify,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Env, measure, send } from '../support/rekey.ts';
import { drawSigningKey } from '../support/signing-keys.ts';
import * as t from '../support/tenant.ts';

let tenant: t.TestTenant;
let admin: t.TestUser;

beforeAll(async () => {
  tenant = await t.makeTenant();
  admin = await t.makeUser(tenant, { role: 'admin' });
});

interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

async function signIn(user: t.TestUser, on?: Env): Promise<Tokens> {
  const answer = await t.vbaSignIn(tenant, user.userId, user.password, on);
  expect(answer.status).toBe(200);
  return answer.body.data.authenticationResult;
}

/** Whether an access token is still believed: it may not do this, but is told so only while it lives. */
async function isBelieved(accessToken: string, on?: Env): Promise<boolean> {
  const answer = await t.zitadelChange(
    accessToken,
    'nobody',
    { newPassword: { password: 'x' } },
    on,
  );
  return answer.status !== 401;
}

const CHANGES: [string, (user: t.TestUser) => Promise<Answer>][] = [
  [
    'ZAP',
    async ({ userId, email, password }) =>
      t.zapChange(tenant, await t.zapToken(tenant, admin), {
        userId,
        email,
        oldPassword: password,
        newPassword: t.newPassword(),
      }),
  ],
  [
    'ZITADEL by the current password',
    ({ userId, password }) =>
      t.zitadelChange(tenant.readerToken, userId, {
        newPassword: { password: t.newPassword() },
        currentPassword: password,
      }),
  ],
  [
    'ZITADEL by code',
    async ({ userId }) =>
      t.zitadelChange(tenant.readerToken, userId, {
        newPassword: { password: t.newPassword() },
        verificationCode: await t.resetCode(tenant, userId),
      }),
  ],
  [
    'ZITADEL by authority',
    ({ userId }) =>
      t.zitadelChange(tenant.serviceToken, userId, { newPassword: { password: t.newPassword() } }),
  ],
];

describe('a change', () => {
  it.each(CHANGES)('by %s ends all three devices, and nobody else’s', async (_, change) => {
    const user = await t.makeUser(tenant);
    const bystander = await t.makeUser(tenant);
    const devices = [await signIn(user), await signIn(user), await signIn(user)];
    const others = await signIn(bystander);
    for (const { accessToken } of devices) expect(await isBelieved(accessToken)).toBe(true);
    expect((await change(user)).status).toBe(200);
    for (const tokens of devices) {
      expect(await isBelieved(tokens.accessToken)).toBe(false);
      expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
    }
    expect(await isBelieved(others.accessToken)).toBe(true);
    expect((await t.vbaRefresh(tenant, others)).status).toBe(200);
  });

  it('by challenge leaves alive only the session that it starts', async () => {
    const user = await t.makeUser(tenant);
    const before = await signIn(user);
    const temporary = t.newPassword();
    const forced = await t.zitadelChange(tenant.serviceToken, user.userId, {
      newPassword: { password: temporary, changeRequired: true },
    });
    expect(forced.status).toBe(200);
    const session = await t.openChallenge(tenant, { ...user, password: temporary });
    const newPassword = t.newPassword();
    const changed = await t.vbaChange(tenant, { userID: user.userId, newPassword, session });
    const tokens: Tokens = changed.body.data.authenticationResult;
    expect(await isBelieved(before.accessToken)).toBe(false);
    expect(await isBelieved(tokens.accessToken)).toBe(true);
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(200);
  });
});

describe("a token that its user's own change ended", () => {
  it('repeats that change when its answer was lost, and does nothing else', async () => {
    const user = await t.makeUser(tenant);
    const { userId, email, password: oldPassword } = user;
    const token = await t.zapToken(tenant, user);
    const elsewhere = await t.zapToken(tenant, user);
    const newPassword = t.newPassword();
    const change = { userId, email, oldPassword, newPassword };
    expect((await t.zapChange(tenant, token, change)).status).toBe(200);
    const before = await t.readUser(tenant, userId);
    // Every session of that moment was ended by the same change, and may hear of it.
    for (const ended of [token, elsewhere]) {
      expect((await t.zapChange(tenant, ended, change)).status).toBe(200);
    }
    expect(await t.readUser(tenant, userId)).toEqual(before);
    const others = [
      { ...change, newPassword: t.newPassword(), oldPassword: newPassword },
      { ...change, oldPassword: t.newPassword() },
      { ...change, userId: admin.userId, email: admin.email },
    ];
    for (const other of others) {
      const { value, cost } = await measure((on) => t.zapChange(tenant, token, other, on));
      expect(value.status).toBe(401);
      expect(cost.links).toBe(0);
    }
    expect(await isBelieved(token)).toBe(false);
    expect(await t.readUser(tenant, userId)).toEqual(before);
  });

  it('is dead after a further change, and when the change was not its own', async () => {
    const user = await t.makeUser(tenant);
    const { userId, email, password: oldPassword } = user;
    const token = await t.zapToken(tenant, user);
    const newPassword = t.newPassword();
    const change = { userId, email, oldPassword, newPassword };
    expect((await t.zapChange(tenant, token, change)).status).toBe(200);
    const further = { newPassword: { password: t.newPassword() }, currentPassword: newPassword };
    expect((await t.zitadelChange(tenant.readerToken, userId, further)).status).toBe(200);
    expect((await t.zapChange(tenant, token, change)).status).toBe(401);

    const other = await t.makeUser(tenant);
    const ended = await t.zapToken(tenant, other);
    const forced = { newPassword: { password: t.newPassword() } };
    expect((await t.zitadelChange(tenant.serviceToken, other.userId, forced)).status).toBe(200);
    const attempt = {
      userId: other.userId,
      email: other.email,
      oldPassword: other.password,
      newPassword: forced.newPassword.password,
    };
    expect((await t.zapChange(tenant, ended, attempt)).status).toBe(401);
  });
});

describe('an account that is disabled', () => {
  it('has no working token from the next request on', async () => {
    const user = await t.makeUser(tenant);
    const tokens = await signIn(user);
    await t.disableUser(tenant, user.userId);
    expect(await isBelieved(tokens.accessToken)).toBe(false);
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
  });
});

describe('tokens of one kind', () => {
  it('are refused where another kind is wanted', async () => {
    const user = await t.makeUser(tenant);
    const tokens = await signIn(user);
    const session = await t.openChallenge(tenant, await t.makeUser(tenant, { temporary: true }));
    for (const token of [tokens.idToken, tokens.refreshToken, session, `${tokens.accessToken}x`]) {
      expect(await isBelieved(token)).toBe(false);
    }
    const swapped = { idToken: tokens.accessToken, refreshToken: tokens.refreshToken };
    expect((await t.vbaRefresh(tenant, swapped)).status).toBe(401);
    const opaque = { idToken: tokens.idToken, refreshToken: tenant.apiKey };
    expect((await t.vbaRefresh(tenant, opaque)).status).toBe(401);
    expect((await t.vbaRefresh(tenant, tokens)).status).toBe(200);
  });
});

describe('signing keys', () => {
  const rotated = (): Env => {
    const { keys } = JSON.parse(env.SIGNING_JWKS) as { keys: JWK[] };
    return {
      ...(env as unknown as Env),
      SIGNING_JWKS: JSON.stringify({ keys: keys.toReversed() }),
    };
  };

  it('are published before and after they sign, and verify what they signed', async () => {
    const user = await t.makeUser(tenant);
    const { accessToken } = await signIn(user);
    const published = (await send('/.well-known/jwks.json')).body as { keys: JWK[] };
    expect(published.keys).toHaveLength(2);
    const { payload, protectedHeader } = await jwtVerify(
      accessToken,
      createLocalJWKSet(published as { keys: JWK[] }),
    );
    const [active] = published.keys;
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(protectedHeader.kid).toBe(await calculateJwkThumbprint(active as JWK));
    expect(payload).toMatchObject({ iss: env.ISSUER, aud: tenant.orgId, sub: user.userId });
  });

  it('rotate while old tokens go on', async () => {
    const user = await t.makeUser(tenant);
    const before = await signIn(user);
    const on = rotated();
    expect(await isBelieved(before.accessToken, on)).toBe(true);
    const after = await signIn(user, on);
    const { kid } = decodeProtectedHeader(before.accessToken);
    expect(decodeProtectedHeader(after.accessToken).kid).not.toBe(kid);
    expect(await isBelieved(after.accessToken)).toBe(true);
    expect((await t.vbaRefresh(tenant, before, on)).status).toBe(200);
  });

  it('that are taken away end what they signed', async () => {
    const user = await t.makeUser(tenant);
    const before = await signIn(user);
    const { keys } = JSON.parse(env.SIGNING_JWKS) as { keys: JWK[] };
    const on = {
      ...(env as unknown as Env),
      SIGNING_JWKS: JSON.stringify({ keys: [keys[1], await drawSigningKey()] }),
    };
    expect(await isBelieved(before.accessToken, on)).toBe(false);
  });
});
