// One call by itself, and what its answer tells.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { ask, askFor, readTrips } from '../../bench/lib/ask.ts';

const CALL = { method: 'POST', path: '/path', headers: { host: 'a.localhost' }, body: 'body' };

async function serve(headers: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(409, headers);
    response.end(`${request.method} ${request.headers.host} ${request.url}`);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

it('tells status, body and trips, and calls the host that is wanted', async () => {
  const url = await serve({ 'server-timing': 'trips;desc="2", links;desc="12"' });
  const told = { status: 409, body: 'POST a.localhost /path', trips: 2 };
  expect(await ask(url, CALL)).toEqual(told);
  expect(await askFor(409, url, CALL)).toEqual(told);
});

it('refuses another status, with the answer', async () => {
  const url = await serve({});
  await expect(askFor(200, url, CALL)).rejects.toThrow('expected 200, was answered 409: POST');
});

it.each([
  ['trips;desc="0", links;desc="6"', 0],
  ['links;desc="6", trips;desc="12"', 12],
  ['roundtrips;desc="1"', null],
  [undefined, null],
])('reads the trips of %s', (timing, trips) => {
  expect(readTrips(timing)).toBe(trips);
});
