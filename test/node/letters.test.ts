// Letters of npm start's Worker, through the real mail binding of the local runtime, beside a webhook on a socket.
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Demo } from '../../src/node/demo.ts';
import { findFreePort, Instance, makeHome } from '../support/instance.ts';
import { type KeptLetter, readLetters } from '../support/letters.ts';

interface Tenant {
  readonly orgId: string;
  readonly token: string;
}

const home = makeHome();
const FROM = { name: 'Büro "Acme"', address: 'no-reply@acme.example' };
const PASSWORD = 'seven calm otters cross the fjord';
const WAIT_MS = 30_000;
const POLL_MS = 100;

/** Bodies of the webhook's calls. */
const called: string[] = [];
let server: Server;
let instance: Instance;
let demo: Demo;
let serial = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      called.push(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
});

afterAll(async () => {
  await instance.stop('SIGTERM');
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(home, { recursive: true, force: true });
});

async function call(method: string, path: string, token: string, body: object) {
  const answer = await fetch(`${demo.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

async function makeTenant(delivery: object): Promise<Tenant> {
  serial += 1;
  const names = { clientId: `l${serial}`, clientCode: `l${serial}`, database: `acme_l${serial}` };
  const settings = { delivery, resetUrl: 'https://login.example/reset#{{.Code}}' };
  const tenant = { name: 'Acme & Söhne', ...names, settings };
  const made = await call('POST', '/admin/tenants', demo.adminKey, tenant);
  expect(made.status).toBe(201);
  const orgId = made.body['orgId'] ?? '';
  const key = { name: 'service', scopes: ['user.read', 'user.write'] };
  const keyed = await call('POST', `/admin/tenants/${orgId}/keys`, demo.adminKey, key);
  return { orgId, token: keyed.body['key'] ?? '' };
}

async function makePerson({ token }: Tenant, addresses: object): Promise<string> {
  serial += 1;
  const userId = `reader-${serial}`;
  const profile = { givenName: 'Ann', familyName: 'Other', preferredLanguage: 'de' };
  const human = { userId, profile, username: userId, ...addresses };
  const made = await call('POST', '/v2/users/human', token, human);
  expect(made.status).toBe(200);
  return userId;
}

function mailOf(name: string) {
  return { email: { email: `${name}@mail.example`, isVerified: true } };
}

const phone = { phone: { phone: '+41790000001', isVerified: true } };

async function setPassword({ token }: Tenant, userId: string, proof: object): Promise<number> {
  const body = { newPassword: { password: PASSWORD }, ...proof };
  return (await call('POST', `/v2/users/${userId}/password`, token, body)).status;
}

async function sendLink({ token }: Tenant, userId: string, medium: object = {}) {
  return call('POST', `/v2/users/${userId}/password_reset`, token, { sendLink: medium });
}

/** Of the address, newest first, once there are so many. */
async function readLettersTo(address: string, count: number): Promise<readonly KeptLetter[]> {
  for (const end = Date.now() + WAIT_MS; ; ) {
    const letters = (await readLetters(demo.url)).filter(({ to }) => to.includes(address));
    if (letters.length >= count) return letters;
    if (Date.now() > end) throw new Error(`${letters.length} of ${count} letters came`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

it('a code comes by letter, in the language of its reader, and its use is told by another', async () => {
  const tenant = await makeTenant({ emailFrom: FROM });
  const userId = await makePerson(tenant, { ...mailOf('ann'), ...phone });
  expect((await sendLink(tenant, userId)).status).toBe(200);
  const [letter, ...others] = await readLettersTo('ann@mail.example', 1);
  expect(others).toEqual([]);
  const code = /^Ihr Code: ([A-Z2-9]{8})$/m.exec(letter?.text ?? '')?.[1] ?? '';
  expect(letter).toMatchObject({
    from: '"Büro \\"Acme\\"" <no-reply@acme.example>',
    to: ['ann@mail.example'],
    subject: 'Ihr Code für ein neues Passwort bei Acme & Söhne',
    text: expect.stringContaining(`https://login.example/reset#${code}`),
  });
  expect(letter?.html).toContain('<html lang="de">');
  expect(letter?.html).toContain(`<strong>${code}</strong>`);
  expect(letter?.html).toContain('Acme &#38; Söhne');
  expect(letter?.headers['X-Rekey-Message-Id']).toMatch(/^msg_[\w-]{22}$/);
  expect([letter?.cc, letter?.bcc]).toEqual([undefined, undefined]);

  expect(await setPassword(tenant, userId, { verificationCode: code })).toBe(200);
  const [notice, ...before] = await readLettersTo('ann@mail.example', 2);
  expect(before).toEqual([letter]);
  expect(notice?.subject).toBe('Ihr Passwort bei Acme & Söhne wurde geändert');
  expect(notice?.text).toContain('von Ihnen geändert');
  for (const text of [notice?.text, notice?.html]) {
    expect(text).not.toContain(code);
    expect(text).not.toContain(PASSWORD);
  }
});

