// SetPassword over every transport: one outcome, whatever carries it.
import { beforeAll, describe, expect, it } from 'vitest';
import { measure } from '../../support/rekey.ts';
import {
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  resetCode,
  type TestTenant,
  vbaSignIn,
} from '../../support/tenant.ts';
import {
  DOOR_NAMES,
  DOORS,
  type DoorName,
  type Outcome,
  setPassword,
} from '../../support/zitadel-doors.ts';

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

function guess(name: DoorName, userId: string): Promise<Outcome> {
  return setPassword(
    name,
    {
      userId,
      newPassword: { password: newPassword() },
      verification: { case: 'currentPassword', value: 'not the current one' },
    },
    bearer(tenant.readerToken),
  );
}

function bearer(token: string, more: Record<string, string> = {}) {
  return { headers: { authorization: `Bearer ${token}`, ...more } };
}

function expectFailure(
  outcome: Outcome,
  code: number,
  message: string,
  detail: Outcome['detail'] = null,
) {
  const { code: given, message: told, detail: shown } = outcome;
  expect({ code: given, message: told, detail: shown }).toEqual({ code, message, detail });
}

function expectStatus(name: keyof typeof DOORS, outcome: Outcome, status: number) {
  expect(outcome.status).toBe(DOORS[name].framing === 'none' ? status : 200);
}

describe.each(DOOR_NAMES)('%s', (name) => {
  it('changes a password by the current one, in two trips and two hashes', async () => {
    const user = await makeUser(tenant);
    const wanted = newPassword();
    const { value: outcome, cost } = await measure((on) =>
      setPassword(
        name,
        {
          userId: user.userId,
          newPassword: { password: wanted, changeRequired: true },
          verification: { case: 'currentPassword', value: user.password },
        },
        { ...bearer(tenant.readerToken), on },
      ),
    );
    expect([outcome.status, outcome.code]).toEqual([200, 0]);
    expect(outcome.output).toEqual({
      details: {
        sequence: expect.stringMatching(/^[1-9]\d*$/),
        changeDate: expect.stringMatching(/Z$/),
        resourceOwner: tenant.orgId,
      },
    });
    expect(cost).toMatchObject({ trips: 2, links: 12 });
    const signedIn = await vbaSignIn(tenant, user.userId, wanted);
    expect(signedIn.body.data.challengeName).toBe('NEW_PASSWORD_REQUIRED');
  });

  it('changes a password by a code', async () => {
    const user = await makeUser(tenant, { withoutPassword: true });
    const code = await resetCode(tenant, user.userId);
    const outcome = await setPassword(
      name,
      {
        userId: user.userId,
        newPassword: { password: newPassword() },
        verification: { case: 'verificationCode', value: code },
      },
      bearer(tenant.readerToken),
    );
    expect(outcome.code).toBe(0);
  });

  it('tells a wrong current password, with its detail, and counts it', async () => {
    const user = await makeUser(tenant);
    const { value: outcome, cost } = await measure((on) =>
      setPassword(
        name,
        {
          userId: user.userId,
          newPassword: { password: newPassword() },
          verification: { case: 'currentPassword', value: 'not the current one' },
        },
        { ...bearer(tenant.serviceToken), on },
      ),
    );
    const message = 'Password is invalid';
    expectFailure(outcome, 3, `${message} (COMMAND-3M0fs)`, { id: 'COMMAND-3M0fs', message });
    expectStatus(name, outcome, 400);
    expect(cost).toMatchObject({ trips: 2, links: 6 });
    expect((await readUser(tenant, user.userId)).failedAttempts).toBe(1);
  });

  it('refuses a call without authorization, at no cost', async () => {
    const user = await makeUser(tenant, { withoutPassword: true });
    const { value: outcome, cost } = await measure((on) =>
      setPassword(name, { userId: user.userId, newPassword: { password: newPassword() } }, { on }),
    );
    expectFailure(outcome, 16, 'auth header missing');
    expectStatus(name, outcome, 401);
    expect(outcome.headers.get('www-authenticate')).toBe('Bearer realm="zitadel"');
    expect(cost).toMatchObject({ trips: 0, links: 0 });
  });

  it('refuses what is no token, with its detail', async () => {
    const message = 'Errors.Token.Invalid';
    const outcome = await setPassword(
      name,
      { userId: 'nobody', newPassword: { password: newPassword() } },
      bearer('no-such-token'),
    );
    expectFailure(outcome, 16, `${message} (AUTH-7fs1e)`, { id: 'AUTH-7fs1e', message });
    expect(outcome.headers.get('www-authenticate')).toBe('Bearer realm="zitadel"');
  });

  it('names the field that breaks its rule', async () => {
    const outcome = await setPassword(
      name,
      { userId: 'u'.repeat(201), newPassword: { password: newPassword() } },
      bearer(tenant.serviceToken),
    );
    expectFailure(
      outcome,
      3,
      'invalid SetPasswordRequest.UserId: value length must be between 1 and 200 runes, inclusive',
    );
  });

  it('refuses a foreign organisation, and takes the own one', async () => {
    const user = await makeUser(tenant, { withoutPassword: true });
    const other = await makeTenant();
    const request = { userId: user.userId, newPassword: { password: newPassword() } };
    const message = "Organisation doesn't exist";
    const refused = await setPassword(
      name,
      request,
      bearer(tenant.serviceToken, { 'x-zitadel-orgid': other.orgId }),
    );
    expectFailure(refused, 7, `${message} (AUTH-Bs7Ds)`, { id: 'AUTH-Bs7Ds', message });
    const taken = await setPassword(
      name,
      request,
      bearer(tenant.serviceToken, { 'x-zitadel-orgid': tenant.orgId }),
    );
    expect(taken.code).toBe(0);
  });
});

describe('too many guesses', () => {
  it('are told over every transport, with when to come again', async () => {
    const { userId } = await makeUser(tenant);
    let code = 0;
    for (let n = 0; code !== 8 && n < 20; n += 1) ({ code } = await guess('REST', userId));
    for (const name of DOOR_NAMES) {
      const outcome = await guess(name, userId);
      expectFailure(outcome, 8, 'Too many attempts');
      expectStatus(name, outcome, 429);
      expect(outcome.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
  });
});
