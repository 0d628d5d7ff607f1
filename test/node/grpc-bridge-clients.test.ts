// The clients that people use, through the gRPC bridge, in cleartext and over TLS, against a fake Worker.

import { connect as connectTls } from 'node:tls';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import {
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  SetPasswordRequestSchema,
  SetPasswordResponseSchema,
  UserService,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { expect, it, onTestFinished } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { startBridge } from '../support/grpc-bridge.ts';
import {
  answerWeb,
  type FakeWorker,
  frame,
  PATH,
  startFakeWorker,
  trailerFrame,
} from '../support/upstream.ts';

const REQUEST = create(SetPasswordRequestSchema, {
  userId: 'user-1',
  newPassword: { password: 'seven calm otters cross the fjord' },
  verification: { case: 'currentPassword', value: 'as it was' },
});
const RESPONSE = create(SetPasswordResponseSchema, {
  details: { sequence: 7n, resourceOwner: 'acme' },
});

/** Carries out what it understands; says that a wrong password is wrong. */
const changePassword: FakeWorker['answer'] = (response, { body }) => {
  const { verification } = fromBinary(SetPasswordRequestSchema, body.subarray(5));
  const isRight = verification.value === REQUEST.verification.value;
  const answer = isRight
    ? [frame(toBinary(SetPasswordResponseSchema, RESPONSE)), trailerFrame('grpc-status: 0')]
    : [trailerFrame('grpc-status: 3', 'grpc-message: Password is invalid %28caf%C3%A9%29')];
  answerWeb(response, Buffer.concat(answer), { 'x-request-id': 'request' });
};

async function startPair(): Promise<{
  worker: FakeWorker;
  url: string;
  tlsUrl: string;
  cert: string;
}> {
  const worker = await startFakeWorker(changePassword);
  onTestFinished(worker.stop);
  const tls = makeCertificate();
  const { url } = await startBridge({ upstream: worker.url });
  const { port } = await startBridge({ upstream: worker.url, tls });
  // An address is no name for a server of TLS to be asked for.
  return { worker, url, tlsUrl: `https://localhost:${port}`, cert: tls.cert };
}

type Call = (
  request: typeof REQUEST,
  options?: { readonly timeoutMs: number },
) => Promise<typeof RESPONSE>;

function connectClient(baseUrl: string, cert?: string): Call {
  const nodeOptions = cert === undefined ? {} : { ca: cert };
  const client = createClient(UserService, createGrpcTransport({ baseUrl, nodeOptions }));
  return (request, options) =>
    client.setPassword(request, { headers: { authorization: 'Bearer key' }, ...options });
}

function grpcJsClient(url: string, cert?: string, options = {}, metadata = new Metadata()): Call {
  const channel =
    cert === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(cert));
  const client = new Client(new URL(url).host, channel, options);
  onTestFinished(() => client.close());
  metadata.set('authorization', 'Bearer key');
  return (request, { timeoutMs } = { timeoutMs: 10_000 }) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        PATH,
        (message: typeof REQUEST) => Buffer.from(toBinary(SetPasswordRequestSchema, message)),
        (bytes) => fromBinary(SetPasswordResponseSchema, bytes),
        request,
        metadata,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => (answer === undefined ? reject(error) : resolve(answer)),
      );
    });
}

const CLIENTS = [
  ['@connectrpc/connect-node', connectClient],
  ['@grpc/grpc-js', grpcJsClient],
] as const;

/** Connect's and grpc-js's errors have the same two fields. */
async function failWith(call: Promise<unknown>): Promise<{ code: number; text: string }> {
  const error = await call.then(
    () => Promise.reject(new Error('it succeeded')),
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectError) return { code: error.code, text: error.rawMessage };
  const { code, details } = error as ServiceError;
  return { code, text: details };
}

it.each(CLIENTS)('%s changes a password, in cleartext and over TLS', async (_, open) => {
  const { worker, url, tlsUrl, cert } = await startPair();
  for (const call of [open(url), open(tlsUrl, cert)]) {
    expect((await call(REQUEST)).details).toMatchObject({ sequence: 7n, resourceOwner: 'acme' });
  }
  expect(worker.received.length).toBe(2);
  expect(worker.received[1]?.headers['authorization']).toBe('Bearer key');
});

it.each(CLIENTS)('%s hears what the Worker says is wrong', async (_, open) => {
  const { url } = await startPair();
  const wrong = create(SetPasswordRequestSchema, {
    ...REQUEST,
    verification: { case: 'currentPassword', value: 'not as it was' },
  });
  expect(await failWith(open(url)(wrong))).toEqual({
    code: Code.InvalidArgument,
    text: 'Password is invalid (café)',
  });
});

it.each(CLIENTS)('%s hears what the bridge refuses', async (_, open) => {
  const { worker, url } = await startPair();
  const call = open(url);
  const large = create(SetPasswordRequestSchema, { ...REQUEST, userId: 'x'.repeat(100_000) });
  expect(await failWith(call(large))).toEqual({
    code: Code.ResourceExhausted,
    text: 'the message is larger than the bridge takes',
  });
  expect(worker.received).toEqual([]);
  expect((await call(REQUEST)).details).toBeDefined();
});

it.each(CLIENTS)('%s hears that the Worker is down', async (_, open) => {
  const { worker, url } = await startPair();
  await worker.stop();
  expect(await failWith(open(url)(REQUEST))).toEqual({
    code: Code.Unavailable,
    text: 'the Worker cannot be reached',
  });
});

it.each(CLIENTS)('%s hears that its deadline passed, and the bridge works on', async (_, open) => {
  const { worker, url } = await startPair();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  worker.answer = async (...given) => {
    await released;
    changePassword(...given);
  };
  const call = open(url);
  expect((await failWith(call(REQUEST, { timeoutMs: 200 }))).code).toBe(Code.DeadlineExceeded);
  release();
  expect((await call(REQUEST)).details).toBeDefined();
});

it('a client that compresses is told which encoding to use', async () => {
  const { worker, url } = await startPair();
  const gzip = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
  const { code, text } = await failWith(grpcJsClient(url, undefined, gzip)(REQUEST));
  expect(code).toBe(status.UNIMPLEMENTED);
  expect(text).toBe('compressed messages are not supported');
  expect(worker.received).toEqual([]);
});

it.each([
  ['the bridge', 500],
  ['HTTP/2', 3000],
])('a client with more headers than %s lets through hears that it is too much', async (_, many) => {
  const { worker, url } = await startPair();
  const metadata = new Metadata();
  for (let n = 0; n < many; n += 1) metadata.set(`x-${n}`, 'x');
  expect((await failWith(grpcJsClient(url, undefined, {}, metadata)(REQUEST))).code).toBe(
    status.RESOURCE_EXHAUSTED,
  );
  expect(worker.received).toEqual([]);
});

it('TLS agrees on HTTP/2 by ALPN', async () => {
  const { tlsUrl, cert } = await startPair();
  const { port } = new URL(tlsUrl);
  const socket = connectTls({
    host: '127.0.0.1',
    port: Number(port),
    ca: cert,
    ALPNProtocols: ['http/1.1', 'h2'],
  });
  onTestFinished(() => {
    socket.destroy();
  });
  await new Promise((done) => socket.once('secureConnect', done));
  expect(socket.alpnProtocol).toBe('h2');
});
