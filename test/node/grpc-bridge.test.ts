// The gRPC bridge between a client by hand and a fake Worker: what it passes on, and what it refuses.
import { describe, expect, it } from 'vitest';
import { startGrpcBridge } from '../../src/node/grpc-bridge.ts';
import { hold, LIMIT_MS, MESSAGE, openClient, startRig } from '../support/grpc-bridge.ts';
import { GRPC_HEADERS, readAnswer } from '../support/grpc-client.ts';
import { until } from '../support/instance.ts';
import { answerWeb, frame, PATH, trailerFrame } from '../support/upstream.ts';

describe('a call', () => {
  it('reaches the Worker as gRPC-Web, with what the client says of itself', async () => {
    const { worker, client } = await startRig();
    await client.call(MESSAGE, {
      authorization: 'Bearer key',
      'x-zitadel-orgid': 'acme',
      'trace-bin': 'AAE',
      'grpc-accept-encoding': 'gzip',
      'accept-encoding': 'gzip',
      'x-forwarded-for': '192.0.2.1',
      'cf-connecting-ip': '192.0.2.1',
    });
    const [request] = worker.received;
    expect(request?.path).toBe(PATH);
    expect(request?.body).toEqual(MESSAGE);
    expect(request?.headers).toEqual({
      authorization: 'Bearer key',
      'x-zitadel-orgid': 'acme',
      'trace-bin': 'AAE',
      'content-type': 'application/grpc-web+proto',
      'content-length': String(MESSAGE.length),
      'grpc-timeout': expect.stringMatching(/^\d{1,8}m$/),
      'x-grpc-web': '1',
      host: worker.url.host,
      connection: 'keep-alive',
    });
  });

  it('comes back with metadata, one message, and trailers of HTTP/2', async () => {
    const { worker, client } = await startRig();
    const trailers = trailerFrame('grpc-status:0', 'grpc-message:', 'x-after:1', 'after-bin:AAE');
    worker.answer = (response) =>
      answerWeb(response, Buffer.concat([MESSAGE, trailers]), {
        'server-timing': 'trips;desc="2"',
        'x-request-id': 'request',
        'before-bin': 'AAE=',
        'set-cookie': ['a=1', 'b=2'],
        'x-twice': ['1', '2'],
        'retry-after': ['1', '2'],
        'keep-alive': 'timeout=5',
      });
    const answer = await client.call(MESSAGE);
    expect(answer.body).toEqual(MESSAGE);
    expect(answer.headers).toMatchObject({
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-accept-encoding': 'identity',
      'server-timing': 'trips;desc="2"',
      'x-request-id': 'request',
      'before-bin': 'AAE=',
      'set-cookie': ['a=1', 'b=2'],
      'x-twice': '1, 2',
      'retry-after': '1, 2',
    });
    for (const name of ['grpc-status', 'keep-alive', 'connection', 'content-length']) {
      expect(answer.headers).not.toHaveProperty(name);
    }
    expect(answer.trailers).toEqual({
      'grpc-status': '0',
      'grpc-message': '',
      'x-after': '1',
      'after-bin': 'AAE',
    });
    expect(answer.rstCode).toBe(0);
  });

  it('that fails keeps its message and its details as they were written', async () => {
    const { worker, client } = await startRig();
    worker.answer = (response) =>
      answerWeb(
        response,
        trailerFrame(
          'grpc-status: 3',
          'grpc-message: 50%25 f%C3%BCr',
          'grpc-status-details-bin: CAM',
        ),
      );
    const answer = await client.call(MESSAGE);
    expect(answer.body.length).toBe(0);
    expect(answer.trailers).toEqual({
      'grpc-status': '3',
      'grpc-message': '50%25 f%C3%BCr',
      'grpc-status-details-bin': 'CAM',
    });
  });

  it('that is answered in headers alone is answered in headers alone', async () => {
    const { worker, client } = await startRig();
    worker.answer = (response) =>
      answerWeb(response, Buffer.alloc(0), {
        'grpc-status': '16',
        'grpc-message': 'auth%20header missing',
        'grpc-status-details-bin': 'CBA',
        'x-request-id': 'request',
      });
    const answer = await client.call(MESSAGE);
    expect(answer.trailers).toBeNull();
    expect(answer.headers).toMatchObject({
      'grpc-status': '16',
      'grpc-message': 'auth%20header missing',
      'grpc-status-details-bin': 'CBA',
      'x-request-id': 'request',
    });
  });

  it('may be in JSON, and need not say that it takes trailers', async () => {
    const { worker, client } = await startRig();
    worker.answer = (response, { headers, body }) =>
      answerWeb(response, Buffer.concat([body, trailerFrame('grpc-status:0')]), {
        'content-type': headers['content-type'] ?? '',
      });
    const { te: _, ...headers } = GRPC_HEADERS;
    const stream = client.session.request({ ...headers, 'content-type': 'application/grpc+json' });
    const answer = readAnswer(stream);
    stream.end(frame('{}'));
    expect(await answer).toMatchObject({ status: '0', body: frame('{}') });
    expect((await answer).headers['content-type']).toBe('application/grpc+json');
    expect(worker.received[0]?.headers['content-type']).toBe('application/grpc-web+json');
  });

  it('uses connections to the Worker again', async () => {
    const { worker, client } = await startRig();
    for (let n = 0; n < 5; n += 1) expect((await client.call(MESSAGE)).status).toBe('0');
    expect(worker.received.length).toBe(5);
    expect(worker.connections()).toBe(1);
    // And lets them go before the Worker would.
    await until('no connection to the Worker', () => worker.open() === 0, LIMIT_MS);
  });
});

