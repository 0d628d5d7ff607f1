// The load client: a fixed number of requests over a fixed number of connections, each connection one after the other.
// Nothing is lost at the end of a window, and no wait is invented, since nothing is sent on a schedule.
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { readAnswer } from './http-answer.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  /** Of all connections together. */
  readonly requests: number;
  /** `index` counts all requests, `connection` tells which asks: state that must not be shared is kept by it. */
  readonly makeCall: (index: number, connection: number) => Call;
  /** The only one that counts: a benchmark of other answers would be one of something else. */
  readonly status: number;
  readonly onAnswer?: (body: string, index: number, connection: number) => void;
}

/** A load that goes on until it is stopped. */
export type Endless = Omit<LoadOptions, 'requests'>;

export interface Load {
  /** In milliseconds, in the order of the answers. */
  readonly latencies: readonly number[];
  /** From the first byte sent to the last answer. */
  readonly seconds: number;
}

/** @throws Error with the answer, when one has another status, and when a connection ends. */
export function sendLoad(options: LoadOptions): Promise<Load> {
  return send(options, (index) => index < options.requests);
}

/**
 * Once it is answered, gives the function that stops it: that waits for the answers that are due.
 * @throws Error as above, at once or from the function.
 */
export async function keepSending(options: Endless): Promise<() => Promise<Load>> {
  const first = Promise.withResolvers<void>();
  let isStopped = false;
  const onAnswer: LoadOptions['onAnswer'] = (...told) => {
    first.resolve();
    options.onAnswer?.(...told);
  };
  const load = send({ ...options, onAnswer }, () => !isStopped);
  // Awaited where it is stopped: until then it is no failure that nobody minds.
  load.catch(() => {});
  await Promise.race([first.promise, load]);
  return () => {
    isStopped = true;
    return load;
  };
}

async function send(options: Endless, isWanted: (index: number) => boolean): Promise<Load> {
  const { hostname, port } = new URL(options.url);
  const sockets = await Promise.all(
    Array.from({ length: options.connections }, () => openSocket(hostname, Number(port))),
  );
  const latencies: number[] = [];
  let next = 0;
  const run = async (socket: Socket, connection: number) => {
    while (isWanted(next)) {
      const index = next;
      next += 1;
      const message = encodeCall(options.makeCall(index, connection), `${hostname}:${port}`);
      const startedAt = performance.now();
      socket.write(message);
      const { status, body } = await readAnswer(socket);
      latencies.push(performance.now() - startedAt);
      if (status !== options.status) {
        throw new Error(
          `expected ${options.status}, was answered ${status}: ${body.slice(0, 300)}`,
        );
      }
      options.onAnswer?.(body, index, connection);
    }
  };
  const startedAt = performance.now();
  try {
    await Promise.all(sockets.map(run));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return { latencies, seconds: (performance.now() - startedAt) / 1000 };
}

async function openSocket(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

function encodeCall({ method, path, headers, body }: Call, host: string): Buffer {
  const payload = Buffer.from(body ?? '');
  const fields = Object.entries({ host, 'user-agent': 'rekey-bench', ...headers });
  if (body !== undefined) fields.push(['content-length', String(payload.length)]);
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`), payload]);
}
