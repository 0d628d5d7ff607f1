// ZAP's golden exchanges, played against the Worker as npm start has it. README.md beside it traces each to its line of
// the contract.
import { afterAll, expect, it } from 'vitest';
import { expectTraced, play, prepareNames, readScenarios } from '../golden/play.ts';
import { startWorld } from '../golden/world.ts';

const scenarios = readScenarios(import.meta.dirname);
const world = await startWorld({
  // As the vendor's own system has it, so that its samples work as they are: the old password of its documentation
  // stands on every list of common ones.
  main: {
    policy: { minLength: 8, maxLength: 30, requireClasses: ['digit', 'symbol'] },
    screening: false,
  },
  other: { requireSecureOtp: true },
});
const names = await prepareNames(world, {});

afterAll(world.stop);

it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_, scenario) =>
  play(world, scenario, names),
);

it('the README traces every exchange, and no other', () => {
  expect(scenarios.length).toBeGreaterThan(0);
  expectTraced(import.meta.dirname, scenarios);
});
