// How long to go on: a fixed number of inputs, the same ones each time; or, by hand, as many as the minutes allow.
import fc from 'fast-check';
import { afterAll, expect, inject } from 'vitest';

const MINUTE = 60_000;

const counts: string[] = [];

/** The last of all, when nobody watches the console any more. */
afterAll(() => {
  if (inject('fuzz').minutes > 0) console.log(counts.join('\n'));
});

/** `share`: of the minutes. */
export async function fuzz<T>(
  inputs: fc.Arbitrary<T>,
  options: { readonly runs: number; readonly share: number },
  check: (input: T) => void | Promise<void>,
): Promise<void> {
  const { seed, minutes } = inject('fuzz');
  let count = 0;
  const property = fc.asyncProperty(inputs, async (input) => {
    count += 1;
    await check(input);
  });
  // By then a failure has been shrunk for long enough, too.
  const limit = minutes === 0 ? MINUTE : minutes * options.share * MINUTE;
  const numRuns = minutes === 0 ? options.runs : Number.MAX_SAFE_INTEGER;
  await fc.assert(property, { seed, numRuns, interruptAfterTimeLimit: limit });
  counts.push(`${count} inputs: ${expect.getState().currentTestName}`);
  expect(count).toBeGreaterThanOrEqual(Math.min(options.runs, 1));
}

/** For a test of such a share. */
export function allow(share: number): number {
  return 2 * MINUTE + inject('fuzz').minutes * share * MINUTE;
}
