// The local schedule asks the Worker's door for it once a minute, and no more once it is stopped.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { startSchedule } from '../../src/node/schedule.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('runs what is scheduled each minute until it is stopped, and minds no failure', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.statusCode = 500;
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const schedule = startSchedule(`http://127.0.0.1:${port}`);
  for (let minute = 1; minute <= 2; minute += 1) {
    vi.advanceTimersByTime(60_000);
    await vi.waitFor(() => expect(asked).toHaveLength(minute));
  }
  expect(new Set(asked)).toEqual(new Set(['/cdn-cgi/handler/scheduled']));
  schedule.stop();
  vi.advanceTimersByTime(600_000);
  await new Promise((done) => setTimeout(done, 50));
  expect(asked).toHaveLength(2);
  server.close();
});
