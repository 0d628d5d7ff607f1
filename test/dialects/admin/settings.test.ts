// The operator looks at a tenant's settings and changes them: what is merged, what is refused, and when it counts.

import { env } from 'cloudflare:workers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { overtake } from '../../support/held-commit.ts';
import { type Env, send } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  answerWith,
  makeDue,
  makeReceiver,
  makeWebhookSecret,
  passwordReset,
  RESET_URL,
  runSchedule,
  watchFetch,
} from '../../support/webhook.ts';
import { DEFAULTS } from './defaults.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

let tenant: t.TestTenant;

beforeAll(() => {
  watchFetch();
  // A message that does not arrive here is meant not to, and logged.
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});

afterAll(() => {
  vi.restoreAllMocks();
});

beforeEach(async () => {
  tenant = await t.makeTenant();
});

function read(orgId = tenant.orgId) {
  return t.admin('GET', `/tenants/${orgId}`);
}

function patch(settings: unknown, on?: Env) {
  return t.admin('PATCH', `/tenants/${tenant.orgId}`, { settings }, on);
}

async function mustPatch(settings: object) {
  const answer = await patch(settings);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body.settings;
}

async function readSettings() {
  const answer = await read();
  expect(answer.status).toBe(200);
  return answer.body.settings;
}

describe('a tenant', () => {
  it('is shown as it was made', async () => {
    const answer = await read();
    const { orgId, clientId, clientCode, database } = tenant;
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        ...{ orgId, clientId, clientCode, database },
        name: expect.stringMatching(/^Tenant \d+$/),
        settings: DEFAULTS,
      },
    ]);
  });

  it.each(['GET', 'PATCH'])('that is not there is not found: %s', async (method) => {
    const body = method === 'PATCH' ? { settings: { codeLife: 60 } } : undefined;
    for (const orgId of ['no-such-tenant', 'db_nosuchtenant', 'db-eu_nosuchtenant']) {
      expectProblem(await t.admin(method, `/tenants/${orgId}`, body), 404, /tenant/);
    }
  });

  it.each(['GET', 'PATCH'])('is nobody’s but the operator’s: %s', async (method) => {
    for (const key of [undefined, 'Bearer wrong', `Bearer ${tenant.serviceToken}`]) {
      const headers = {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: key }),
      };
      const body = method === 'PATCH' ? { body: '{"settings":{"codeLife":60}}' } : {};
      const path = `/admin/tenants/${tenant.orgId}`;
      const answer = await send(path, { method, headers, ...body });
      expectProblem(answer, 401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="admin"');
    }
    expect(await readSettings()).toEqual(DEFAULTS);
  });
});

describe('a change', () => {
  it('keeps what it does not speak of, and is answered with the whole', async () => {
    const first = await mustPatch({ codeLife: 60, policy: { minLength: 20 }, language: 'de' });
    const policy = { minLength: 20, maxLength: 200, requireClasses: [] };
    expect(first).toEqual({ ...DEFAULTS, codeLife: 60, policy, language: 'de' });
    const second = await mustPatch({ policy: { requireClasses: ['digit'] }, resetUrl: RESET_URL });
    const both = { ...policy, requireClasses: ['digit'] };
    expect(second).toEqual({ ...first, policy: both, resetUrl: RESET_URL });
    expect(await readSettings()).toEqual(second);
  });

  it('goes back to the default by null, to nothing where there is none', async () => {
    const template = { subject: 'Hello', text: 'Your code is {{.Code}}' };
    const chosen = Object.keys(DEFAULTS).concat('resetUrl', 'delivery', 'maxAge');
    await mustPatch({
      ...{ policy: { minLength: 8, maxLength: 30, requireClasses: ['lower'] } },
      ...{ accessTokenLife: 60, refreshTokenLife: 60, temporaryPasswordLife: 60, codeLife: 60 },
      ...{ challengeLife: 60, requireSecureOtp: true, notices: false, screening: false },
      language: 'de',
      ...{ templates: { 'password.reset': { en: template } }, resetUrl: RESET_URL },
      delivery: { webhookUrl: 'https://hooks.example/x', webhookSecret: makeWebhookSecret() },
      ...{ history: 4, maxAge: 86_400, administratorPasswords: 'temporary' },
      screeningOnline: true,
    });
    const before = await readSettings();
    for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
      expect(before[name]).not.toEqual(DEFAULTS[name]);
    }
    expect(await mustPatch(Object.fromEntries(chosen.map((name) => [name, null])))).toEqual(
      DEFAULTS,
    );
    expect(await readSettings()).toEqual(DEFAULTS);
  });

  it('is in the audit by the names of its fields, and by nothing of their values', async () => {
    const webhookSecret = makeWebhookSecret();
    const delivery = { webhookUrl: 'https://hooks.example/audited', webhookSecret };
    await mustPatch({ delivery, codeLife: 77, language: null });
    await patch({ codeLife: 1 });
    const answer = await t.admin('GET', `/tenants/${tenant.orgId}/events`);
    const updates = answer.body.events.filter(
      ({ type }: t.AuditEvent) => type === 'tenant.updated',
    );
    expect(updates).toHaveLength(1);
    const { userId, actor, dialect, facts } = updates[0];
    expect([userId, actor, dialect]).toEqual([null, { kind: 'operator' }, 'admin']);
    expect(Object.keys(facts)).toEqual(['fields']);
    expect(facts.fields.split(' ').sort()).toEqual(['codeLife', 'delivery', 'language']);
    for (const value of ['hooks.example', webhookSecret.slice(6)]) {
      expect(JSON.stringify(updates)).not.toContain(value);
    }
  });

  it('of nothing changes nothing', async () => {
    await mustPatch({ codeLife: 60 });
    expect(await mustPatch({})).toEqual({ ...DEFAULTS, codeLife: 60 });
  });

  it.each<[string, string, unknown]>([
    ['a setting out of its bounds', 'settings.codeLife', { settings: { codeLife: 59 } }],
    ['a setting of another type', 'settings.notices', { settings: { notices: 'no' } }],
    ['a language that there is not', 'settings.language', { settings: { language: 'fr' } }],
    [
      'a part of the policy that is null',
      'settings.policy.minLength',
      policyOf({ minLength: null }),
    ],
    ['a policy out of its bounds', 'settings.policy.minLength', policyOf({ minLength: 7 })],
    ['a setting that is not known', 'settings', { settings: { lockout: 5 } }],
    ['a field that is not known', '', { settings: {}, name: 'Another' }],
    ['no settings', 'settings', {}],
    ['settings that are null', 'settings', { settings: null }],
    ['settings that are a list', 'settings', { settings: [] }],
    ['a link without TLS', 'settings.resetUrl', { settings: { resetUrl: 'http://a.example' } }],
  ])('with %s is refused whole', async (_, field, body) => {
    const good = { language: 'de', ...(body as { settings?: object }).settings };
    const whole = field === 'settings' || field === '' ? body : { settings: good };
    expectFieldProblem(await t.admin('PATCH', `/tenants/${tenant.orgId}`, whole), field);
    expect(await readSettings()).toEqual(DEFAULTS);
  });

  it('touches no other tenant', async () => {
    const other = await t.makeTenant();
    await mustPatch({ codeLife: 60, notices: false });
    expect((await read(other.orgId)).body.settings).toEqual(DEFAULTS);
  });
});

