// What the gRPC bridge makes of a Worker that is down, dies, or answers garbage: an honest status each time, which
// quotes nothing of what came, and after which the next call works.
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { openClient, startBridge, startRig } from '../support/grpc-bridge.ts';
import {
  answerWeb,
  echo,
  type FakeWorker,
  frame,
  startRawServer,
  trailerFrame,
} from '../support/upstream.ts';

const MESSAGE = frame('a message');
const OK = trailerFrame('grpc-status:0');
const NOTHING = Buffer.alloc(0);
/** In every piece of garbage here. */
const MARK = 'hunter2';

async function expectStatus(answer: FakeWorker['answer'], status: string): Promise<string> {
  const { worker, client } = await startRig({ answerBytes: 32_000 });
  worker.answer = answer;
  const told = await client.call(MESSAGE);
  expect(told).toMatchObject({ httpStatus: 200, status, body: NOTHING, trailers: null });
  expect(told.message).toMatch(/^[ -$&-~]+$/);
  expect(JSON.stringify(told.headers)).not.toContain(MARK);
  worker.answer = echo;
  expect((await client.call(MESSAGE)).status).toBe('0');
  expect(worker.received.length).toBe(2);
  return told.message ?? '';
}

it.each([
  ['no status at all', [MESSAGE], '2'],
  ['nothing', [], '2'],
  ['trailers without a status', [MESSAGE, trailerFrame(`grpc-message:${MARK}`)], '2'],
  ['a status that is no number', [MESSAGE, trailerFrame(`grpc-status:${MARK}`)], '2'],
  ['a status that nobody knows', [MESSAGE, trailerFrame('grpc-status:17')], '2'],
  ['a negative status', [MESSAGE, trailerFrame('grpc-status:-1')], '2'],
  ['an empty status', [MESSAGE, trailerFrame('grpc-status:')], '2'],
  ['two statuses', [MESSAGE, trailerFrame('grpc-status:0', 'grpc-status:3')], '2'],
  ['a message cut short', [frame(MARK).subarray(0, -1)], '13'],
  ['trailers cut short', [MESSAGE, OK.subarray(0, -1)], '13'],
  ['trailers twice', [MESSAGE, OK, OK], '13'],
  ['a message after the trailers', [OK, MESSAGE], '13'],
  ['HTML for a body', [Buffer.from(`<html>${MARK}</html>`)], '13'],
  ['a compressed message', [frame(MARK, 1), OK], '13'],
  ['two messages', [MESSAGE, MESSAGE, OK], '13'],
  ['success without a message', [OK], '13'],
  ['more than the limit', [frame(Buffer.alloc(40_000)), OK], '13'],
  [
    'trailers that no client takes',
    [MESSAGE, trailerFrame('grpc-status:0', `a:${'x'.repeat(20_000)}`)],
    '13',
  ],
])('an answer with %s', async (_, parts, status) => {
  const message = await expectStatus(
    (response) => answerWeb(response, Buffer.concat(parts)),
    status,
  );
  expect(message).toContain('is not known');
});

it.each([
  ['a status before a body', { 'grpc-status': '0' }, '13'],
  ['a content encoding', { 'content-encoding': 'gzip' }, '13'],
  ['a message encoding', { 'grpc-encoding': 'gzip' }, '13'],
  ['JSON for protobuf', { 'content-type': 'application/grpc-web+json' }, '2'],
  ['text', { 'content-type': 'application/grpc-web-text' }, '2'],
  ['HTML', { 'content-type': 'text/html' }, '2'],
  [
    'a page, and a status that is not its to give',
    { 'content-type': 'text/html', 'grpc-status': '0' },
    '2',
  ],
])('an answer with %s in its headers', async (_, headers, status) => {
  const body = Buffer.concat([MESSAGE, OK]);
  await expectStatus((response) => answerWeb(response, body, headers), status);
});

