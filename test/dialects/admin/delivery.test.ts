// A tenant's webhook and its address for links: what is taken, what is refused, and that the secret is never told.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { admin, nextSerial } from '../../support/tenant.ts';
import { makeWebhookSecret } from '../../support/webhook.ts';
import { expectFieldProblem, expectProblem } from './problem.ts';

const delivery = {
  webhookUrl: 'https://hooks.example/rekey?tenant=1',
  webhookSecret: makeWebhookSecret(),
};
const resetUrl = 'https://login.example/reset?code={{.Code}}';

function create(settings: object) {
  const n = nextSerial();
  const names = { clientId: `c${n}`, clientCode: `cc${n}`, database: `acme_d${n}` };
  return admin('POST', '/tenants', { name: `Company ${n}`, ...names, settings });
}

/** A secret of so many bytes. */
function secretOf(bytes: number): string {
  return `whsec_${btoa('x'.repeat(bytes))}`;
}

describe('a webhook', () => {
  it('is answered without its secret', async () => {
    const answer = await create({ delivery, resetUrl });
    expect(answer.status).toBe(201);
    const { webhookUrl, webhookSecret } = delivery;
    expect(answer.body.settings).toMatchObject({ resetUrl, delivery: { webhookUrl } });
    expect(Object.keys(answer.body.settings.delivery)).toEqual(['webhookUrl']);
    expect(answer.text).not.toContain(webhookSecret.slice(6));
    const events = await admin('GET', `/tenants/${answer.body.orgId}/events`);
    expect(events.text).not.toContain(webhookSecret.slice(6));
  });

  it('has its secret sealed in the database, anew at each tenant', async () => {
    const sealed: string[] = [];
    for (const { body } of [await create({ delivery }), await create({ delivery })]) {
      const row = await env.DB.prepare('SELECT settings FROM tenant WHERE id = ?')
        .bind(body.orgId)
        .first<{ settings: string }>();
      expect(row?.settings).not.toContain(delivery.webhookSecret.slice(6, 20));
      sealed.push(JSON.parse(row?.settings ?? '').delivery.webhook.sealedSecret);
    }
    expect(sealed[0]).toMatch(/^[\w-]{1,32}\.[A-Za-z0-9+/]{80,}$/);
    expect(sealed[1]).not.toBe(sealed[0]);
  });

  it.each([
    ['of the own machine without TLS', { webhookUrl: 'http://127.0.0.1:9/x' }],
    ['of localhost', { webhookUrl: 'http://localhost:9/x' }],
    ['of localhost by IPv6', { webhookUrl: 'http://[::1]:9/x' }],
    ['with the shortest secret', { webhookSecret: secretOf(24) }],
    ['with the longest secret', { webhookSecret: secretOf(64) }],
    ['with a secret without padding', { webhookSecret: secretOf(32).replace('=', '') }],
  ])('may be one %s', async (_, fields) => {
    expect((await create({ delivery: { ...delivery, ...fields } })).status).toBe(201);
  });

  it.each([
    ['webhookUrl', 'without TLS', 'http://hooks.example/'],
    ['webhookUrl', 'of a machine that is called like the own', 'http://127.0.0.1.example/'],
    ['webhookUrl', 'of another protocol', 'ftp://hooks.example/'],
    ['webhookUrl', 'with a name', 'https://me@hooks.example/'],
    ['webhookUrl', 'with a password', 'https://me:secret@hooks.example/'],
    ['webhookUrl', 'with a fragment', 'https://hooks.example/#x'],
    ['webhookUrl', 'with an empty fragment', 'https://hooks.example/#'],
    ['webhookUrl', 'without a host', 'https://'],
    ['webhookUrl', 'of a path alone', '/hooks'],
    ['webhookUrl', 'of two lines', 'https://hooks.example/\r\nx'],
    ['webhookUrl', 'too long', `https://hooks.example/${'x'.repeat(500)}`],
    ['webhookUrl', 'empty', ''],
    ['webhookUrl', 'missing', undefined],
    ['webhookUrl', 'a number', 7],
    ['webhookSecret', 'too short', secretOf(23)],
    ['webhookSecret', 'too long', secretOf(65)],
    ['webhookSecret', 'without its prefix', secretOf(32).slice(6)],
    ['webhookSecret', 'with another prefix', secretOf(32).replace('whsec_', 'whsk_')],
    ['webhookSecret', 'that is no base64', `whsec_${'!'.repeat(44)}`],
    ['webhookSecret', 'in the other alphabet', `whsec_${'-_'.repeat(22)}`],
    ['webhookSecret', 'of 24 characters', 'whsec_abcdefghijklmnopqrstuvwx'],
    ['webhookSecret', 'empty', ''],
    ['webhookSecret', 'missing', undefined],
    ['webhookSecret', 'null', null],
  ])('is refused with a %s %s, and no answer holds the secret', async (field, _, value) => {
    const answer = await create({ delivery: { ...delivery, [field]: value } });
    expectFieldProblem(answer, `settings.delivery.${field}`);
    expect(answer.text).not.toContain('whsec_');
  });

  it('is refused with a field that is not known', async () => {
    expectProblem(await create({ delivery: { ...delivery, mail: 'x' } }), 400);
  });
});

describe('an address for links', () => {
  it.each([
    'https://login.example',
    'https://login.example/{{ .OrgID }}/{{.UserID}}#{{.Code}}',
    'http://localhost:3000/reset?{{.Code}}',
  ])('may be %s', async (text) => {
    const answer = await create({ resetUrl: text });
    expect([answer.status, answer.body.settings?.resetUrl]).toEqual([201, text]);
  });

  it.each([
    'http://login.example/',
    'https://me:secret@login.example/',
    'https://login.example/{{.Code',
    'https://login.example/{{.Password}}',
    'https://login.example/{{printf .Code}}',
    'https://{{.OrgID}}.login.example/',
    'https://login.example{{.UserID}}/',
    'javascript:alert("{{.Code}}")',
    'blob:https://login.example/{{.Code}}',
    '{{.Code}}',
    'login.example/{{.Code}}',
    '',
  ])('is refused: %s', async (text) => {
    expectFieldProblem(await create({ resetUrl: text }), 'settings.resetUrl');
  });
});
