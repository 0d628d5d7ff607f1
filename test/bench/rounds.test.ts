// Sides in turn, round by round, against real small servers.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  noteSpoiled,
  type Rounds,
  runRounds,
  type Sample,
  type Side,
  spreadOf,
  spreadOver,
  spreadRatios,
} from '../../bench/lib/rounds.ts';

const REQUESTS = 10;
/** A tenth, before the first round. */
const WARM_UP = 1;
/** Long enough for a round to be told from its neighbours by the kernel's ticks. */
const PAUSE_MS = 10;
/** Rounds that others spoiled are run again, as often as this. */
const MOST_REPEATS = 5;

const busy: ChildProcess[] = [];

afterEach(async () => {
  for (const child of busy.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** Half of the machine at least. */
function makeForeignLoad(): void {
  for (let count = 0; count < Math.max(1, availableParallelism() / 2); count += 1) {
    busy.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  }
}

/** In this process; writes down which of its routes is asked. */
async function startServer(pauseMs = PAUSE_MS): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    setTimeout(() => response.end('hello'), pauseMs);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

function side(url: string, path: string): Side {
  const call = { method: 'GET', path, headers: {} };
  return {
    pid: process.pid,
    load: { url, connections: 1, requests: REQUESTS, status: 200, makeCall: () => call },
  };
}

/** As rounds were run: every one has all sides. */
function cutRounds(seen: readonly string[], size: number): string[] {
  const rounds: string[] = [];
  for (let at = 0; at < seen.length; at += size) rounds.push(seen.slice(at, at + size).join(''));
  return rounds;
}

function rounds(...samples: readonly Readonly<Record<'a' | 'b', number>>[]): Rounds<'a' | 'b'> {
  const sample = (p50: number): Sample => ({ p50, p99: 0, perSecond: 0, cpuPerRequest: 0 });
  return { rounds: samples.map(({ a, b }) => ({ a: sample(a), b: sample(b) })), spoiled: 0 };
}

describe.skipIf(process.platform !== 'linux')('rounds', () => {
  it('ask all sides in turn, and turn round from one to the next', async () => {
    const { url, seen } = await startServer();
    const done: number[] = [];
    const sides = { a: side(url, '/a'), b: side(url, '/b') };
    const found = await runRounds(sides, { rounds: 4, onRound: (count) => done.push(count) });
    expect(found.rounds).toHaveLength(4);
    expect(done).toEqual([1, 2, 3, 4]);
    const [as, bs] = ['/a'.repeat(REQUESTS), '/b'.repeat(REQUESTS)];
    const [forwards, backwards] = [as + bs, bs + as];
    expect(seen.splice(0, 2 * WARM_UP)).toEqual(['/a', '/b']);
    const run = cutRounds(seen, 2 * REQUESTS);
    expect(run.length).toBeLessThanOrEqual(4 + MOST_REPEATS);
    // Those that were run again come once more as they were.
    const turns = run.filter((round, index) => index === 0 || round !== run[index - 1]);
    expect(turns).toEqual([forwards, backwards, forwards, backwards]);
  });

  it('ask in portions, in turn within a round, whose calls are counted through', async () => {
    const { url, seen } = await startServer();
    const indices: number[] = [];
    const counted = (name: string): Side => ({
      pid: process.pid,
      load: {
        url,
        connections: 1,
        requests: REQUESTS,
        status: 200,
        makeCall: (index) => ({ method: 'GET', path: `/${name}${index}`, headers: {} }),
        onAnswer: (_body, index) => indices.push(index),
      },
      prepare: async () => void seen.push(`prepare ${name}`),
    });
    const sides = { a: counted('a'), b: counted('b') };
    const { rounds: found } = await runRounds(sides, { rounds: 1, portions: 3 });
    const turns = ['prepare a', 'a', 'prepare b', 'b', 'b', 'a', 'a', 'b'];
    const last = seen.slice(-(2 + 2 * REQUESTS)).map((path) => path.replace(/^\/(.)\d+$/, '$1'));
    expect(last.filter((turn, at) => turn !== last[at - 1] || turn.startsWith('p'))).toEqual(
      turns.filter((turn, at) => turn !== turns[at - 1]),
    );
    const asked = seen.filter((path) => path.startsWith('/a')).slice(-REQUESTS);
    expect(asked).toEqual(Array.from({ length: REQUESTS }, (_, index) => `/a${index}`));
    expect(new Set(indices)).toEqual(new Set(Array(REQUESTS).keys()));
    expect(found[0]?.a.perSecond).toBeLessThanOrEqual(1000 / (PAUSE_MS - 1));
  });

  it('that others spoil are run again, five times in all, and then told', async () => {
    const { url, seen } = await startServer();
    makeForeignLoad();
    const found = await runRounds({ a: side(url, '/a') }, { rounds: 3 });
    expect(found.rounds).toHaveLength(3);
    expect(seen).toHaveLength(WARM_UP + (3 + MOST_REPEATS) * REQUESTS);
    expect(found.spoiled).toBe(3);
  });

  it('prepare a side before each time that it is measured', async () => {
    const { url, seen } = await startServer();
    const prepare = async () => void seen.push('prepared');
    const { rounds: found } = await runRounds(
      { a: { ...side(url, '/a'), prepare } },
      { rounds: 1 },
    );
    expect(found).toHaveLength(1);
    expect(seen.slice(0, 3)).toEqual(['prepared', '/a', 'prepared']);
    expect(seen.slice(-REQUESTS)).toEqual(Array(REQUESTS).fill('/a'));
  });

  it('have what goes on beside a side begin before it, and end with it', async () => {
    const { url, seen } = await startServer();
    const call = { method: 'GET', path: '/beside', headers: {} };
    const beside = { url, connections: 2, status: 200, makeCall: () => call };
    const options = { rounds: 1 };
    await runRounds({ a: { ...side(url, '/a'), beside } }, options);
    expect(seen[0]).toBe('/beside');
    const ended = seen.length;
    await runRounds({ b: side(url, '/b') }, options);
    expect(seen.slice(ended)).not.toContain('/beside');
    expect(seen.filter((path) => path === '/beside').length).toBeGreaterThan(2);
  });

  it('tell what the client waited for, and what the server took', async () => {
    const { url } = await startServer();
    const { rounds: found } = await runRounds({ a: side(url, '/a') }, { rounds: 1 });
    const { p50, p99, perSecond, cpuPerRequest } = found[0]?.a ?? {};
    expect(p50).toBeGreaterThanOrEqual(PAUSE_MS - 1);
    expect(p99).toBeGreaterThanOrEqual(p50 ?? Number.NaN);
    expect(perSecond).toBeLessThanOrEqual(1000 / (PAUSE_MS - 1));
    expect(cpuPerRequest).toBeGreaterThanOrEqual(0);
  });
});

describe('of several rounds', () => {
  it('a ratio is taken in each, and not of the medians', () => {
    const found = rounds({ a: 1, b: 1 }, { a: 20, b: 10 }, { a: 12, b: 4 });
    expect(spreadRatios(found, ({ a, b }) => a.p50 / b.p50)).toEqual({ min: 1, median: 2, max: 3 });
    expect(spreadOver(found, 'a', 'b', ({ p50 }) => p50)).toEqual({ min: 1, median: 2, max: 3 });
  });

  it('a figure is that of one side', () => {
    const found = rounds({ a: 1, b: 7 }, { a: 20, b: 5 }, { a: 12, b: 9 });
    expect(spreadOf(found, 'b', ({ p50 }) => p50)).toEqual({ min: 5, median: 7, max: 9 });
  });

  it('the spoiled are told, and silence says that none was', () => {
    expect(noteSpoiled(rounds())).toEqual([]);
    expect(noteSpoiled({ ...rounds({ a: 1, b: 1 }), spoiled: 1 })).toEqual([
      '1 of 1 rounds had more than a tenth of other load beside them',
    ]);
  });
});
