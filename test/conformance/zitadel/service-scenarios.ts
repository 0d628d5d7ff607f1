// The rest of what is served: users, sessions, settings; and what is not.
import { SessionService } from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import { SettingsService } from '@zitadel/proto/zitadel/settings/v2/settings_service_pb.js';
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { expect } from 'vitest';
import { change, expectError, expectOk, type Scenario } from './scenario.ts';
import { newPassword } from './world.ts';

const users = UserService.method;
const sessions = SessionService.method;
const settings = SettingsService.method;

let serial = 0;

function newHuman() {
  serial += 1;
  return {
    profile: { givenName: 'Grace', familyName: 'Hopper' },
    email: {
      email: `grace-${process.pid}-${serial}@mail.example`,
      verification: { case: 'isVerified', value: true },
    },
    passwordType: { case: 'password', value: { password: newPassword() } },
  };
}

/** PBKDF2-HMAC-SHA-256 as passlib writes it, made by the platform. */
async function hashForeign(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const bytes = new TextEncoder().encode(password);
  const key = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 29_000 };
  const output = await crypto.subtle.deriveBits(parameters, key, 256);
  const write = (part: Uint8Array) =>
    Buffer.from(part).toString('base64').replace(/=+$/, '').replaceAll('+', '.');
  return `$pbkdf2-sha256$29000$${write(salt)}$${write(new Uint8Array(output))}`;
}

