// Random sequences of every operation, over two tenants and their users, with retries, moves of the clock and broken
// databases, against a plain model of what must come of each.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { cheapenHashes } from '../support/cheap-hashes.ts';
import { watchLogs } from '../support/logs.ts';
import { setAddress } from '../support/rekey.ts';
import { watchFetch } from '../support/webhook.ts';
import { play, type Stage } from './play.ts';
import { watchDatabases } from './real.ts';
import { sequences } from './steps.ts';

const { seed, runs, path } = inject('model');
/** Whatever is not done by then is left, on a slow machine or while a failure is shrunk. A run takes about a second. */
const LIMIT = 60_000 + runs * 3000;

let stage: Stage;

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  cheapenHashes();
  watchFetch();
  stage = { watched: watchDatabases(), beside: watchDatabases(), logs: watchLogs() };
});

afterAll(() => {
  stage.logs.stop();
  setAddress(null);
  vi.useRealTimers();
});

it(
  `does what the model says, whatever comes (seed ${seed}, ${runs} runs)`,
  async () => {
    let requests = 0;
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        requests += await play(stage, sequence);
      }),
      { seed, path, numRuns: runs, interruptAfterTimeLimit: LIMIT },
    );
    expect(requests).toBeGreaterThan(runs);
  },
  LIMIT + 60_000,
);
