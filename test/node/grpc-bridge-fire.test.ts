// The gRPC bridge under fire: many calls at once, and clients and Workers that vanish under them. An honest status each
// time, nothing carried out whose status is not told, nothing left behind, and the next call works.
import { beforeEach, expect, it } from 'vitest';
import {
  expectNoSocketLeft,
  expectToWork,
  hold,
  LIMIT_MS,
  MESSAGE,
  openClient,
  startRig,
} from '../support/grpc-bridge.ts';
import { type GrpcAnswer, type GrpcClient, readAnswer, reset } from '../support/grpc-client.ts';
import { until } from '../support/instance.ts';
import { answerWeb, echo, frame, trailerFrame } from '../support/upstream.ts';

const OK = trailerFrame('grpc-status:0');
const MANY = 200;

beforeEach(expectNoSocketLeft);

it('has 200 calls open at once on one connection, and answers each with its own', async () => {
  const rig = await startRig();
  const { worker, client } = rig;
  const { release } = hold(worker);
  const bodies = Array.from({ length: MANY }, (_, n) => frame(`message ${n}`));
  const calls = bodies.map((body) => client.call(body));
  await until('all with the Worker', () => worker.received.length === MANY, LIMIT_MS);
  release();
  for (const [n, answer] of (await Promise.all(calls)).entries()) {
    expect(answer).toMatchObject({ status: '0', body: bodies[n] });
  }
  expect(worker.connections()).toBe(MANY);

  // Those connections are kept, and serve the next calls.
  await Promise.all(bodies.map((body) => client.call(body)));
  expect(worker.connections()).toBe(MANY);
});

it('tells each of 200 that the Worker died under them', async () => {
  const rig = await startRig();
  const { worker, client } = rig;
  hold(worker);
  const calls = Array.from({ length: MANY }, () => client.call(MESSAGE));
  await until('all with the Worker', () => worker.received.length === MANY, LIMIT_MS);
  await worker.stop();
  for (const answer of await Promise.all(calls)) expect(answer.status).toBe('2');
  expect((await client.call(MESSAGE)).status).toBe('14');
});

it('lets the Worker end what a client asked for and did not wait for', async () => {
  const rig = await startRig();
  const { worker, client } = rig;
  let ended = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.answer = async (response, { body }) => {
    response.on('finish', () => {
      ended += 1;
    });
    await promise;
    answerWeb(response, Buffer.concat([body, OK]));
  };
  const streams = Array.from({ length: 20 }, () => client.open().end(MESSAGE));
  await until('all with the Worker', () => worker.received.length === 20, LIMIT_MS);
  await Promise.all(streams.map(reset));
  await client.close();
  resolve();
  await until('all ended', () => ended === 20, LIMIT_MS);
  await expectToWork(rig);
});

it('ends slow bodies by its own limit while it serves others', async () => {
  const rig = await startRig({ transferMs: 1000 });
  const slow = Array.from({ length: 100 }, () => {
    const stream = rig.client.open();
    stream.write(MESSAGE.subarray(0, 6));
    return readAnswer(stream);
  });
  expect((await rig.client.call(MESSAGE)).status).toBe('0');
  for (const answer of await Promise.all(slow)) expect(answer.status).toBe('4');
  expect(rig.worker.received.length).toBe(1);
  await expectToWork(rig);
});

it('refuses what is more than it can have open, before it goes anywhere', async () => {
  const rig = await startRig({ calls: 2 });
  const { worker, client } = rig;
  const { release } = hold(worker);
  const abandoned = client.open().end(MESSAGE);
  const kept = client.call(MESSAGE);
  await until('both with the Worker', () => worker.received.length === 2, LIMIT_MS);
  // It is gone, but the Worker is not done with it.
  await reset(abandoned);
  expect(await client.call(MESSAGE)).toMatchObject({ status: '14' });
  expect(worker.received.length).toBe(2);
  release();
  expect((await kept).status).toBe('0');
  await expectToWork(rig);
});

/** A client hears that its call is over before the bridge is done with it. */
async function callOnceThereIsRoom(client: GrpcClient): Promise<GrpcAnswer> {
  for (const end = Date.now() + LIMIT_MS; ; ) {
    const answer = await client.call(MESSAGE);
    if (answer.status !== '14' || Date.now() > end) return answer;
  }
}

it('forgets every call that ended, however it ended', async () => {
  const rig = await startRig({ calls: 1 });
  const { worker, client } = rig;
  const bad: (() => Promise<unknown>)[] = [
    () => client.call(MESSAGE, { ':method': 'GET' }),
    () => client.call(MESSAGE, { 'content-type': 'text/plain' }),
    () => client.call(MESSAGE, { 'grpc-timeout': 'x' }),
    () => client.call(MESSAGE.subarray(1)),
    () => client.call(MESSAGE, { 'x-large': 'x'.repeat(50_000) }),
    async () => {
      const stream = client.open();
      stream.write(MESSAGE);
      await reset(stream);
    },
  ];
  for (const misbehave of bad) {
    await misbehave();
    expect((await callOnceThereIsRoom(client)).status).toBe('0');
  }
  worker.answer = (response) => {
    response.socket?.destroy();
  };
  expect((await callOnceThereIsRoom(client)).status).toBe('2');
  worker.answer = echo;
  expect((await callOnceThereIsRoom(client)).status).toBe('0');
});

it('survives connections that break in the middle of everything', async () => {
  const rig = await startRig();
  const { release } = hold(rig.worker);
  for (let n = 0; n < 10; n += 1) {
    const client = openClient(rig.bridge.url);
    for (let m = 0; m < 5; m += 1) {
      client
        .open()
        .on('error', () => {})
        .write(MESSAGE);
      client
        .open()
        .on('error', () => {})
        .end(MESSAGE);
    }
    await until(
      'half of them with the Worker',
      () => rig.worker.received.length === (n + 1) * 5,
      LIMIT_MS,
    );
    client.session.destroy();
  }
  release();
  await expectToWork(rig);
});

it('tells the status of everything that was carried out, whatever goes on beside it', async () => {
  const rig = await startRig();
  const { worker } = rig;
  const clients = Array.from({ length: 4 }, () => openClient(rig.bridge.url));
  const told = new Map<string, string | undefined>();
  const work = Array.from({ length: MANY }, async (_, n) => {
    const client = clients[n % clients.length] ?? rig.client;
    const body = frame(`number ${n}`);
    const kind = n % 5;
    if (kind === 0) return reset(client.open().on('error', () => {}));
    if (kind === 1) return client.call(body.subarray(0, -1));
    if (kind === 2) return client.call(body, { 'x-large': 'x'.repeat(50_000) });
    told.set(body.toString(), (await client.call(body)).status);
  });
  await Promise.all(work);
  const carriedOut = worker.received.map(({ body }) => body.toString());
  expect(new Set(carriedOut).size).toBe(carriedOut.length);
  expect(carriedOut.toSorted()).toEqual([...told.keys()].toSorted());
  expect(new Set(told.values())).toEqual(new Set(['0']));
  await expectToWork(rig);
});
