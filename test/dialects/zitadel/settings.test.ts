// SettingsService: what a tenant's policy is, in the vendor's words, and of which tenant it is told.
import { beforeAll, describe, expect, it } from 'vitest';
import { measure } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { call } from '../../support/zitadel-users.ts';
import { type ErrorRow, expectError, INVALID_TOKEN, WRONG_ORGANISATION } from './wire.ts';

let tenant: t.TestTenant;
let strict: t.TestTenant;
let plain: string;

beforeAll(async () => {
  tenant = await t.makeTenant();
  const policy = { minLength: 8, requireClasses: ['lower', 'upper', 'digit', 'symbol'] };
  strict = await t.makeTenant({ place: 'eu', settings: { policy } });
  plain = await t.zapToken(tenant, await t.makeUser(tenant));
});

const OWNER = 'RESOURCE_OWNER_TYPE_ORG';
const ROUTES = ['password/complexity', 'password/expiry', 'lockout', 'security'];
const read = (token: string, route: string, query = '') =>
  call(token, 'GET', `settings/${route}${query}`);

describe('the password rules', () => {
  it('are those of the tenant: long ones of any kind by default', async () => {
    const answer = await read(tenant.readerToken, 'password/complexity');
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        details: { resourceOwner: tenant.orgId },
        settings: { minLength: '15', resourceOwnerType: OWNER },
      },
    ]);
  });

  it('are those of the tenant: of every class', async () => {
    const { body } = await read(strict.readerToken, 'password/complexity');
    expect(body.settings).toEqual({
      minLength: '8',
      requiresUppercase: true,
      requiresLowercase: true,
      requiresNumber: true,
      requiresSymbol: true,
      resourceOwnerType: OWNER,
    });
  });

  it.each(['lower', 'upper', 'digit', 'symbol'])(
    'name the class %s as the vendor does',
    async (one) => {
      const some = await t.makeTenant({ settings: { policy: { requireClasses: [one] } } });
      const { body } = await read(some.readerToken, 'password/complexity');
      const NAMES: Record<string, string> = {
        lower: 'requiresLowercase',
        upper: 'requiresUppercase',
        digit: 'requiresNumber',
        symbol: 'requiresSymbol',
      };
      const { minLength: _length, resourceOwnerType: _owner, ...required } = body.settings;
      expect(required).toEqual({ [NAMES[one] ?? '']: true });
    },
  );

  it('are those that a new password is held to', async () => {
    const { body } = await read(strict.readerToken, 'password/complexity');
    const { userId } = await t.makeUser(strict, { withoutPassword: true });
    const good = 'aB1! violet harbour at dusk'.slice(0, Number(body.settings.minLength));
    const set = (password: string) =>
      t.zitadelChange(strict.serviceToken, userId, { newPassword: { password } });
    expect((await set(good.slice(1))).status).toBe(400);
    expect((await set(good)).status).toBe(200);
  });
});

describe('the other settings', () => {
  it('say that a password does not grow old', async () => {
    const { body } = await read(tenant.readerToken, 'password/expiry');
    expect(body.settings).toEqual({ resourceOwnerType: OWNER });
  });

  it('say after how many wrong passwords a user must wait', async () => {
    const { body } = await read(tenant.readerToken, 'lockout');
    expect(body.settings).toEqual({ maxPasswordAttempts: '10', resourceOwnerType: OWNER });
    const { userId } = await t.makeUser(tenant, { withoutPassword: true });
    const statuses = new Set<number>();
    for (let i = 0; i < Number(body.settings.maxPasswordAttempts); i += 1) {
      statuses.add((await t.vbaSignIn(tenant, userId, 'a wrong password for all')).status);
    }
    expect([...statuses]).toEqual([401]);
    expect((await t.vbaSignIn(tenant, userId, 'a wrong password for all')).status).toBe(429);
  });

  it('say that nothing is framed and nobody acts as another', async () => {
    const { body } = await read(tenant.readerToken, 'security');
    expect(body.settings).toEqual({ embeddedIframe: {} });
  });
});

describe.each(ROUTES)('%s', (route) => {
  it('is for whoever is known to the tenant, at one trip and no derivation', async () => {
    for (const token of [tenant.serviceToken, tenant.readerToken, tenant.apiKey, plain]) {
      const { value, cost } = await measure((on) =>
        call(token, 'GET', `settings/${route}`, undefined, on),
      );
      expect([value.status, value.body.details]).toEqual([200, { resourceOwner: tenant.orgId }]);
      expect(cost).toMatchObject({ trips: 1, links: 0 });
    }
    expectError(await read('unknown', route), INVALID_TOKEN);
  });
});

describe.each(ROUTES.filter((route) => route !== 'security'))('the context of %s', (route) => {
  it('may name the own organisation, and no other', async () => {
    const own = await read(plain, route, `?ctx.orgId=${tenant.orgId}`);
    expect(own.body.details).toEqual({ resourceOwner: tenant.orgId });
    for (const orgId of [strict.orgId, 'db_nowhere']) {
      const answer = await read(tenant.serviceToken, route, `?ctx.orgId=${orgId}`);
      expectError(answer, WRONG_ORGANISATION);
      expect(answer.text).not.toContain(orgId);
    }
  });
});

describe('the instance', () => {
  const UNSERVED: ErrorRow = [501, 12, null, /instance/];

  it.each(['password/complexity', 'password/expiry', 'lockout'])(
    'has no settings: %s',
    async (route) => {
      expectError(await read(tenant.readerToken, route, '?ctx.instance=true'), UNSERVED);
      const row: ErrorRow = [400, 3, null, /RequestContext\.Instance: value must equal true$/];
      expectError(await read(tenant.readerToken, route, '?ctx.instance=false'), row);
    },
  );
});