export const SERVICE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'the life of a user: made, read, found, renamed, locked, unlocked, put off, put on, deleted',
    contract: '3.4 AddHumanUser to Reactivate, 3.6 GetUserByID unknown',
    run: async ({ call, tenant }) => {
      const human = newHuman();
      const made = expectOk(await call(users.addHumanUser, human));
      const userId = String(made['userId']);
      const read = expectOk(await call(users.getUserByID, { userId }));
      expect(read['user']).toMatchObject({
        userId,
        state: 'USER_STATE_ACTIVE',
        username: human.email.email,
        preferredLoginName: human.email.email,
        human: {
          profile: { givenName: 'Grace', familyName: 'Hopper', displayName: 'Grace Hopper' },
          email: { email: human.email.email, isVerified: true },
        },
        details: { resourceOwner: tenant.orgId },
      });
      const emailQuery = { emailAddress: human.email.email, method: 0 };
      const queries = [{ query: { case: 'emailQuery', value: emailQuery } }];
      const found = expectOk(await call(users.listUsers, { queries }));
      expect(found).toMatchObject({ details: { totalResult: '1' }, result: [{ userId }] });

      const page = { offset: 0n, limit: 1, asc: true };
      const paged = expectOk(await call(users.listUsers, { query: page }));
      expect(paged['result']).toHaveLength(1);
      expect(Number(paged['details']?.['totalResult'])).toBeGreaterThan(1);

      expectOk(await call(users.updateHumanUser, { userId, username: `${userId}-new` }));
      for (const [method, state] of [
        [users.lockUser, 'USER_STATE_LOCKED'],
        [users.unlockUser, 'USER_STATE_ACTIVE'],
        [users.deactivateUser, 'USER_STATE_INACTIVE'],
        [users.reactivateUser, 'USER_STATE_ACTIVE'],
      ] as const) {
        expectOk(await call(method, { userId }));
        const now = expectOk(await call(users.getUserByID, { userId }));
        expect(now['user']).toMatchObject({ state, username: `${userId}-new` });
      }
      expectOk(await call(users.deleteUser, { userId }));
      const gone = await call(users.getUserByID, { userId });
      expectError(gone, 5, 'QUERY-Dfbg2', 'User could not be found');
    },
  },
  {
    name: 'CreateUser and UpdateUser, which have no path in the descriptors',
    contract: '3.4 CreateUser, UpdateUser; 3.6 UpdateUser with neither password nor hash',
    run: async ({ call, tenant }) => {
      const human = newHuman();
      const userType = { case: 'human', value: human };
      const made = expectOk(
        await call(users.createUser, { organizationId: tenant.orgId, userType }),
      );
      const userId = String(made['id']);
      expect(made).toEqual({ id: userId, creationDate: expect.any(String) });
      const verification = { case: 'currentPassword', value: human.passwordType.value.password };
      const update = (password: object) =>
        call(users.updateUser, { userId, userType: { case: 'human', value: { password } } });
      const empty = await update({ verification });
      expectError(empty, 3, 'COMMAND-3klek4sbns', 'Password is empty');
      const passwordType = { case: 'password', value: { password: newPassword() } };
      const changed = expectOk(await update({ passwordType, verification }));
      expect(changed).toEqual({ changeDate: expect.any(String) });
    },
  },
  {
    name: 'a user with a hash of another system, and a hash that cannot be verified here',
    contract: '3.8; 3.6 unsupported hash',
    run: async ({ call, tenant, tryVba }) => {
      const human = newHuman();
      const { password } = human.passwordType.value;
      const hashed = (hash: string) => ({
        ...human,
        passwordType: { case: 'hashedPassword', value: { hash } },
      });
      const bcrypt = `$2a$10$${'a'.repeat(53)}`;
      expectError(
        await call(users.addHumanUser, hashed(bcrypt)),
        3,
        'USER-JDk4t',
        'Password hash encoding not supported. Check out https://zitadel.com/docs/concepts/architecture/secrets#hashed-secrets',
      );
      const made = expectOk(await call(users.addHumanUser, hashed(await hashForeign(password))));
      const user = { userId: String(made['userId']), username: '', email: '', password };
      expect(await tryVba(tenant, user, password)).toBe(200);
      expect(await tryVba(tenant, user, newPassword())).toBe(401);
    },
  },
  {
    name: 'a session: made, checked, read, ended by a change of the password',
    contract: '3.4 CreateSession to ListSessions, decision 6; 3.6 session: wrong password',
    run: async (scene) => {
      const { call, tenant } = scene;
      const user = await scene.makeUser(tenant);
      const { userId } = user;
      const check = (password: string) => ({
        user: { search: { case: 'userId', value: userId } },
        password: { password },
      });
      const wrong = await call(sessions.createSession, { checks: check(newPassword()) });
      expect(wrong).toMatchObject({
        ok: false,
        code: 3,
        message: 'Password is invalid (COMMAND-3M0fs)',
        details: [
          {
            type: 'zitadel.v1.CredentialsCheckError',
            id: 'COMMAND-3M0fs',
            message: 'Password is invalid',
            failedAttempts: 1,
          },
        ],
      });
      const checks = check(user.password);
      const made = expectOk(await call(sessions.createSession, { checks }));
      const sessionId = String(made['sessionId']);
      const sessionToken = String(made['sessionToken']);
      const read = expectOk(await call(sessions.getSession, { sessionId, sessionToken }));
      expect(read['session']).toMatchObject({
        id: sessionId,
        factors: {
          user: { id: userId, organizationId: tenant.orgId },
          password: { verifiedAt: expect.any(String) },
        },
      });
      const metadata = { place: new TextEncoder().encode('harbour') };
      expectOk(await call(sessions.setSession, { sessionId, sessionToken, metadata }));
      const old = await call(sessions.setSession, { sessionId, sessionToken });
      expectError(old, 7, 'COMMAND-sGr42', 'Session Token is invalid');
      const queries = [{ query: { case: 'userIdQuery', value: { id: userId } } }];
      const listed = expectOk(await call(sessions.listSessions, { queries }));
      expect(listed).toMatchObject({
        details: { totalResult: '1' },
        sessions: [{ id: sessionId }],
      });
      expectOk(await change(scene, userId, newPassword(), null));
      const ended = await call(sessions.getSession, { sessionId });
      expectError(ended, 5, 'QUERY-SFeaa', 'Session does not exist');
      expectOk(await call(sessions.deleteSession, { sessionId }));
    },
  },
  {
    name: 'the settings say what the tenant’s policy is',
    contract: '3.4 Settings',
    run: async ({ call, strict, tenant }) => {
      const token = strict.serviceToken;
      const complexity = await call(settings.getPasswordComplexitySettings, {}, { token });
      expect(expectOk(complexity)['settings']).toEqual({
        minLength: '8',
        requiresUppercase: true,
        requiresLowercase: true,
        requiresNumber: true,
        requiresSymbol: true,
        resourceOwnerType: 'RESOURCE_OWNER_TYPE_ORG',
      });
      const ctx = { resourceOwner: { case: 'orgId', value: tenant.orgId } };
      const plain = await call(settings.getPasswordComplexitySettings, { ctx });
      expect(expectOk(plain)['settings']).toEqual({
        minLength: '15',
        resourceOwnerType: 'RESOURCE_OWNER_TYPE_ORG',
      });
      const expiry = await call(settings.getPasswordExpirySettings, {});
      const owned = { resourceOwnerType: 'RESOURCE_OWNER_TYPE_ORG' };
      expect(expectOk(expiry)['settings']).toEqual(owned);
      const lockout = await call(settings.getLockoutSettings, {});
      expect(expectOk(lockout)['settings']).toEqual({ ...owned, maxPasswordAttempts: '10' });
      const security = await call(settings.getSecuritySettings, {});
      expect(expectOk(security)['settings']).toEqual({ embeddedIframe: {} });
    },
  },
  {
    name: 'every other method is unimplemented, and nothing happens',
    contract: 'decision 12',
    run: async ({ call, client }) => {
      const served = [
        ...['addHumanUser', 'createUser', 'getUserByID', 'listUsers', 'updateUser'],
        ...['updateHumanUser', 'deactivateUser', 'reactivateUser', 'lockUser', 'unlockUser'],
        ...['deleteUser', 'passwordReset', 'setPassword', 'getPasswordComplexitySettings'],
        ...['getPasswordExpirySettings', 'getLockoutSettings', 'getSecuritySettings'],
      ];
      // Without a path, REST has no way to name them.
      const unbound = ['addSecret', 'removeSecret', 'addKey', 'removeKey', 'listKeys'];
      const nameless = [
        ...unbound,
        ...['addPersonalAccessToken', 'removePersonalAccessToken', 'listPersonalAccessTokens'],
      ];
      const methods = [...UserService.methods, ...SettingsService.methods].filter(
        ({ localName }) =>
          !served.includes(localName) && !(client.name === 'REST' && nameless.includes(localName)),
      );
      for (const method of methods) {
        const parts = method.input.fields.filter(({ fieldKind }) => fieldKind === 'scalar');
        const ids = parts.filter(({ name }) => name.endsWith('_id'));
        const request = Object.fromEntries(ids.map(({ localName }) => [localName, 'someone']));
        const reply = await call(method as typeof users.setPassword, request);
        expectError(reply, 12, null, 'Not Implemented');
        expect(reply.headers.get('server-timing')).toContain('trips;desc="0"');
      }
    },
  },
];
