// What the operator sets about messages after the tenant was made: channels, whom letters are from, and the words.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Env } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import {
  makeReceiver,
  makeWebhookSecret,
  type Receiver,
  watchFetch,
} from '../../support/webhook.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

let tenant: t.TestTenant;

beforeAll(watchFetch);

beforeEach(async () => {
  tenant = await t.makeTenant();
});

function patch(settings: unknown, on?: Env): Promise<Answer> {
  return t.admin('PATCH', `/tenants/${tenant.orgId}`, { settings }, on);
}

async function readSettings() {
  return (await t.admin('GET', `/tenants/${tenant.orgId}`)).body.settings;
}

async function readStored(): Promise<string> {
  const row = await env.DB.prepare('SELECT settings FROM tenant WHERE id = ?')
    .bind(tenant.orgId)
    .first<{ settings: string }>();
  return row?.settings ?? '';
}

const WEBHOOK = { webhookUrl: 'https://hooks.example/rekey', webhookSecret: makeWebhookSecret() };
const { webhookUrl } = WEBHOOK;
const FROM = { name: 'Büro, "Acme" & Co.', address: 'no-reply@acme.example' };

describe('delivery', () => {
  it('is given, replaced as a whole, and taken away', async () => {
    const steps: [object | null, object | undefined][] = [
      [WEBHOOK, { webhookUrl }],
      [
        { ...WEBHOOK, emailFrom: FROM },
        { webhookUrl, emailFrom: FROM },
      ],
      [{ emailFrom: FROM }, { emailFrom: FROM }],
      [{ ...WEBHOOK, webhookUrl: `${webhookUrl}/2` }, { webhookUrl: `${webhookUrl}/2` }],
      [null, undefined],
    ];
    for (const [delivery, shown] of steps) {
      const answer = await patch({ delivery });
      expect([answer.status, answer.body.settings.delivery]).toEqual([200, shown]);
      expect((await readSettings()).delivery).toEqual(shown);
    }
    expect(JSON.parse(await readStored())).not.toHaveProperty('delivery');
  });

  it('stays when something else is changed', async () => {
    await patch({ delivery: { ...WEBHOOK, emailFrom: FROM } });
    const before = JSON.parse(await readStored()).delivery;
    await patch({ codeLife: 60, resetUrl: null });
    expect(JSON.parse(await readStored()).delivery).toEqual(before);
  });

  it('never shows its secret, which is stored sealed, anew each time', async () => {
    const sealed: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      const answer = await patch({ delivery: WEBHOOK });
      const shown = await t.admin('GET', `/tenants/${tenant.orgId}`);
      const events = await t.admin('GET', `/tenants/${tenant.orgId}/events`);
      const stored = await readStored();
      for (const text of [answer.text, shown.text, events.text, stored]) {
        expect(text).not.toContain(WEBHOOK.webhookSecret.slice(6, 20));
      }
      for (const text of [answer.text, shown.text]) expect(text).not.toMatch(/secret/i);
      sealed.push(JSON.parse(stored).delivery.webhook.sealedSecret);
    }
    expect(sealed[0]).toMatch(/^[\w-]{1,32}\.[A-Za-z0-9+/]{80,}$/);
    expect(sealed[1]).not.toBe(sealed[0]);
  });

  it.each<[string, string, object]>([
    ['of nothing', 'webhookUrl', {}],
    ['with half a webhook', 'webhookSecret', { webhookUrl }],
    ['with the other half', 'webhookUrl', { webhookSecret: WEBHOOK.webhookSecret }],
    ['with half a webhook and letters', 'webhookSecret', { webhookUrl, emailFrom: FROM }],
    ['without TLS', 'webhookUrl', { ...WEBHOOK, webhookUrl: 'http://hooks.example/' }],
    ['with a secret to be guessed', 'webhookSecret', { ...WEBHOOK, webhookSecret: 'whsec_eA==' }],
    ['with no sender', 'emailFrom', { ...WEBHOOK, emailFrom: null }],
    ['from nobody', 'emailFrom.name', { emailFrom: { ...FROM, name: '' } }],
    ['from nowhere', 'emailFrom.address', { emailFrom: { name: 'Acme' } }],
    [
      'from another header',
      'emailFrom.name',
      { emailFrom: { ...FROM, name: 'A\r\nBcc: e@x.example' } },
    ],
    ['from who is hidden', 'emailFrom.name', { emailFrom: { ...FROM, name: 'A\u200bB' } }],
    ['from a name turned around', 'emailFrom.name', { emailFrom: { ...FROM, name: 'A\u202eB' } }],
    ['from a long name', 'emailFrom.name', { emailFrom: { ...FROM, name: 'x'.repeat(201) } }],
    ...[
      ...['no-reply', '@acme.example', 'a@b@acme.example', 'a b@acme.example', ''],
      ...['Acme <no-reply@acme.example>', 'a@acme.example,b@acme.example', 'a@acme.example\r\n'],
      ...['"a b"@acme.example', `${'x'.repeat(320)}@acme.example`],
    ].map((address): [string, string, object] => [
      `from the address ${JSON.stringify(address).slice(0, 40)}`,
      'emailFrom.address',
      { emailFrom: { name: 'Acme', address } },
    ]),
  ])('%s is refused, and what was set stays', async (_, field, delivery) => {
    await patch({ delivery: { ...WEBHOOK, emailFrom: FROM } });
    const before = await readStored();
    const answer = await patch({ delivery });
    expectFieldProblem(answer, `settings.delivery.${field}`);
    expect(answer.text).not.toContain('whsec_');
    expect(await readStored()).toBe(before);
  });

  it('with letters is refused where the deployment can send none, and a webhook is not', async () => {
    const { EMAIL: _, ...rest } = env;
    const on = { ...rest } as unknown as Env;
    expectProblem(await patch({ delivery: { emailFrom: FROM } }, on), 400, /EMAIL/);
    expectProblem(await patch({ delivery: { ...WEBHOOK, emailFrom: FROM } }, on), 400, /EMAIL/);
    expect(await readSettings()).not.toHaveProperty('delivery');
    const names = { clientId: 'mailless', clientCode: 'mailless', database: 'acme_mailless' };
    const settings = { delivery: { emailFrom: FROM } };
    const made = await t.admin('POST', '/tenants', { name: 'Mailless', ...names, settings }, on);
    expectProblem(made, 400, /EMAIL/);
    expect((await patch({ delivery: WEBHOOK }, on)).status).toBe(200);
    expect((await patch({ delivery: null }, on)).status).toBe(200);
  });
});

