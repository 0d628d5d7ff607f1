// SetPassword and PasswordReset, every branch of the contract's tables 3.3 to 3.6.
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { expect } from 'vitest';
import { change, expectError, expectOk, type Scenario, type Scene } from './scenario.ts';
import { newName, newPassword } from './world.ts';

const { setPassword, passwordReset } = UserService.method;

async function requestCode(scene: Scene, userId: string): Promise<string> {
  const reply = await scene.call(passwordReset, {
    userId,
    medium: { case: 'returnCode', value: {} },
  });
  return String(expectOk(reply)['verificationCode']);
}

export const PASSWORD_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a change by the current password: details, two trips, two derivations, true at once everywhere',
    contract: '3.3, decisions 1 and 6',
    run: async (scene) => {
      const { tenant, tryVba, tryZap } = scene;
      const user = await scene.makeUser(tenant);
      const wanted = newPassword();
      const reply = await change(scene, user.userId, wanted, { currentPassword: user.password });
      expect(expectOk(reply)).toEqual({
        details: {
          sequence: expect.stringMatching(/^\d+$/),
          changeDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/),
          resourceOwner: tenant.orgId,
        },
      });
      expect(reply.headers.get('server-timing')).toBe('trips;desc="2", links;desc="12"');
      expect(await tryVba(tenant, user, user.password)).toBe(401);
      expect(await tryVba(tenant, user, wanted)).toBe(200);
      expect(await tryZap(tenant, user, wanted)).toBe(200);
    },
  },
  {
    name: 'the same request once more, as after a lost answer, is answered as before',
    contract: 'decision 6; the first issue, retries',
    run: async (scene) => {
      const user = await scene.makeUser(scene.tenant);
      const wanted = newPassword();
      const proof = { currentPassword: user.password };
      const first = expectOk(await change(scene, user.userId, wanted, proof));
      const second = expectOk(await change(scene, user.userId, wanted, proof));
      expect(second).toEqual(first);
    },
  },
  {
    name: 'a wrong current password, at two trips and one derivation',
    contract: '3.6 wrong current password',
    run: async (scene) => {
      const user = await scene.makeUser(scene.tenant);
      const proof = { currentPassword: newPassword() };
      const reply = await change(scene, user.userId, newPassword(), proof);
      expectError(reply, 3, 'COMMAND-3M0fs', 'Password is invalid');
      expect(reply.headers.get('server-timing')).toBe('trips;desc="2", links;desc="6"');
      expect(await scene.tryVba(scene.tenant, user, user.password)).toBe(200);
    },
  },
  {
    name: 'errors in German for who asks for German',
    contract: '3.2 interceptors: business errors are translated',
    run: async (scene) => {
      const user = await scene.makeUser(scene.tenant);
      const proof = { currentPassword: newPassword() };
      const headers = { 'accept-language': 'de-CH, en;q=0.5' };
      const reply = await change(scene, user.userId, newPassword(), proof, { headers });
      expectError(reply, 3, 'COMMAND-3M0fs', 'Passwort ist ungültig');
    },
  },
  {
    name: 'no Authorization header',
    contract: '3.6 no Authorization',
    bare: true,
    run: async (scene) => {
      const reply = await change(scene, 'anyone', newPassword(), null, { token: null });
      expectError(reply, 16, null, 'auth header missing');
      expect(reply.headers.get('www-authenticate')).toContain('Bearer');
    },
  },
  {
    name: 'an Authorization header of another scheme',
    contract: '3.6 not "Bearer x"',
    bare: true,
    run: async (scene) => {
      const headers = { authorization: 'Basic dXNlcjpwYXNz' };
      const reply = await change(scene, 'anyone', newPassword(), null, { token: null, headers });
      expectError(reply, 16, 'AUTH-toLo1', 'invalid auth header');
    },
  },
  {
    name: 'a token that is none',
    contract: '3.6 bad/expired token',
    run: async (scene) => {
      const reply = await change(scene, 'anyone', newPassword(), null, { token: 'nothing' });
      expectError(reply, 16, 'AUTH-7fs1e', 'Errors.Token.Invalid');
    },
  },
  {
    name: 'an organisation that is not the caller’s',
    contract: '3.6 x-zitadel-orgid unknown',
    run: async (scene) => {
      const headers = { 'x-zitadel-orgid': scene.strict.orgId };
      const reply = await change(scene, 'anyone', newPassword(), null, { headers });
      expectError(reply, 7, 'AUTH-Bs7Ds', "Organisation doesn't exist");
    },
  },
  {
    name: 'who calls comes before what is wrong with the message',
    contract: '3.2 interceptor order',
    run: async (scene) => {
      const reply = await scene.call(
        setPassword,
        { userId: 'u'.repeat(201) },
        { token: 'nothing' },
      );
      expectError(reply, 16, 'AUTH-7fs1e', 'Errors.Token.Invalid');
    },
  },
  {
    name: 'a rule of a field, and of a field inside a field',
    contract: '3.6 validation',
    run: async (scene) => {
      const user = 'u'.repeat(201);
      const length = 'value length must be between 1 and 200 runes, inclusive';
      // A path cannot hold the empty id: too long a one can be sent by every client.
      const outer = await change(scene, user, newPassword(), null);
      expectError(outer, 3, null, `invalid SetPasswordRequest.UserId: ${length}`);
      const inner = await change(scene, 'user', '', null);
      const embedded = 'embedded message failed validation | caused by: ';
      expectError(
        inner,
        3,
        null,
        `invalid SetPasswordRequest.NewPassword: ${embedded}invalid Password.Password: ${length}`,
      );
    },
  },
  {
    name: 'no new password at all, by each proof',
    contract: '3.6 newPassword missing, decision 4',
    run: async (scene) => {
      const { userId, password } = await scene.makeUser(scene.tenant);
      const none = await change(scene, userId, null, null);
      expectError(none, 3, 'COMMAND-3M0fs', 'Password is empty');
      const current = await change(scene, userId, null, { currentPassword: password });
      expectError(current, 3, 'COMMAND-3M0fs', 'Password is empty');
      const code = await change(scene, userId, null, { verificationCode: 'ABCDEFGH' });
      expectError(code, 3, 'COMMAND-Mf0sd', 'Password is empty');
    },
  },
  {
    name: 'an unknown user, for who may read users and for who may not',
    contract: '3.6 unknown user, decision 2',
    run: async (scene) => {
      const proof = { currentPassword: newPassword() };
      // A name of its own: guesses are counted whether or not there is such a user.
      const reader = await change(scene, newName('nobody'), newPassword(), proof);
      expectError(reader, 5, 'COMMAND-G8dh3', 'Password not found');
      const user = await scene.makeUser(scene.tenant);
      const token = await scene.signIn(scene.tenant, user);
      const other = await change(scene, newName('nobody'), newPassword(), proof, { token });
      expectError(other, 3, 'COMMAND-3M0fs', 'Password is invalid');
    },
  },
  {
    name: 'the new password is the current one, whether or not that is right',
    contract: '3.6 new == current',
    run: async (scene) => {
      const { userId } = await scene.makeUser(scene.tenant);
      const same = newPassword();
      const reply = await change(scene, userId, same, { currentPassword: same });
      const text = 'New password cannot be the same as your current password';
      expectError(reply, 9, 'COMMAND-Aesh5', text);
    },
  },
  {
    name: 'a user who has no password yet',
    contract: '3.6 user has no password',
    run: async (scene) => {
      const { userId } = await scene.makeUser(scene.tenant, { withoutPassword: true });
      const proof = { currentPassword: newPassword() };
      const reply = await change(scene, userId, newPassword(), proof);
      expectError(reply, 9, 'COMMAND-Fds3s', 'User has not set a password');
      expectOk(await change(scene, userId, newPassword(), null));
    },
  },
  {
    name: 'a change by a code, and the code works once',
    contract: '3.4 PasswordReset, 3.6 codes, decision 7',
    run: async (scene) => {
      const user = await scene.makeUser(scene.tenant);
      const none = await change(scene, user.userId, newPassword(), {
        verificationCode: 'ABCDEFGH',
      });
      expectError(none, 9, 'COMMAND-2M9fs', 'Code not found');
      const verificationCode = await requestCode(scene, user.userId);
      expect(verificationCode).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
      const wrong = await change(scene, user.userId, newPassword(), {
        verificationCode: 'ABCDEFGH',
      });
      expectError(wrong, 3, 'CODE-woT0xc', 'Code is invalid');
      const wanted = newPassword();
      expectOk(await change(scene, user.userId, wanted, { verificationCode }));
      expect(await scene.tryVba(scene.tenant, user, wanted)).toBe(200);
      const again = await change(scene, user.userId, newPassword(), { verificationCode });
      expectError(again, 9, 'COMMAND-2M9fs', 'Code not found');
    },
  },
  {
    name: 'a code for an unknown user',
    contract: '3.6 PasswordReset: unknown user',
    run: async (scene) => {
      const medium = { case: 'returnCode', value: {} };
      const reply = await scene.call(passwordReset, { userId: 'nobody-here', medium });
      expectError(reply, 5, 'COMMAND-SAF4f', 'User could not be found');
    },
  },
  {
    name: 'each rule of the policy, the first that is broken in the vendor’s words, all of them for programs',
    contract: '3.6 too short; no lower / upper / digit / symbol',
    run: async (scene) => {
      const { strict } = scene;
      const { userId } = await scene.makeUser(strict);
      const missing = (characterClass: string, name: string) => ({
        rule: 'class-missing',
        characterClass,
        detail: `The password must contain ${name}.`,
      });
      const [lower, digit] = [missing('lower', 'a lower case letter'), missing('digit', 'a digit')];
      const upper = missing('upper', 'an upper case letter');
      const symbol = missing('symbol', 'a special character');
      const short = {
        rule: 'too-short',
        min: 8,
        detail: 'The password must have at least 8 characters.',
      };
      for (const [password, id, text, ...violations] of [
        ['Ab1!', 'DOMAIN-HuJf6', 'Password is too short', short],
        ['Ab', 'DOMAIN-HuJf6', 'Password is too short', short, digit, symbol],
        ['HARBOUR 12!', 'DOMAIN-co3Xw', 'Password must contain lower case', lower],
        ['harbour 12!', 'DOMAIN-VoaRj', 'Password must contain upper case', upper],
        ['Harbour two!', 'DOMAIN-ZBv4H', 'Password must contain number', digit],
        ['Harbour12two', 'DOMAIN-ZDLwA', 'Password must contain symbol', symbol],
      ] as const) {
        const reply = await change(scene, userId, password, null, { token: strict.serviceToken });
        expectError(reply, 3, id, text, violations);
      }
    },
  },
  {
    name: 'who may change whose password without a proof: only who may write users',
    contract: '3.5, decision 3; 3.6 no permission',
    run: async (scene) => {
      const { tenant } = scene;
      const user = await scene.makeUser(tenant);
      const wanted = newPassword();
      const reader = await change(scene, user.userId, wanted, null, { token: tenant.readerToken });
      expectError(reader, 7, 'AUTH-AWfge', 'No matching permissions found');
      const own = await scene.signIn(tenant, user);
      const self = await change(scene, user.userId, wanted, null, { token: own });
      expectError(self, 7, 'AUTH-AWfge', 'No matching permissions found');
      const stranger = await scene.signIn(tenant, await scene.makeUser(tenant));
      const other = await change(scene, user.userId, wanted, null, { token: stranger });
      expectError(other, 5, 'AUTHZ-cdgFk', 'membership not found');
      expectOk(await change(scene, user.userId, wanted, null));
    },
  },
  {
    name: 'a user who guesses too often must wait, and is told how long',
    contract: 'decision 5; 3.6 code 8',
    run: async (scene) => {
      const { userId } = await scene.makeUser(scene.tenant);
      const guess = () => change(scene, userId, newPassword(), { currentPassword: newPassword() });
      for (let tries = 0; tries < 10; tries += 1) {
        expectError(await guess(), 3, 'COMMAND-3M0fs', 'Password is invalid');
      }
      const reply = await guess();
      expectError(reply, 8, null, 'Too many attempts');
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(reply.headers.get('server-timing')).toContain('links;desc="0"');
    },
  },
];