it('a tenant’s own words are what is read, from the next letter on', async () => {
  const tenant = await makeTenant({ emailFrom: FROM });
  const userId = await makePerson(tenant, mailOf('bob'));
  const own = {
    subject: 'Hallo von {{.TenantName}}',
    text: 'Der Code:\n{{.Code}}\n\nBis bald',
    html: '<h1>{{.Code}}</h1><p>{{.TenantName}}</p>',
  };
  const settings = { templates: { 'password.reset': { de: own } } };
  const path = `/admin/tenants/${tenant.orgId}`;
  expect((await call('PATCH', path, demo.adminKey, { settings })).status).toBe(200);
  expect((await sendLink(tenant, userId)).status).toBe(200);
  const [letter] = await readLettersTo('bob@mail.example', 1);
  const code = letter?.text.split(/\s+/)[2] ?? '';
  expect(code).toMatch(/^[A-Z2-9]{8}$/);
  expect(letter).toMatchObject({
    subject: 'Hallo von Acme & Söhne',
    text: `Der Code:\n${code}\n\nBis bald`,
    html: `<h1>${code}</h1><p>Acme &#38; Söhne</p>`,
  });
});

it('with a webhook beside it, letters go by mail and the rest by the webhook', async () => {
  const { port } = server.address() as AddressInfo;
  const webhook = {
    webhookUrl: `http://127.0.0.1:${port}/`,
    webhookSecret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const tenant = await makeTenant({ ...webhook, emailFrom: FROM });
  const userId = await makePerson(tenant, { ...mailOf('cat'), ...phone });
  const sms = { notificationType: 'NOTIFICATION_TYPE_SMS' };
  expect((await sendLink(tenant, userId, sms)).status).toBe(200);
  expect(await setPassword(tenant, userId, {})).toBe(200);
  const letters = await readLettersTo('cat@mail.example', 1);
  await expect.poll(() => called.length, { timeout: WAIT_MS }).toBe(2);
  const types = called
    .map((body) => JSON.parse(body))
    .map(({ type, data }) => [type, data.channel]);
  expect(types.sort()).toEqual([
    ['password.changed', 'sms'],
    ['password.reset', 'sms'],
  ]);
  expect(letters.map(({ subject }) => subject)).toEqual([
    'Ihr Passwort bei Acme & Söhne wurde geändert',
  ]);
});

it('without a webhook nobody is written to by phone, and who asks for it is told so', async () => {
  const tenant = await makeTenant({ emailFrom: FROM });
  const userId = 'by-phone-alone';
  const person = { userId, phone: '+41790000002' };
  const path = `/admin/tenants/${tenant.orgId}`;
  expect((await call('POST', `${path}/users`, demo.adminKey, person)).status).toBe(201);
  expect(await setPassword(tenant, userId, {})).toBe(200);
  const sms = { notificationType: 'NOTIFICATION_TYPE_SMS' };
  const refused = await sendLink(tenant, userId, sms);
  expect([refused.status, refused.body['message']]).toEqual([400, 'No delivery is configured']);
  const answer = await fetch(`${demo.url}${path}/messages`, {
    headers: { authorization: `Bearer ${demo.adminKey}` },
  });
  expect(await answer.json()).toEqual({ waiting: 0, delivered: 0, failed: 0, deadLetters: [] });
});
