// Refresh: rotation, retries, reuse, and what ends a family.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { overtake } from '../../support/held-commit.ts';
import * as t from '../../support/tenant.ts';
import { changeUser } from '../../support/zitadel-users.ts';
import { call, expectError, expectTokens, refillBuckets, type Tokens } from './call.ts';

const PATH = '/user-refresh-tokens';
const DAY = 24 * 3_600_000;

let tenant: t.TestTenant;
let user: t.TestUser;
let tokens: Tokens;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

beforeEach(async () => {
  user = await t.makeUser(tenant);
  tokens = await signIn(user);
});

afterEach(() => {
  vi.useRealTimers();
});

async function signIn(who: t.TestUser): Promise<Tokens> {
  return expectTokens(await t.vbaSignIn(tenant, who.userId, who.password));
}

function refresh(shown: { idToken: string; refreshToken: string }) {
  return t.vbaRefresh(tenant, shown);
}

async function expectRefused(shown: { idToken: string; refreshToken: string }): Promise<void> {
  expectError(await refresh(shown), 401, PATH);
}

describe('a refresh', () => {
  it('rotates', async () => {
    const next = expectTokens(await refresh(tokens));
    expect(next.expiresIn).toBe(86_400);
    expect(next.refreshToken).not.toBe(tokens.refreshToken);
    expect(next.accessToken).not.toBe(tokens.accessToken);
    expect(next.idToken).not.toBe(tokens.idToken);
    expectTokens(await refresh(next));
  });

  it('gives tokens that the other doors take', async () => {
    const { accessToken } = expectTokens(await refresh(tokens));
    const { userId, email, password } = user;
    const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
    expect((await t.zapChange(tenant, accessToken, body)).status).toBe(200);
  });

  it('gives a retry the same successor until that is used', async () => {
    const first = expectTokens(await refresh(tokens));
    const second = expectTokens(await refresh(tokens));
    const third = expectTokens(await refresh(tokens));
    expect(second.refreshToken).toBe(first.refreshToken);
    expect(third.refreshToken).toBe(first.refreshToken);
    expectTokens(await refresh(third));
  });

  it('by a token whose successor was used ends the family, and no other', async () => {
    const second = expectTokens(await refresh(tokens));
    const third = expectTokens(await refresh(second));
    const elsewhere = await signIn(user);
    await expectRefused(tokens);
    await expectRefused(second);
    await expectRefused(third);
    expectTokens(await refresh(elsewhere));
    const types = (await t.listEvents(tenant, user.userId)).map(({ type }) => type);
    expect(types.filter((type) => type === 'refresh.reused')).toHaveLength(1);
  });

  it('takes an ID token that has expired', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * DAY });
    expectTokens(await refresh(tokens));
  });

  it('takes the ID token of an earlier turn of the same user', async () => {
    const next = expectTokens(await refresh(tokens));
    expectTokens(await refresh({ ...next, idToken: tokens.idToken }));
  });
});

describe('a header', () => {
  it.each([
    ['expired-id-token', null],
    ['expired-id-token', ''],
    ['refresh-token', null],
    ['refresh-token', ''],
  ])('%s that is missing is named (%s)', async (header, value) => {
    const answer = await call(tenant, PATH, {
      headers: {
        'expired-id-token': tokens.idToken,
        'refresh-token': tokens.refreshToken,
        [header]: value,
      },
    });
    expect(expectError(answer, 400, PATH)).toContain(header);
  });

  it('is where the tokens are read, and the body is not', async () => {
    const answer = await call(tenant, PATH, {
      body: { 'expired-id-token': tokens.idToken, 'refresh-token': tokens.refreshToken },
    });
    expectError(answer, 400, PATH);
  });

  it('that comes twice is refused, and nothing is rotated', async () => {
    const right = { 'expired-id-token': tokens.idToken, 'refresh-token': tokens.refreshToken };
    for (const [header, value] of Object.entries(right)) {
      const headers = { ...right, [header]: [value, value] };
      const answer = await call(tenant, PATH, { headers });
      expect([400, 401]).toContain(answer.status);
    }
    expectTokens(await refresh(tokens));
  });
});

