// The load client against a real server: as many requests as were asked for, and no other answers than were expected.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Call, keepSending, type LoadOptions, sendLoad } from '../../bench/lib/load.ts';
import { findFreePort } from '../../bench/lib/workerd.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const GET: Call = { method: 'GET', path: '/', headers: {} };

const OPTIONS = { connections: 1, requests: 1, makeCall: () => GET, status: 200 };

async function listen(server: Server): Promise<string> {
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

function serve(handle: Handle): Promise<string> {
  return listen(createServer(handle));
}

function send(url: string, options: Partial<LoadOptions> = {}) {
  return sendLoad({ ...OPTIONS, url, ...options });
}

describe('a load', () => {
  it('is as many requests as were asked for, over as many connections', async () => {
    const seen = { requests: 0, ports: new Set<number | undefined>() };
    const url = await serve((request, response) => {
      seen.requests += 1;
      seen.ports.add(request.socket.remotePort);
      setImmediate(() => response.end('hello'));
    });
    const { latencies, seconds } = await send(url, { connections: 3, requests: 20 });
    expect(seen.requests).toBe(20);
    expect(seen.ports.size).toBe(3);
    expect(latencies).toHaveLength(20);
    expect(latencies.every((latency) => latency > 0 && latency <= seconds * 1000)).toBe(true);
  });

  it('asks once at a time on each connection', async () => {
    let [open, most] = [0, 0];
    const url = await serve((_, response) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        response.end();
      });
    });
    await send(url, { connections: 2, requests: 30 });
    expect(most).toBeLessThanOrEqual(2);
  });

  it('sends method, path, headers and body as they were given, each call by its index', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const { method, url: path, headers } = request;
      seen.push([method, path, headers['x-key'], headers['content-length'], await text(request)]);
      response.end();
    });
    await send(url, {
      requests: 2,
      makeCall: (index) => ({
        method: 'POST',
        path: `/${index}`,
        headers: { 'x-key': 'value' },
        body: index === 0 ? 'é' : new Uint8Array([65, 66, 67]),
      }),
    });
    expect(seen).toEqual([
      ['POST', '/0', 'value', '2', 'é'],
      ['POST', '/1', 'value', '3', 'ABC'],
    ]);
  });

  it.each<[string, number, string, Handle]>([
    ['with a length', 200, 'hello', (_, response) => void response.end('hello')],
    [
      'in chunks',
      200,
      'hello world',
      (_, response) => {
        response.write('hello ');
        setImmediate(() => response.end('world'));
      },
    ],
    ['of 204', 204, '', (_, response) => void response.writeHead(204).end()],
    ['of 304', 304, '', (_, response) => void response.writeHead(304).end()],
  ])('hands on answers %s', async (_, status, body, handle) => {
    const answers: string[] = [];
    const url = await serve(handle);
    await send(url, { requests: 3, status, onAnswer: (answer) => answers.push(answer) });
    expect(answers).toEqual([body, body, body]);
  });

  it('tells which connection was answered what', async () => {
    const url = await serve((request, response) => void response.end(request.url));
    const wrong: string[] = [];
    await send(url, {
      connections: 4,
      requests: 40,
      makeCall: (index, connection) => ({ ...GET, path: `/${index}/${connection}` }),
      onAnswer: (body, index, connection) => {
        if (body !== `/${index}/${connection}`) wrong.push(body);
      },
    });
    expect(wrong).toEqual([]);
  });
});

describe('a load without an end', () => {
  it('goes on until it is stopped, and then waits for the answers that are due', async () => {
    let answered = 0;
    const url = await serve((_, response) => {
      setImmediate(() => {
        answered += 1;
        response.end();
      });
    });
    const { requests: _, ...endless } = { ...OPTIONS, url, connections: 2 };
    const stop = await keepSending(endless);
    const before = answered;
    expect(before).toBeGreaterThan(0);
    while (answered < before + 10) await new Promise((resolve) => setImmediate(resolve));
    const { latencies } = await stop();
    expect(latencies).toHaveLength(answered);
  });

  it('fails at once when the first answer is another one', async () => {
    const url = await serve((_, response) => void response.writeHead(500).end());
    await expect(keepSending({ ...OPTIONS, url })).rejects.toThrow('was answered 500');
  });

  it('fails where it is stopped when a later answer is another one', async () => {
    let status = 200;
    const url = await serve((_, response) => {
      response.statusCode = status;
      response.end('no');
    });
    const stop = await keepSending({ ...OPTIONS, url });
    status = 503;
    await expect(stop()).rejects.toThrow('expected 200, was answered 503');
  });
});

describe('a load fails', () => {
  it('at another status, with what was answered', async () => {
    const url = await serve((_, response) => void response.writeHead(429).end('too many'));
    await expect(send(url, { requests: 5 })).rejects.toThrow(
      'expected 200, was answered 429: too many',
    );
  });

  it('when the connection ends before the answer does', async () => {
    const half = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf';
    const url = await listen(
      createSocketServer((socket) => {
        socket.once('data', () => socket.end(half));
      }),
    );
    await expect(send(url)).rejects.toThrow('the connection ended before the answer did');
  });

  it('when nobody listens', async () => {
    await expect(send(`http://127.0.0.1:${await findFreePort()}`)).rejects.toThrow('ECONNREFUSED');
  });
});
