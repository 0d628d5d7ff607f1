// What only sockets show: servers of breached hashes that misbehave, methods that no client library sends, and what a
// page's browser is told.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Demo } from '../../src/node/demo.ts';
import { formatSecrets } from '../../src/node/environment.ts';
import { makeSecrets } from '../../src/node/secrets.ts';
import { findFreePort, Instance, makeHome } from '../support/instance.ts';

const LISTED = 'https://app.example';

const home = makeHome();
const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
let reply: (response: ServerResponse, prefix: string) => void;
let server: Server;
let instance: Instance;
let demo: Demo;
let orgId: string;
let token: string;
let serial = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, headers: request.headers });
    reply(response, path.slice(-5));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const BREACH_RANGE_URL = `http://127.0.0.1:${port}/range/`;
  const variables = { ...makeSecrets(), ORIGINS: `*=${LISTED}`, BREACH_RANGE_URL };
  writeFileSync(join(home, '.dev.vars'), formatSecrets(variables));
  instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
  const names = { name: 'Asks', clientId: 'asks', clientCode: 'asks', database: 'acme_asks' };
  const made = await admin('POST', '', { ...names, settings: { screeningOnline: true } });
  orgId = made.orgId;
  const scopes = ['user.read', 'user.write'];
  token = (await admin('POST', `/${orgId}/keys`, { name: 'service', scopes })).key;
  await admin('POST', `/${orgId}/users`, { userId: 'ann' });
});

afterAll(async () => {
  await instance.stop('SIGTERM');
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(home, { recursive: true, force: true });
});

/** As much of the operator's answers as is read here. */
interface Made {
  readonly orgId: string;
  readonly key: string;
  readonly events: readonly { readonly facts: Readonly<Record<string, unknown>> }[];
}

async function admin(method: string, path: string, body?: object): Promise<Made> {
  const answer = await fetch(`${instance.url}/admin/tenants${path}`, {
    method,
    headers: { authorization: `Bearer ${demo.adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Made;
}

function newPassword(): string {
  serial += 1;
  return `violet harbour ${serial} ${crypto.randomUUID()}`;
}

async function setPassword(password: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${instance.url}/v2/users/ann/password`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ newPassword: { password } }),
  });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

async function readFacts() {
  const { events } = await admin('GET', `/${orgId}/events?userId=ann`);
  return events.at(-1)?.facts;
}

const hash = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase();

it('a password in the range of a real server is refused; of it the server has seen five digits', async () => {
  const [breached, good] = [newPassword(), newPassword()];
  const listed = hash(breached);
  reply = (response) => response.end(`${'0'.repeat(35)}:0\r\n${listed.slice(5)}:42\r\n`);
  asked.length = 0;
  const refused = await setPassword(breached);
  expect([refused.status, refused.body]).toMatchObject([
    400,
    { details: [{ id: 'REKEY-breached' }, { value: { violations: [{ rule: 'breached' }] } }] },
  ]);
  expect((await setPassword(good)).status).toBe(200);
  expect(asked.map(({ path }) => path)).toEqual(
    [breached, good].map((password) => `/range/${hash(password).slice(0, 5)}`),
  );
  expect(asked[0]?.headers).toMatchObject({ 'add-padding': 'true' });
  expect(asked[0]?.headers).not.toHaveProperty('authorization');
  expect(await readFacts()).not.toHaveProperty('screeningOnline');
});

it.each<[string, (response: ServerResponse) => void]>([
  ['hangs', () => undefined],
  ['hangs after its headers', (response) => response.writeHead(200).flushHeaders()],
  ['hangs in the middle', (response) => response.write(`${'0'.repeat(35)}:0\r\n`)],
  ['closes the connection', (response) => response.destroy()],
  ['answers 500', (response) => response.writeHead(500).end('broken')],
  ['redirects', (response) => response.writeHead(302, { location: '/range/00000' }).end()],
  ['answers with a page', (response) => response.end('<!doctype html><p>Sign in')],
  ['answers for ever', (response) => pour(response)],
])(
  'a server that %s stands in nobody’s way, is asked once, and the audit says so',
  async (_, act) => {
    reply = act;
    asked.length = 0;
    const changed = await setPassword(newPassword());
    expect([changed.status, asked.length]).toEqual([200, 1]);
    expect(await readFacts()).toMatchObject({ screeningOnline: 'unavailable' });
  },
);

function pour(response: ServerResponse): void {
  const lines = `${'0'.repeat(35)}:0\r\n`.repeat(1000);
  const more = () => {
    while (!response.destroyed && response.write(lines));
  };
  response.on('drain', more);
  more();
}

it('the log names the trouble, and no password or hash', () => {
  const log = readFileSync(join(home, '.rekey/wrangler.log'), 'utf8');
  expect(log).toContain('"error":"BreachRangeError"');
  for (const { path } of asked) expect(log).not.toContain(path);
});

/** The status of the answer; null when the connection was closed without one. */
function sendRaw(request: string): Promise<number | null> {
  const { hostname, port } = new URL(instance.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(request));
    let text = '';
    socket.setEncoding('latin1').on('data', (more: string) => {
      text += more;
    });
    socket.on('error', reject).on('close', () => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve(status === undefined ? null : Number(status));
    });
  });
}

it.each(['TRACE', 'TRACK', 'CONNECT', 'BREW', 'PROPFIND'])(
  '%s is refused on every dialect’s path, and nothing is echoed or changed',
  async (method) => {
    reply = (response) => response.end('');
    const before = await readFacts();
    for (const path of [
      '/user-authentication',
      '/v1/changePassword',
      '/v2/users/ann/password',
      '/zitadel.user.v2.UserService/SetPassword',
    ]) {
      const { host } = new URL(instance.url);
      const body = '{"newPassword":{"password":"violet harbour by another method"}}';
      const status = await sendRaw(
        `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
          `Connection: close\r\n\r\n${body}`,
      );
      expect([path, status === null || status >= 400]).toEqual([path, true]);
    }
    expect(await readFacts()).toEqual(before);
  },
);

it('a listed page’s browser is told that it may read, another one’s is not', async () => {
  reply = (response) => response.end('');
  for (const [origin, allowed] of [
    [LISTED, LISTED],
    ['https://evil.example', null],
    ['null', null],
  ] as const) {
    const answer = await setPassword(newPassword(), { origin });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      200,
      allowed,
    ]);
    expect(answer.headers.get('vary')).toContain('Origin');
  }
});
