// Connect and gRPC-Web for real: npm start, a socket, and the clients that people use.
import { readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { createClientTransport } from '@zitadel/client/web';
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Demo } from '../../src/node/demo.ts';
import { findFreePort, Instance, makeHome } from '../support/instance.ts';

const PATH = '/zitadel.user.v2.UserService/SetPassword';
const EMPTY_MESSAGE = Buffer.alloc(5);

let home: string;
let instance: Instance;
let demo: Demo;

beforeAll(async () => {
  home = makeHome();
  instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
});

afterAll(async () => {
  await instance.stop('SIGINT');
  rmSync(home, { recursive: true, force: true });
});

function post(type: string, body: Buffer): Promise<{ answer: IncomingMessage; bytes: Buffer }> {
  const headers = { 'content-type': type, 'content-length': body.length };
  return new Promise((resolve, reject) => {
    request(`${instance.url}${PATH}`, { method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ answer, bytes: Buffer.concat(chunks) }));
    })
      .on('error', reject)
      .end(body);
  });
}

it('gRPC-Web comes as a stream, as the edge wants it to make gRPC of it', async () => {
  for (const type of ['application/grpc-web', 'application/grpc-web-text']) {
    const isText = type.endsWith('text');
    const body = isText ? Buffer.from(EMPTY_MESSAGE.toString('base64')) : EMPTY_MESSAGE;
    const { answer, bytes } = await post(type, body);
    expect([type, answer.statusCode]).toEqual([type, 200]);
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.headers['transfer-encoding']).toBe('chunked');
    const trailers = (isText ? Buffer.from(bytes.toString(), 'base64') : bytes).subarray(5);
    expect(trailers.toString()).toBe('grpc-message:auth header missing\r\ngrpc-status:16\r\n');
  }
});

it('native gRPC is not served by the Worker itself', async () => {
  const { answer } = await post('application/grpc', EMPTY_MESSAGE);
  expect(answer.statusCode).toBe(415);
});

it.each<[string, (token: string) => Transport]>([
  ['the vendor', (token) => createClientTransport(token, { baseUrl: instance.url })],
  ['Connect', (token) => createConnectTransport({ ...authorize(token), baseUrl: instance.url })],
  ['gRPC-Web', (token) => createGrpcWebTransport({ ...authorize(token), baseUrl: instance.url })],
])('the web client of %s changes a password, and understands why not', async (_, open) => {
  const [, tenant] = demo.tenants;
  const userId = tenant.users[1]?.userId ?? '';
  const client = createClient(UserService, open(tenant.serviceToken));
  const password = `seven calm otters ${crypto.randomUUID()}`;
  const changed = await client.setPassword({ userId, newPassword: { password } });
  expect(changed.details?.resourceOwner).toBe(tenant.orgId);
  const verification = { case: 'currentPassword', value: 'not the current one' } as const;
  const refused = client.setPassword({ userId, newPassword: { password }, verification });
  const error = ConnectError.from(await refused.catch((reason: unknown) => reason));
  expect([error.code, error.rawMessage]).toEqual([
    Code.InvalidArgument,
    'Password is invalid (COMMAND-3M0fs)',
  ]);
});

function authorize(
  token: string,
): Pick<Parameters<typeof createConnectTransport>[0], 'interceptors'> {
  return {
    interceptors: [
      (next) => (call) => {
        call.header.set('authorization', `Bearer ${token}`);
        return next(call);
      },
    ],
  };
}