describe('templates', () => {
  const RESET = { subject: 'Code for {{.TenantName}}', text: 'Your code:\n\n{{.Code}}' };
  const CHANGED = { subject: 'Changed', text: 'Hello {{.UserId}}, by {{.Actor}} on {{.Time}}.' };

  it('are given by kind and language, replaced as a whole, and taken away', async () => {
    const first = { 'password.reset': { en: RESET, de: { ...RESET, html: '<b>{{.Code}}</b>' } } };
    expect((await patch({ templates: first })).body.settings.templates).toEqual(first);
    const second = { 'password.changed': { de: CHANGED } };
    expect((await patch({ templates: second })).body.settings.templates).toEqual(second);
    expect((await patch({ templates: null })).body.settings.templates).toEqual({});
  });

  it('count for the next message, in their language alone', async () => {
    const receiver: Receiver = await makeReceiver();
    tenant = receiver.tenant;
    await patch({ templates: { 'password.changed': { en: { ...CHANGED, subject: 'By us' } } } });
    const { userId } = await t.makeUser(tenant);
    const subjects: (string | null | undefined)[] = [];
    for (const language of ['en', 'de', 'en']) {
      const templates = subjects.length === 2 ? { templates: null } : {};
      await patch({ language, ...templates });
      const newPassword = { password: t.newPassword() };
      await t.zitadelChange(tenant.serviceToken, userId, { newPassword });
      subjects.push(receiver.received.at(-1)?.message.data['subject']);
    }
    expect(subjects[0]).toBe('By us');
    expect(subjects[1]).toMatch(/^Ihr Passwort bei .* wurde geändert$/);
    expect(subjects[2]).toMatch(/^Your password at .* was changed$/);
  });

  const HERE = 'password.reset.en';
  it.each<[string, string, object]>([
    ['without its code', HERE, { text: 'Hello' }],
    ['whose code hangs on a link', HERE, { text: 'Hello.\n\n{{.Code}} or {{.Url}}' }],
    ['whose html is without the code', HERE, { html: '<b>Hello</b>' }],
    ['with a field that is not known', HERE, { text: '{{.Code}} {{.Password}}' }],
    ['with a field that is not known in its html', HERE, { html: '{{.Code}}{{.Email}}' }],
    ['with a program', HERE, { text: '{{.Code}} {{printf .Code}}' }],
    ['that is cut off', HERE, { text: '{{.Code}} {{.Code' }],
    ['without words', HERE, { text: ' \n\n ' }],
    ['without a subject', HERE, { subject: ' ' }],
    ['with a link for a subject', HERE, { subject: '{{.Url}}' }],
    ['with half a character', `${HERE}.text`, { text: '{{.Code}} \ud800' }],
    ['with half a character in its subject', `${HERE}.subject`, { subject: 'Code \udc00' }],
    ['with half a character in its html', `${HERE}.html`, { html: '{{.Code}} \ud800' }],
    ['of a long subject', `${HERE}.subject`, { subject: 'x'.repeat(201) }],
    ['of a long text', `${HERE}.text`, { text: `{{.Code}}${'x'.repeat(4000)}` }],
    ['of long html', `${HERE}.html`, { html: `{{.Code}}${'x'.repeat(4000)}` }],
    ['that is no text', `${HERE}.text`, { text: 7 }],
    ['with another part', HERE, { from: 'eve@evil.example' }],
  ])('%s are refused, and what was set stays', async (_, field, change) => {
    const templates = { 'password.changed': { de: CHANGED } };
    await patch({ templates });
    const wrong = { ...templates, 'password.reset': { en: { ...RESET, ...change } } };
    expectFieldProblem(await patch({ templates: wrong }), `settings.templates.${field}`);
    expect((await readSettings()).templates).toEqual(templates);
  });

  it.each<[string, string, object]>([
    ['a kind', 'settings.templates', { 'password.forgotten': { en: RESET } }],
    ['a language', 'settings.templates.password.reset', { 'password.reset': { fr: RESET } }],
    [
      'the language null',
      'settings.templates.password.reset.en',
      { 'password.reset': { en: null } },
    ],
  ])('of %s that there is not are refused', async (_, field, templates) => {
    expectFieldProblem(await patch({ templates }), field);
  });

  it('of a notice hold no code, nor its life: the code is not theirs', async () => {
    const text = 'Hello.\n\n{{.Code}} {{.Minutes}}';
    const fine = { 'password.changed': { en: { ...CHANGED, text } } };
    expect((await patch({ templates: fine })).status).toBe(200);
    const bare = { 'password.changed': { en: { ...CHANGED, text: '{{.Code}}' } } };
    expectFieldProblem(await patch({ templates: bare }), 'settings.templates.password.changed.en');
  });
});