describe('the expired ID token', () => {
  it('must be of the same user and be an ID token of ours; the refresh token is not spent', async () => {
    const other = await t.makeUser(tenant);
    const theirs = await signIn(other);
    const elsewhere = await t.makeTenant();
    const twin = await t.makeUser(elsewhere, { userId: user.userId });
    const foreign = expectTokens(await t.vbaSignIn(elsewhere, twin.userId, twin.password));
    const [head = '', payload = '', signature = ''] = tokens.idToken.split('.');
    const swapped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
    const unsigned = btoa('{"alg":"none","typ":"JWT"}').replaceAll('=', '');
    for (const idToken of [
      theirs.idToken,
      foreign.idToken,
      tokens.accessToken,
      tokens.refreshToken,
      'garbage',
      'a.b.c',
      `${head}.${payload}.`,
      `${head}.${payload}.${swapped}`,
      `${unsigned}.${payload}.`,
      `${head}.${theirs.idToken.split('.')[1]}.${signature}`,
    ]) {
      await expectRefused({ ...tokens, idToken });
    }
    const used = await t
      .databaseOf(tenant)
      .prepare(
        `SELECT count(*) AS used FROM refresh_token r JOIN family f ON f.id = r.family_id
         AND f.tenant_id = r.tenant_id WHERE f.tenant_id = ? AND f.user_id = ? AND r.used_at IS NOT NULL`,
      )
      .bind(tenant.orgId, user.userId)
      .first<{ used: number }>();
    expect(used?.used).toBe(0);
    expectTokens(await refresh(tokens));
  });
});

describe('the refresh token', () => {
  it('must be one of ours', async () => {
    for (const refreshToken of [
      'garbage',
      tokens.accessToken,
      tokens.idToken,
      tenant.apiKey,
      tokens.refreshToken.slice(0, -1),
      `${tokens.refreshToken}A`,
      tokens.refreshToken.toUpperCase(),
    ]) {
      await expectRefused({ ...tokens, refreshToken });
    }
    expectTokens(await refresh(tokens));
  });

  it('lives for 90 days at the most, however often it is refreshed', async () => {
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: start + 89 * DAY });
    const next = expectTokens(await refresh(tokens));
    vi.setSystemTime(start + 90 * DAY + 1000);
    await expectRefused(next);
  });

  it('lives as long as the tenant wants', async () => {
    const hasty = await t.makeTenant({ settings: { refreshTokenLife: 3600 } });
    const guest = await t.makeUser(hasty);
    const theirs = expectTokens(await t.vbaSignIn(hasty, guest.userId, guest.password));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
    expectError(await t.vbaRefresh(hasty, theirs), 401, PATH);
  });

  it('dies with the account', async () => {
    await t.disableUser(tenant, user.userId);
    await expectRefused(tokens);
  });
});

describe('a change of the password', () => {
  const doors: [string, (newPassword: string) => Promise<{ readonly status: number }>][] = [
    [
      'VBA',
      async (newPassword) => {
        await t
          .databaseOf(tenant)
          .prepare('UPDATE credential SET must_change = 1 WHERE tenant_id = ? AND user_id = ?')
          .bind(tenant.orgId, user.userId)
          .run();
        const session = await t.openChallenge(tenant, user);
        return t.vbaChange(tenant, { userID: user.userId, newPassword, session });
      },
    ],
    [
      'ZAP',
      async (newPassword) => {
        const { userId, email, password } = user;
        const body = { userId, email, oldPassword: password, newPassword };
        return t.zapChange(tenant, await t.zapToken(tenant, user), body);
      },
    ],
    [
      'ZITADEL with the current password',
      (password) =>
        t.zitadelChange(tenant.serviceToken, user.userId, {
          newPassword: { password },
          currentPassword: user.password,
        }),
    ],
    [
      'ZITADEL with a code',
      async (password) =>
        t.zitadelChange(tenant.serviceToken, user.userId, {
          newPassword: { password },
          verificationCode: await t.resetCode(tenant, user.userId),
        }),
    ],
    [
      "ZITADEL with an admin's authority",
      (password) =>
        t.zitadelChange(tenant.serviceToken, user.userId, { newPassword: { password } }),
    ],
  ];

  it.each(doors)('by %s ends every family', async (_, change) => {
    const next = expectTokens(await refresh(tokens));
    const other = await signIn(user);
    const password = t.newPassword();
    expect((await change(password)).status).toBe(200);
    await expectRefused(next);
    await expectRefused(tokens);
    await expectRefused(other);
    expectTokens(await refresh(await signIn({ ...user, password })));
  });
});

describe('a refresh while somebody gives the user another name', () => {
  const rename = async () => {
    const renamed = { username: `renamed-${user.userId}` };
    expect((await changeUser(tenant.serviceToken, user.userId, renamed)).status).toBe(200);
  };
  const refreshMeanwhile = (shown: Tokens) =>
    overtake((on) => t.vbaRefresh(tenant, shown, on), rename);

  it('goes on: the session lives', async () => {
    const next = expectTokens(await refreshMeanwhile(tokens));
    const [, claims = ''] = next.idToken.split('.');
    expect(JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))).toMatchObject({
      preferred_username: `renamed-${user.userId}`,
    });
    expectTokens(await refresh(next));
  });

  it('ends the session all the same when the token is an old one', async () => {
    const second = expectTokens(await refresh(tokens));
    const third = expectTokens(await refresh(second));
    expectError(await refreshMeanwhile(tokens), 401, PATH);
    await expectRefused(third);
  });
});