describe('what is not gRPC', () => {
  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('is answered in HTTP: %s', async (method) => {
    const { worker, client } = await startRig();
    const answer = await client.call(MESSAGE, { ':method': method });
    expect(answer).toMatchObject({ httpStatus: 405, status: undefined });
    expect(answer.headers).toMatchObject({ allow: 'POST' });
    expect(worker.received).toEqual([]);
  });

  it.each(['application/json', 'application/grpc-web+proto', 'application/grpc+thrift', ''])(
    'is answered in HTTP: content type "%s"',
    async (contentType) => {
      const { worker, client } = await startRig();
      const answer = await client.call(MESSAGE, { 'content-type': contentType });
      expect(answer).toMatchObject({ httpStatus: 415, status: undefined });
      expect(worker.received).toEqual([]);
    },
  );
});

describe('what is refused in gRPC, and not passed on', () => {
  it.each([
    ['a path of another door', {}, { ':path': '/user-refresh-tokens' }, '12'],
    ['a malformed deadline', {}, { 'grpc-timeout': '5' }, '13'],
    ['a deadline of nothing', {}, { 'grpc-timeout': '0m' }, '4'],
    ['an encoding', {}, { 'grpc-encoding': 'gzip' }, '12'],
    ['a compressed message', { body: frame('x', 1) }, {}, '12'],
    ['no message', { body: Buffer.alloc(0) }, {}, '13'],
    ['two messages', { body: Buffer.concat([MESSAGE, MESSAGE]) }, {}, '13'],
    ['a message cut short', { body: MESSAGE.subarray(0, -1) }, {}, '13'],
    ['a message over the limit', { body: frame(Buffer.alloc(16 * 1024 + 1)) }, {}, '8'],
    ['metadata over the limit', {}, { 'x-large': 'x'.repeat(16 * 1024) }, '8'],
  ])('%s', async (_, { body = MESSAGE }: { body?: Buffer }, headers, status) => {
    const { worker, client } = await startRig();
    const answer = await client.call(body, headers);
    expect(answer).toMatchObject({ httpStatus: 200, status, trailers: null, rstCode: 0 });
    expect(answer.message).toMatch(/^[ -$&-~]+$/);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/grpc+proto',
      'grpc-accept-encoding': 'identity',
    });
    expect(worker.received).toEqual([]);
    expect((await client.call(MESSAGE)).status).toBe('0');
  });

  it('takes a message of exactly the limit', async () => {
    const { worker, client } = await startRig();
    const largest = frame(Buffer.alloc(16 * 1024));
    expect(await client.call(largest)).toMatchObject({ status: '0', body: largest });
    expect(worker.received.length).toBe(1);
  });
});

