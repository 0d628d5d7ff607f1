// A reset by mail, for real: npm start's Worker and a receiver on a socket, whose signatures node:crypto checks.
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Demo } from '../../src/node/demo.ts';
import { findFreePort, Instance, makeHome, until } from '../support/instance.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const home = makeHome();
const key = randomBytes(32);
const received: Received[] = [];
let reply: (response: ServerResponse) => void;
let server: Server;
let instance: Instance;
let demo: Demo;
let orgId: string;
let token: string;
let serial = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    readBody(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      reply(response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
  const { port } = server.address() as AddressInfo;
  const webhookUrl = `http://127.0.0.1:${port}/hook?for=tests`;
  const delivery = { webhookUrl, webhookSecret: `whsec_${key.toString('base64')}` };
  const settings = { delivery, resetUrl: 'https://login.example/reset#{{.Code}}' };
  const names = { name: 'Hooked', clientId: 'hooked', clientCode: 'hooked', database: 'acme_h' };
  orgId = (await admin('', { ...names, settings }))['orgId'] ?? '';
  const scopes = ['user.read', 'user.write'];
  token = (await admin(`/${orgId}/keys`, { name: 'service', scopes }))['key'] ?? '';
});

afterAll(async () => {
  await instance.stop('SIGTERM');
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => {
  received.length = 0;
  reply = accept;
});

function accept(response: ServerResponse): void {
  response.writeHead(204).end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function admin(path: string, body: object): Promise<Record<string, string>> {
  const answer = await fetch(`${demo.url}/admin/tenants${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demo.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Record<string, string>;
}

async function makeUser(): Promise<string> {
  serial += 1;
  const userId = `hooked-${serial}`;
  await admin(`/${orgId}/users`, { userId, email: `${userId}@mail.example` });
  return userId;
}

function call(path: string, body: object): Promise<Response> {
  return fetch(`${demo.url}/v2/users/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Asks for a letter to a new user, and gives its id once the receiver has seen something. */
async function ask(): Promise<string> {
  const userId = await makeUser();
  expect((await call(`${userId}/password_reset`, { sendLink: {} })).status).toBe(200);
  await until('received', () => received.length > 0);
  return userId;
}

/** Runs the schedule, as the platform does each minute, until the receiver has seen so many. */
async function runScheduleUntil(count: number): Promise<void> {
  const end = Date.now() + 60_000;
  while (received.length < count) {
    if (Date.now() > end) throw new Error(`${received.length} of ${count} came`);
    const run = await fetch(`${demo.url}/cdn-cgi/handler/scheduled`);
    expect(run.status).toBe(200);
    await run.text();
    await new Promise((done) => setTimeout(done, 200));
  }
}

function checkSignature({ headers, body }: Received): void {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', key).update(signed).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${mac}`);
  const age = Date.now() / 1000 - Number(headers['webhook-timestamp']);
  expect(Math.abs(age)).toBeLessThan(300);
}

function readMessage(index: number) {
  const one = received[index];
  if (one === undefined) throw new Error('nothing was received');
  checkSignature(one);
  return JSON.parse(one.body);
}

it('arrives signed, and its code changes the password', async () => {
  const userId = await ask();
  const { type, data } = readMessage(0);
  const address = `${userId}@mail.example`;
  expect([type, received[0]?.path]).toEqual(['password.reset', '/hook?for=tests']);
  expect(received[0]?.headers['content-type']).toBe('application/json');
  expect(data).toMatchObject({ userId, orgId, channel: 'email', address });
  expect(data.url).toBe(`https://login.example/reset#${data.code}`);
  const changed = await call(`${userId}/password`, {
    newPassword: { password: 'seven calm otters cross the fjord' },
    verificationCode: data.code,
  });
  expect(changed.status).toBe(200);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['that answers 500', (response) => response.writeHead(500).end()],
  ['that hangs up', (response) => response.destroy()],
  ['that never answers', () => {}],
  ['that redirects', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
])('a receiver %s gets the same message again, and the answer did not wait', async (_, fail) => {
  reply = fail;
  await ask();
  reply = accept;
  await runScheduleUntil(2);
  readMessage(0);
  readMessage(1);
  const [first, second] = received;
  expect([second?.headers['webhook-id'], second?.body, second?.path]).toEqual([
    first?.headers['webhook-id'],
    first?.body,
    '/hook?for=tests',
  ]);
});

it('a receiver whose answer never ends has taken the message', async () => {
  let isCut = false;
  reply = (response) => {
    response.on('close', () => {
      isCut = true;
    });
    response.writeHead(200);
    response.write('yes, and ');
  };
  await ask();
  await until('cut off', () => isCut);
  expect(received).toHaveLength(1);
});

it('nothing of all this is in the log but ids', () => {
  const log = readFileSync(join(home, '.rekey/wrangler.log'), 'utf8');
  expect(log).toContain('msg_');
  expect(log).not.toContain('mail.example');
  expect(log).not.toContain(key.toString('base64'));
  expect(log).not.toContain('login.example');
});