it('success in headers alone is none', async () => {
  await expectStatus((response) => answerWeb(response, NOTHING, { 'grpc-status': '0' }), '13');
});

it.each([
  [301, '2'],
  [307, '2'],
  [400, '13'],
  [401, '16'],
  [403, '7'],
  [404, '12'],
  [413, '2'],
  [415, '12'],
  [429, '14'],
  [500, '2'],
  [502, '14'],
  [503, '14'],
  [504, '14'],
])('HTTP %d without gRPC is status %s', async (httpStatus, status) => {
  const message = await expectStatus((response) => {
    response.writeHead(httpStatus, { 'content-type': 'text/html', location: '/elsewhere' });
    response.end(`<html>${MARK}</html>`);
  }, status);
  expect(message).toContain(String(httpStatus));
});

it('HTTP 503 keeps its word on when to come again', async () => {
  const { worker, client } = await startRig();
  worker.answer = (response) => {
    response.writeHead(503, { 'retry-after': '5' });
    response.end();
  };
  expect((await client.call(MESSAGE)).headers).toMatchObject({
    'grpc-status': '14',
    'retry-after': '5',
  });
});

it('HTTP other than 200 with a status of gRPC has that status', async () => {
  const { worker, client } = await startRig();
  worker.answer = (response) => {
    response.writeHead(413, { 'content-type': 'application/grpc-web+proto', 'grpc-status': '8' });
    response.end();
  };
  expect((await client.call(MESSAGE)).status).toBe('8');
});

it.each([
  ['dies before it answers', NOTHING],
  ['says what is not HTTP', Buffer.from(`${MARK}\r\n\r\n`)],
  ['dies in its headers', Buffer.from('HTTP/1.1 200 OK\r\ncontent-ty')],
  ['dies in its body', Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nab')],
  ['dies in a chunk', Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nab')],
  ['has endless headers', Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)],
  [
    'changes the protocol',
    Buffer.from('HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  ],
])('a Worker that %s: not known, and not an invitation to send it again', async (_, bytes) => {
  const server = await startRawServer(bytes);
  onTestFinished(server.stop);
  const { url } = await startBridge({ upstream: server.url });
  const client = openClient(url);
  for (let n = 0; n < 2; n += 1) {
    const answer = await client.call(MESSAGE);
    expect(answer).toMatchObject({ status: '2', trailers: null });
    expect(answer.message).toContain('is not known');
    expect(answer.message).not.toContain(MARK);
  }
});

it('a Worker that is down: unavailable, and works when it is up', async () => {
  const { worker, bridge } = await startRig();
  await worker.stop();
  const client = openClient(bridge.url);
  expect(await client.call(MESSAGE)).toMatchObject({
    status: '14',
    message: 'the Worker cannot be reached',
  });

  const again = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => again.listen(Number(worker.url.port), '127.0.0.1', done));
  onTestFinished(async () => {
    await new Promise((done) => again.close(done));
  });
  expect((await client.call(MESSAGE)).status).toBe('2');
});

it('a Worker whose name does not resolve: unavailable', async () => {
  const { url } = await startBridge({ upstream: new URL('http://nowhere.invalid:1') });
  expect((await openClient(url).call(MESSAGE)).status).toBe('14');
});

it('a kept connection that died is not tried again by itself', async () => {
  const { worker, client } = await startRig();
  expect((await client.call(MESSAGE)).status).toBe('0');
  worker.answer = (response) => {
    response.socket?.destroy();
  };
  expect((await client.call(MESSAGE)).status).toBe('2');
  expect(worker.received.length).toBe(2);
  expect(worker.connections()).toBe(1);
});

it('calls one after the other leave nothing behind on the connection that they share', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const { worker, client } = await startRig();
  worker.answer = echo;
  // Node warns of the eleventh listener.
  for (let i = 0; i < 12; i += 1) expect((await client.call(MESSAGE)).status).toBe('0');
  expect(warnings).toEqual([]);
});