function policyOf(policy: object) {
  return { settings: { policy } };
}

describe('two changes at once', () => {
  it('do not mix: what was decided on older settings is refused, and says nothing in the audit', async () => {
    const late = await overtake(
      (on) => patch({ codeLife: 60 }, on),
      () => mustPatch({ language: 'de' }),
    );
    expectProblem(late, 409, /^It was changed meanwhile\.$/);
    expect(await readSettings()).toEqual({ ...DEFAULTS, language: 'de' });
    const { events } = (await t.admin('GET', `/tenants/${tenant.orgId}/events`)).body;
    const updates = events.filter(({ type }: t.AuditEvent) => type === 'tenant.updated');
    expect(updates.map(({ facts }: t.AuditEvent) => facts)).toEqual([{ fields: 'language' }]);
  });

  it('are each done or refused, and the settings are those that were done', async () => {
    const wishes: object[] = [{ codeLife: 61 }, { challengeLife: 62 }, { accessTokenLife: 63 }];
    wishes.push({ language: 'de' }, { notices: false }, { requireSecureOtp: true });
    const answers = await Promise.all(wishes.map((wish) => patch(wish)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(statuses).toContain(200);
    const done = wishes.filter((_, index) => statuses[index] === 200);
    expect(await readSettings()).toEqual(Object.assign({ ...DEFAULTS }, ...done));
  });
});

describe('a change counts at once', () => {
  it('for the next message, and for those that wait', async () => {
    const [old, fresh] = [await makeReceiver(), await makeReceiver()];
    tenant = old.tenant;
    const { userId } = await t.makeUser(tenant);
    old.reply = answerWith(500);
    expect((await passwordReset(old, userId)).status).toBe(200);
    const { webhookUrl, webhookSecret } = fresh;
    await mustPatch({ delivery: { webhookUrl, webhookSecret }, resetUrl: 'https://b.example/' });
    await passwordReset(old, userId);
    await makeDue(tenant);
    await runSchedule();
    expect([old.received.length, fresh.received.length]).toEqual([1, 2]);
    const [waited, next] = [1, 0].map((index) => fresh.received[index]?.message.data['url']);
    // What was written before is sent as it was written.
    expect([waited?.startsWith('https://login.example/'), next]).toEqual([
      true,
      'https://b.example/',
    ]);
    expect(fresh.received[1]?.id).toBe(old.received[0]?.id);
  });

  it('for passwords and for what opens without a new sign-in', async () => {
    const user = await t.makeUser(tenant);
    await mustPatch({ policy: { requireClasses: ['upper'] } });
    const change = (password: string) =>
      t.zitadelChange(tenant.serviceToken, user.userId, { newPassword: { password } });
    expect((await change('a calm otter without it')).status).toBe(400);
    expect((await change('A calm otter with it')).status).toBe(200);
    await mustPatch({ policy: null });
    expect((await change('a calm otter without it')).status).toBe(200);
  });

  it('in the other database too', async () => {
    tenant = await t.makeTenant({ place: 'eu' });
    await mustPatch({ codeLife: 60 });
    const row = await env.DB_EU.prepare('SELECT settings FROM tenant WHERE id = ?')
      .bind(tenant.orgId)
      .first<{ settings: string }>();
    expect(JSON.parse(row?.settings ?? '')).toEqual({ ...DEFAULTS, codeLife: 60 });
  });
});
