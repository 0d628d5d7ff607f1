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
  server = await listen(0);
  instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
  const { port } = server.address() as AddressInfo;
  const settings = { delivery: deliverTo(port), resetUrl: 'https://login.example/reset#{{.Code}}' };
  const names = { name: 'Hooked', clientId: 'hooked', clientCode: 'hooked', database: 'acme_h' };
  orgId = (await admin('', { ...names, settings }))['orgId'] ?? '';
  const scopes = ['user.read', 'user.write'];
  token = (await admin(`/${orgId}/keys`, { name: 'service', scopes }))['key'] ?? '';
});

afterAll(async () => {
  await instance.stop('SIGTERM');
  await close(server);
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => {
  received.length = 0;
  reply = accept;
});

async function listen(port: number): Promise<Server> {
  const made = createServer((request, response) => {
    readBody(request).then((body) => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      reply(response);
    });
  });
  await new Promise<void>((done) => made.listen(port, '127.0.0.1', done));
  return made;
}

async function close(open: Server): Promise<void> {
  open.closeAllConnections();
  await new Promise((done) => open.close(done));
}

function deliverTo(port: number) {
  const webhookUrl = `http://127.0.0.1:${port}/hook?for=tests`;
  return { webhookUrl, webhookSecret: `whsec_${key.toString('base64')}` };
}

function accept(response: ServerResponse): void {
  response.writeHead(204).end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function admin(path: string, body: object): Promise<Record<string, string>> {
  const answer = await callAdmin('POST', path, body);
  expect(answer.status).toBe(201);
  return (await answer.json()) as Record<string, string>;
}

function callAdmin(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${demo.url}/admin/tenants${path}`, {
    method,
    headers: { authorization: `Bearer ${demo.adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
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

/** Asks for a message to a new user, and gives the user's id. */
async function ask(): Promise<string> {
  const userId = await makeUser();
  expect((await call(`${userId}/password_reset`, { sendLink: {} })).status).toBe(200);
  return userId;
}

/** What came about the user: other tests' messages may still be on their way. */
function listAbout(userId: string): readonly Received[] {
  return received.filter(({ body }) => body.includes(`"userId":"${userId}"`));
}

async function untilReceived(userId: string, count: number): Promise<void> {
  await until(`${count} received`, () => listAbout(userId).length >= count);
}

/** Runs the schedule, as the platform does each minute, until so many came about the user. */
async function runScheduleUntil(userId: string, count: number): Promise<void> {
  const end = Date.now() + 60_000;
  while (listAbout(userId).length < count) {
    if (Date.now() > end) throw new Error(`${listAbout(userId).length} of ${count} came`);
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

function readMessage(one: Received | undefined) {
  if (one === undefined) throw new Error('nothing was received');
  checkSignature(one);
  return JSON.parse(one.body);
}

function expectSame(one: Received | undefined, other: Received | undefined): void {
  expect(readMessage(one)).toEqual(readMessage(other));
  const [path, id] = [one?.path, one?.headers['webhook-id']];
  expect([other?.path, other?.headers['webhook-id']]).toEqual([path, id]);
}

it('arrives signed, and its code changes the password, of which a notice comes', async () => {
  const userId = await ask();
  await untilReceived(userId, 1);
  const [first] = listAbout(userId);
  const { type, data } = readMessage(first);
  const address = `${userId}@mail.example`;
  expect([type, first?.path]).toEqual(['password.reset', '/hook?for=tests']);
  expect(first?.headers['content-type']).toBe('application/json');
  expect(data).toMatchObject({ userId, orgId, channel: 'email', address });
  expect(data.url).toBe(`https://login.example/reset#${data.code}`);
  const changed = await call(`${userId}/password`, {
    newPassword: { password: 'seven calm otters cross the fjord' },
    verificationCode: data.code,
  });
  expect(changed.status).toBe(200);
  await untilReceived(userId, 2);
  const notice = readMessage(listAbout(userId)[1]);
  expect([notice.type, notice.data.actor]).toEqual(['password.changed', 'user']);
  expect(JSON.stringify(notice)).not.toContain(data.code);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['that answers 500', (response) => response.writeHead(500).end()],
  ['that hangs up', (response) => response.destroy()],
  ['that redirects', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
])('a receiver %s gets the same message again', async (_, fail) => {
  reply = fail;
  const userId = await ask();
  await untilReceived(userId, 1);
  reply = accept;
  await runScheduleUntil(userId, 2);
  const [first, second] = listAbout(userId);
  expectSame(first, second);
});

it('a receiver that never answers gets the same message again, and no request waits for it', async () => {
  let isOpen = false;
  reply = (response) => {
    isOpen = true;
    response.on('close', () => {
      isOpen = false;
    });
  };
  const userId = await ask();
  await untilReceived(userId, 1);
  // The sender still hopes, and whoever asked has the answer.
  expect(isOpen).toBe(true);
  reply = accept;
  await runScheduleUntil(userId, 2);
  const [first, second] = listAbout(userId);
  expectSame(first, second);
});

it('a receiver that is lost gets the message when it is back, once', async () => {
  const port = await findFreePort();
  const set = async (settings: object) =>
    expect((await callAdmin('PATCH', `/${orgId}`, { settings })).status).toBe(200);
  await set({ delivery: deliverTo(port) });
  const userId = await ask();
  const report = async () => (await callAdmin('GET', `/${orgId}/messages`)).json();
  const before = (await report()) as { readonly waiting: number };
  expect(before.waiting).toBeGreaterThanOrEqual(1);
  const back = await listen(port);
  try {
    await runScheduleUntil(userId, 1);
    const run = await fetch(`${demo.url}/cdn-cgi/handler/scheduled`);
    await run.text();
    expect(listAbout(userId).map((one) => readMessage(one).type)).toEqual(['password.reset']);
  } finally {
    await close(back);
    await set({ delivery: deliverTo((server.address() as AddressInfo).port) });
  }
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
  const userId = await ask();
  await until('cut off', () => isCut);
  expect(listAbout(userId)).toHaveLength(1);
});

it('nothing of all this is in the log but ids', () => {
  const log = readFileSync(join(home, '.rekey/wrangler.log'), 'utf8');
  expect(log).toContain('msg_');
  expect(log).not.toMatch(/hooked-\d+@/);
  expect(log).not.toContain(key.toString('base64'));
  expect(log).not.toContain('login.example');
});
