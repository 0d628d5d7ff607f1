// The forced change as a whole: temporary sign-in, challenge, new password, tokens.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call, expectChallenge, expectError, expectTokens } from './call.ts';

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

async function verify(token: string, audience: string, typ: string) {
  const keys = await send('/.well-known/jwks.json');
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys.body), {
    audience,
    typ,
    algorithms: ['ES256'],
    issuer: 'http://127.0.0.1:8787',
  });
  expect(protectedHeader.alg).toBe('ES256');
  return payload;
}

describe.each(['', '/vbasoftware'])('the forced change under "%s"', (prefix) => {
  it('goes from the temporary password to tokens of the new one', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      state: 'temporary',
      mustChangePassword: true,
      passwordVersion: 1,
    });

    const temporary = { authorization: t.basic(user.userId, user.password) };
    const session = expectChallenge(
      await call(tenant, `${prefix}/user-authentication`, { headers: temporary }),
    );
    const password = t.newPassword();
    const changed = await call(tenant, `${prefix}/change-temporary-password`, {
      body: { userID: user.userId, newPassword: password, session },
    });
    const tokens = expectTokens(changed);
    expect(tokens.expiresIn).toBe(86_400);
    expect(await t.readUser(tenant, user.userId)).toMatchObject({
      state: 'active',
      mustChangePassword: false,
      passwordVersion: 2,
      failedAttempts: 0,
    });

    const refused = await call(tenant, `${prefix}/user-authentication`, { headers: temporary });
    expectError(refused, 401, `${prefix}/user-authentication`);
    expectTokens(await t.vbaSignIn(tenant, user.userId, password));
    const refreshed = await call(tenant, `${prefix}/user-refresh-tokens`, {
      headers: { 'expired-id-token': tokens.idToken, 'refresh-token': tokens.refreshToken },
    });
    expectTokens(refreshed);
  });
});

describe('a session', () => {
  it('is opaque, random and kept only as a hash', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const first = await t.openChallenge(tenant, user);
    const second = await t.openChallenge(tenant, user);
    expect(second).not.toBe(first);
    for (const session of [first, second]) {
      // 256 bits are 43 characters of base64url.
      expect(session).toMatch(/(?:^|_)[A-Za-z0-9_-]{43}$/);
      expect(session).not.toContain(user.userId);
    }
    const rows = await t
      .databaseOf(tenant)
      .prepare('SELECT * FROM challenge WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, user.userId)
      .all<{ created_at: number; expires_at: number }>();
    expect(rows.results).toHaveLength(1);
    expect(JSON.stringify(rows.results)).not.toContain(second);
    expect((rows.results[0]?.expires_at ?? 0) - (rows.results[0]?.created_at ?? 0)).toBe(900_000);
  });

  it('lives as long as the tenant wants', async () => {
    const strict = await t.makeTenant({ settings: { challengeLife: 180 } });
    const user = await t.makeUser(strict, { temporary: true });
    await t.openChallenge(strict, user);
    const row = await t
      .databaseOf(strict)
      .prepare('SELECT expires_at - created_at AS life FROM challenge WHERE tenant_id = ?')
      .bind(strict.orgId)
      .first<{ life: number }>();
    expect(row?.life).toBe(180_000);
  });
});

describe('the tokens', () => {
  it('are ES256 JWTs that the published keys verify', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const newPassword = t.newPassword();
    const tokens = expectTokens(
      await t.vbaChange(tenant, { userID: user.userId, newPassword, session }),
    );
    const access = await verify(tokens.accessToken, tenant.orgId, 'at+jwt');
    const id = await verify(tokens.idToken, tenant.clientId, 'JWT');
    for (const claims of [access, id]) {
      expect(claims).toMatchObject({ sub: user.userId, tenant: tenant.orgId, pwv: 2 });
      expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(86_400);
    }
    expect(access.jti).not.toBe(id.jti);
    expect(tokens.refreshToken).not.toContain('.');
  });

  it('live as long as the tenant wants', async () => {
    const brief = await t.makeTenant({ settings: { accessTokenLife: 600 } });
    const user = await t.makeUser(brief);
    const tokens = expectTokens(await t.vbaSignIn(brief, user.userId, user.password));
    expect(tokens.expiresIn).toBe(600);
    const claims = await verify(tokens.idToken, brief.clientId, 'JWT');
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600);
  });
});

describe('what follows from the change', () => {
  it('revokes every older token family', async () => {
    const user = await t.makeUser(tenant);
    const older = expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
    // A password that became temporary while its user was signed in.
    await t
      .databaseOf(tenant)
      .prepare('UPDATE credential SET must_change = 1 WHERE tenant_id = ? AND user_id = ?')
      .bind(tenant.orgId, user.userId)
      .run();
    const session = await t.openChallenge(tenant, user);
    const successor = expectTokens(await t.vbaRefresh(tenant, older));
    const newPassword = t.newPassword();
    const newer = expectTokens(
      await t.vbaChange(tenant, { userID: user.userId, newPassword, session }),
    );
    expect((await t.vbaRefresh(tenant, successor)).status).toBe(401);
    const stale = await t.zapChange(tenant, older.accessToken, {
      userId: user.userId,
      email: user.email,
      oldPassword: newPassword,
      newPassword: t.newPassword(),
    });
    expect(stale.status).toBe(401);
    expectTokens(await t.vbaRefresh(tenant, newer));
  });

  it('is in the audit, with the id of the answer', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const newPassword = t.newPassword();
    const answer = await t.vbaChange(tenant, { userID: user.userId, newPassword, session });
    const events = await t.listEvents(tenant, user.userId);
    expect(events.map(({ type }) => type)).toEqual([
      'user.created',
      'sign-in.challenged',
      'password.changed',
    ]);
    expect(events.at(-1)).toMatchObject({
      dialect: 'vba',
      activityId: answer.body.debug.activityID,
      userId: user.userId,
    });
    for (const secret of [user.password, newPassword, session]) {
      expect(JSON.stringify(events)).not.toContain(secret);
    }
  });
});
