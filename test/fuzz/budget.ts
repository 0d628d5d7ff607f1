// How long to go on: a fixed number of inputs, the same ones each time; or, by hand, as many as the minutes allow.
import fc from 'fast-check';
import { expect, inject } from 'vitest';

const MINUTE = 60_000;

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
  const bounds =
    minutes === 0
      ? { numRuns: options.runs }
      : {
          numRuns: Number.MAX_SAFE_INTEGER,
          interruptAfterTimeLimit: minutes * options.share * MINUTE,
        };
  await fc.assert(property, { seed, ...bounds });
  if (minutes > 0) report(count);
  expect(count).toBeGreaterThanOrEqual(Math.min(options.runs, 1));
}

/** Past the console, which is watched. */
function report(count: number): void {
  const { currentTestName } = expect.getState();
  globalThis.console.log(`${currentTestName}: ${count} inputs`);
}

/** For a test of such a share. */
export function allow(share: number): number {
  return 2 * MINUTE + inject('fuzz').minutes * share * MINUTE;
}