describe('the deadline', () => {
  it('is passed on as what is left of it', async () => {
    const { worker, client } = await startRig();
    await client.call(MESSAGE, { 'grpc-timeout': '20S' });
    const left = Number(/^(\d+)m$/.exec(String(worker.received[0]?.headers['grpc-timeout']))?.[1]);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(20_000);
  });

  it('is never longer than the bridge waits', async () => {
    const { worker, client } = await startRig({ callMs: 5000 });
    for (const headers of [{ 'grpc-timeout': '99999999H' }, {}]) {
      await client.call(MESSAGE, headers);
      const left = String(worker.received.at(-1)?.headers['grpc-timeout']);
      expect(Number.parseInt(left, 10)).toBeLessThanOrEqual(5000);
    }
  });

  it('ends a call that the Worker is busy with, and says that it may have been carried out', async () => {
    const { worker, client } = await startRig();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    worker.answer = async (response) => {
      await released;
      answerWeb(response, Buffer.concat([MESSAGE, trailerFrame('grpc-status:0')]));
    };
    const answer = await client.call(MESSAGE, { 'grpc-timeout': '100m' });
    release();
    expect(answer).toMatchObject({ status: '4', trailers: null });
    expect(answer.message).toContain('is not known');
    expect(worker.received.length).toBe(1);
  });

  it('is the bridge own for a Worker that never answers', async () => {
    const { worker, client } = await startRig({ callMs: 1000 });
    const { release } = hold(worker);
    const answer = await client.call(MESSAGE);
    release();
    expect(answer.status).toBe('4');
    expect(answer.message).toContain('is not known');
  });

  it('ends a body that never ends, which then is not passed on', async () => {
    const { worker, client } = await startRig();
    const stream = client.open({ 'grpc-timeout': '100m' });
    const answer = readAnswer(stream);
    stream.write(MESSAGE);
    expect(await answer).toMatchObject({ status: '4', rstCode: 0 });
    expect((await answer).message).toContain('before the request was passed on');
    expect(worker.received).toEqual([]);
  });

  it.each([
    ['for a body', { transferMs: 100 }],
    ['for a call', { callMs: 100 }],
  ])('is the bridge own %s without one', async (_, limits) => {
    const { worker, client } = await startRig(limits);
    const stream = client.open();
    const answer = readAnswer(stream);
    stream.write(MESSAGE.subarray(0, 3));
    expect(await answer).toMatchObject({ status: '4' });
    expect(worker.received).toEqual([]);
  });
});

describe('starting and stopping', () => {
  it('refuses a port that is taken, with the error of the system', async () => {
    const { bridge, worker } = await startRig();
    await expect(
      startGrpcBridge({ upstream: worker.url, port: bridge.port }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('lets an open call end, takes no other, and ends its connections', async () => {
    const { worker, bridge, client } = await startRig({ stopMs: 20_000 });
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    worker.answer = async (response, { body }) => {
      arrive();
      await released;
      answerWeb(response, Buffer.concat([body, trailerFrame('grpc-status:0')]));
    };
    const open = client.call(MESSAGE);
    await arrived;
    const stopped = bridge.stop();
    const ended = new Promise((done) => client.session.once('close', done));
    expect((await openClient(bridge.url).call(MESSAGE)).httpStatus).toBeUndefined();
    release();
    expect(await open).toMatchObject({ status: '0', body: MESSAGE });
    await Promise.all([stopped, ended]);
    await until('no connection to the Worker', () => worker.open() === 0, 2000);
  });

  it('cuts what does not end by itself', async () => {
    const { worker, bridge, client } = await startRig({ stopMs: 50 });
    const { release } = hold(worker);
    const unanswered = client.call(MESSAGE);
    const stream = client.open();
    const unsaid = readAnswer(stream);
    stream.write(MESSAGE);
    await until('one with the Worker', () => worker.received.length === 1, LIMIT_MS);
    await bridge.stop();
    release();
    for (const answer of await Promise.all([unanswered, unsaid])) {
      expect(answer.status).not.toBe('0');
    }
    await until('no connection to the Worker', () => worker.open() === 0, 2000);
  });
});
