// The gRPC bridge and clients that attack or dawdle: they are refused or cut off, and everybody else is served.
import { constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import {
  expectNoSocketLeft,
  expectToWork,
  LIMIT_MS,
  MESSAGE,
  openClient,
  type Rig,
  startRig,
} from '../support/grpc-bridge.ts';
import { GRPC_HEADERS, openGrpcClient, readAnswer, reset } from '../support/grpc-client.ts';
import { data, openHttp2, requestHeaders, rstStream } from '../support/http2-frames.ts';
import { until } from '../support/instance.ts';
import { frame } from '../support/upstream.ts';

beforeEach(expectNoSocketLeft);

it.each([
  ['half a prefix', MESSAGE.subarray(0, 3)],
  ['half a message', MESSAGE.subarray(0, 8)],
])('passes nothing on of a client that resets after %s', async (_, part) => {
  const rig = await startRig();
  const stream = rig.client.open();
  stream.write(part);
  // The bridge has read what was sent before.
  await rig.client.call(frame('after'));
  await reset(stream);
  await expectToWork(rig);
  expect(rig.worker.received.length).toBe(2);
});

it.each([
  ['resets after a message that it did not end', [data(1, MESSAGE, false), rstStream(1)]],
  ['resets in the breath in which it ends', [data(1, MESSAGE, true), rstStream(1)]],
  ['hangs up after a message that it did not end', [data(1, MESSAGE, false)]],
])('passes nothing on of a client that %s', async (_, frames) => {
  const rig = await startRig();
  const socket = openHttp2(rig.bridge.port);
  const closed = new Promise((done) => socket.once('close', done));
  const next = [requestHeaders(3), data(3, frame('after'), true)];
  socket.write(Buffer.concat([requestHeaders(1), ...frames, ...next]));
  await until('the next call came', () => rig.worker.received.length > 0, LIMIT_MS);
  socket.destroy();
  await closed;
  await expectToWork(rig);
  expect(rig.worker.received.map(({ body }) => body)).toEqual([frame('after'), MESSAGE]);
});

it('answers a body over the limit without reading it to its end', async () => {
  const rig = await startRig();
  for (const part of [frame(Buffer.alloc(1_000_000)).subarray(0, 5), Buffer.alloc(1_000_000, 0)]) {
    const stream = rig.client.open();
    const answer = readAnswer(stream);
    // Not ended.
    stream.write(part);
    const { status, rstCode } = await answer;
    // A megabyte of zeroes is an empty message, and a lot that follows it.
    expect({ status, rstCode }).toEqual({ status: part.length === 5 ? '8' : '13', rstCode: 0 });
  }
  expect(rig.worker.received).toEqual([]);
  await expectToWork(rig);
});

it.each([
  ['large', { 'x-large': 'x'.repeat(60_000) }, '8', constants.NGHTTP2_NO_ERROR],
  [
    'hundreds of',
    Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`x-${n}`, 'x'])),
    '8',
    constants.NGHTTP2_NO_ERROR,
  ],
  [
    'huge',
    { 'x-1': 'x'.repeat(50_000), 'x-2': 'x'.repeat(50_000) },
    undefined,
    constants.NGHTTP2_ENHANCE_YOUR_CALM,
  ],
  [
    'thousands of',
    Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`x-${n}`, 'x'])),
    undefined,
    constants.NGHTTP2_ENHANCE_YOUR_CALM,
  ],
])('refuses %s headers', async (_, headers, status, rstCode) => {
  const rig = await startRig();
  // Until both have agreed on their limits, HTTP/2 itself lets more through.
  await rig.client.call(MESSAGE);
  for (let n = 0; n < 20; n += 1) {
    // What gRPC reads in this reset is RESOURCE_EXHAUSTED.
    expect(await rig.client.call(MESSAGE, headers)).toMatchObject({ status, rstCode });
  }
  expect(rig.worker.received.length).toBe(1);
  await expectToWork(rig);
});

it('gives up on a client that never takes its answer', async () => {
  const rig = await startRig({ transferMs: 200 });
  const client = openGrpcClient(rig.bridge.url, { settings: { initialWindowSize: 0 } });
  onTestFinished(client.close);
  const answer = await client.call(MESSAGE);
  expect(answer).toMatchObject({ httpStatus: 200, status: undefined });
  await expectToWork(rig);
});

it.each([
  ['a larger header', { 'x-huge': 'x'.repeat(200_000) }],
  [
    'more frames of headers',
    { 'x-1': 'x'.repeat(60_000), 'x-2': 'x'.repeat(60_000), 'x-3': 'x'.repeat(60_000) },
  ],
])(
  'hangs up on a client with %s than HTTP/2 itself has room for, and on no other',
  async (_, headers) => {
    const rig = await startRig();
    const attacker = openClient(rig.bridge.url);
    const over = new Promise((done) => attacker.session.once('close', done));
    expect((await attacker.call(MESSAGE, headers)).status).toBeUndefined();
    await over;
    expect(rig.worker.received).toEqual([]);
    expect((await rig.client.call(MESSAGE)).status).toBe('0');
  },
);

function openTcp(rig: Rig): Socket {
  const socket = connectTcp(rig.bridge.port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

it.each([
  ['HTTP/1.1', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'],
  ['noise', Buffer.alloc(4096, 0xff)],
  [
    'noise after the preface',
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(4096, 0xff)]),
  ],
])('hangs up on a client that speaks %s', async (_, bytes) => {
  const rig = await startRig();
  const socket = openTcp(rig);
  const closed = new Promise((done) => socket.once('close', done));
  socket.resume();
  socket.write(bytes);
  await closed;
  await expectToWork(rig);
});

it('hangs up on connections that nothing comes over', async () => {
  const rig = await startRig({ idleMs: 100 });
  const silent = openTcp(rig);
  const told = new Promise((done) => rig.client.session.once('goaway', done));
  const ended = [
    told,
    new Promise((done) => silent.resume().once('close', done)),
    new Promise((done) => rig.client.session.once('close', done)),
  ];
  await Promise.all(ended);
  await expectToWork(rig);
});

it('ends the connection of a client that resets without end, and no other', async () => {
  const rig = await startRig();
  const attacker = openClient(rig.bridge.url);
  const over = new Promise((done) => attacker.session.once('close', done));
  while (!attacker.session.closed && !attacker.session.destroyed) {
    for (let n = 0; n < 100 && !attacker.session.destroyed; n += 1) {
      const stream = attacker.session.request(GRPC_HEADERS);
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
    await new Promise((done) => setImmediate(done));
  }
  await over;
  expect(rig.worker.received).toEqual([]);
  expect((await rig.client.call(MESSAGE)).status).toBe('0');
});
