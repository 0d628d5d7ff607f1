// A fake Worker for the gRPC bridge: a server of HTTP/1.1 that answers in gRPC-Web, or in whatever a test wants.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';

export const PATH = '/zitadel.user.v2.UserService/SetPassword';

export function frame(message: Uint8Array | string, flag = 0): Buffer {
  const data = Buffer.from(message);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(flag, 0);
  prefix.writeUInt32BE(data.length, 1);
  return Buffer.concat([prefix, data]);
}

export function trailerFrame(...lines: readonly string[]): Buffer {
  return frame(lines.map((line) => `${line}\r\n`).join(''), 0x80);
}

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

type Answer = (response: ServerResponse, received: Received) => void | Promise<void>;

export interface FakeWorker {
  readonly url: URL;
  /** Every request that came whole. */
  readonly received: Received[];
  /** How many connections were ever made to it. */
  readonly connections: () => number;
  /** How many are open. */
  readonly open: () => number;
  answer: Answer;
  readonly stop: () => Promise<void>;
}

/** Echoes the message. */
export const echo: Answer = (response, { body }) =>
  answerWeb(response, Buffer.concat([body, trailerFrame('grpc-status: 0')]));

export function answerWeb(
  response: ServerResponse,
  body: Uint8Array,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/grpc-web+proto', ...headers });
  response.end(body);
}

export async function startFakeWorker(answer: Answer = echo): Promise<FakeWorker> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    const body = await readBody(request).catch(() => null);
    if (body === null) return;
    const whole = { path: request.url ?? '', headers: request.headers, body };
    received.push(whole);
    await worker.answer(response, whole);
  });
  // It is the bridge that is to let idle connections go.
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const worker: FakeWorker = {
    url: urlOf(server.address()),
    received,
    connections: () => connections,
    open: () => sockets.size,
    answer,
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return worker;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A server that answers every connection, once it has said something, with these bytes, and hangs up. */
export async function startRawServer(bytes: Uint8Array | string): Promise<{
  readonly url: URL;
  readonly stop: () => Promise<void>;
}> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: urlOf(server.address()),
    stop: async () => {
      await new Promise((done) => server.close(done));
    },
  };
}

function urlOf(address: ReturnType<ReturnType<typeof createServer>['address']>): URL {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`http://127.0.0.1:${address.port}`);
}
