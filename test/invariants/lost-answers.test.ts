// The database did it and its answer was lost: the request is answered as what it is, done, and what it hands out works.
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { callAs, expectTokens, refillBuckets, signIn } from '../dialects/vba/call.ts';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { makeFaultyEnv } from '../support/faulty.ts';
import type { Answer, Env } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { call, getSession, openSession, setSession } from '../support/zitadel-users.ts';

cheapenHashes();

let tenant: t.TestTenant;

beforeAll(async () => {
  // Every failure here is wanted, and logged.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  tenant = await t.makeTenant();
});

beforeEach(refillBuckets);

interface Deed {
  readonly run: (on: Env) => Promise<Answer>;
  /** What must be so afterwards. */
  readonly check: (answer: Answer) => Promise<void>;
}

/** `batch`: which one writes. */
interface Case {
  readonly batch: 0 | 1;
  readonly status: number;
  readonly prepare: () => Promise<Deed>;
}

const path = (rest = '') => `/tenants/${tenant.orgId}${rest}`;

const CASES: Record<string, Case> = {
  'a sign-in': {
    batch: 1,
    status: 200,
    prepare: async () => {
      const { userId, password } = await t.makeUser(tenant);
      return {
        run: (on) => t.vbaSignIn(tenant, userId, password, on),
        check: async (answer) => {
          expectTokens(await t.vbaRefresh(tenant, expectTokens(answer)));
        },
      };
    },
  },
  'a sign-in with a temporary password': {
    batch: 1,
    status: 200,
    prepare: async () => {
      const { userId, password } = await t.makeUser(tenant, { temporary: true });
      return {
        run: (on) => t.vbaSignIn(tenant, userId, password, on),
        check: async ({ body }) => {
          const { session } = body.data;
          const change = { userID: userId, newPassword: t.newPassword(), session };
          expectTokens(await t.vbaChange(tenant, change));
        },
      };
    },
  },
  'a sign-out': {
    batch: 1,
    status: 204,
    prepare: async () => {
      const tokens = await signIn(tenant, await t.makeUser(tenant));
      return {
        run: (on) => callAs(tenant, tokens, '/logout', { on }),
        check: async () => {
          expect((await t.vbaRefresh(tenant, tokens)).status).toBe(401);
        },
      };
    },
  },
  'a code that is handed out': {
    batch: 1,
    status: 200,
    prepare: async () => {
      const { userId } = await t.makeUser(tenant);
      return {
        run: (on) =>
          t.zitadel(tenant.serviceToken, `${userId}/password_reset`, { returnCode: {} }, on),
        check: async ({ body: { verificationCode } }) => {
          const newPassword = { password: t.newPassword() };
          const change = { newPassword, verificationCode };
          expect((await t.zitadelChange(tenant.serviceToken, userId, change)).status).toBe(200);
        },
      };
    },
  },
  'a user with a password that was made': {
    batch: 1,
    status: 201,
    prepare: async () => ({
      run: (on) => t.admin('POST', path('/users'), { generateTemporaryPassword: true }, on),
      check: async ({ body: { userId, temporaryPassword: password } }) => {
        await t.openChallenge(tenant, { userId, password, username: '', email: '' });
      },
    }),
  },
  'a user that is deleted': {
    batch: 1,
    status: 200,
    prepare: async () => {
      const { userId } = await t.makeUser(tenant);
      return {
        run: (on) => call(tenant.serviceToken, 'DELETE', `users/${userId}`, undefined, on),
        check: async () => {
          expect((await t.admin('GET', path(`/users/${userId}`))).status).toBe(404);
        },
      };
    },
  },
  'a login session': {
    batch: 1,
    status: 201,
    prepare: async () => {
      const { userId, password } = await t.makeUser(tenant);
      const checks = { user: { userId }, password: { password } };
      return {
        run: (on) => call(tenant.serviceToken, 'POST', 'sessions', { checks }, on),
        check: async ({ body }) => expectSession(body.sessionId, body.sessionToken, '1'),
      };
    },
  },
  'a login session with other metadata': {
    batch: 1,
    status: 200,
    prepare: async () => {
      const { sessionId, sessionToken } = await openSession(tenant, await t.makeUser(tenant));
      const body = { sessionToken, metadata: { colour: 'dmFsdWU=' } };
      return {
        run: (on) => setSession(tenant.readerToken, sessionId, body, on),
        check: async ({ body: { sessionToken: next } }) => expectSession(sessionId, next, '2'),
      };
    },
  },
  'a tenant': {
    batch: 0,
    status: 201,
    prepare: async () => {
      const n = t.nextSerial();
      const names = { clientId: `lost-${n}`, clientCode: `lost-${n}`, database: `acme_${n}` };
      return {
        run: (on) => t.admin('POST', '/tenants', { name: 'Lost', ...names, hosts: [] }, on),
        check: async ({ body: { orgId } }) => {
          expect((await t.admin('GET', `/tenants/${orgId}`)).status).toBe(200);
        },
      };
    },
  },
  'the settings of a tenant': {
    batch: 1,
    status: 200,
    prepare: async () => ({
      run: (on) => t.admin('PATCH', path(), { settings: { codeLife: 120 } }, on),
      check: async () => {
        expect((await t.admin('GET', path())).body.settings.codeLife).toBe(120);
      },
    }),
  },
  'an API key': {
    batch: 0,
    status: 201,
    prepare: async () => {
      const { userId } = await t.makeUser(tenant);
      const wanted = { name: 'lost', scopes: ['user.read'] };
      return {
        run: (on) => t.admin('POST', path('/keys'), wanted, on),
        check: async ({ body: { key } }) => {
          expect((await call(key, 'GET', `users/${userId}`)).status).toBe(200);
        },
      };
    },
  },
  'an API key that is revoked': {
    batch: 0,
    status: 204,
    prepare: async () => {
      const wanted = { name: 'lost', scopes: ['user.read'] };
      const { key, keyId } = (await t.admin('POST', path('/keys'), wanted)).body;
      return {
        run: (on) => t.admin('DELETE', path(`/keys/${keyId}`), undefined, on),
        check: async () => {
          expect((await call(key, 'GET', 'users/nobody')).status).toBe(401);
        },
      };
    },
  },
};

async function expectSession(sessionId: string, sessionToken: string, sequence: string) {
  const found = await getSession(tenant.readerToken, { sessionId, sessionToken });
  expect([found.status, found.body.session?.sequence]).toEqual([200, sequence]);
}

describe.each(Object.entries(CASES))('%s', (_, { batch, status, prepare }) => {
  it('is answered as done when only the answer of its commit was lost', async () => {
    const { run, check } = await prepare();
    const { on, seen } = makeFaultyEnv({ kind: 'after-commit', batch });
    const answer = await run(on);
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
    // The batches until then, and the question whether it happened.
    expect(seen.sizes).toHaveLength(batch + 2);
    await check(answer);
  });

  it('is no success when nothing was written', async () => {
    const { run } = await prepare();
    const { on } = makeFaultyEnv({ kind: 'before-commit', batch });
    expect((await run(on)).status).toBe(500);
  });
});
