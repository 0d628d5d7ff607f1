// VBA's golden exchanges, played against the Worker as npm start has it. README.md beside it traces each to its line of
// the contract.
import { afterAll, expect, it } from 'vitest';
import { expectTraced, play, prepareNames, readScenarios } from '../golden/play.ts';
import { startWorld } from '../golden/world.ts';

const HEADERS = {
  client: [
    'User-Agent: golden/1',
    'x-api-key: {{apiKey}}',
    'vbasoftware-client-id: {{clientId}}',
    'vbasoftware-client-code: {{clientCode}}',
    'vbasoftware-database: {{database}}',
  ],
  otherClient: [
    'User-Agent: golden/1',
    'x-api-key: {{other.apiKey}}',
    'vbasoftware-client-id: {{other.clientId}}',
    'vbasoftware-client-code: {{other.clientCode}}',
    'vbasoftware-database: {{other.database}}',
  ],
  member: ['User-Agent: golden/1', 'x-api-key: {{apiKey}}', 'vbasoftware-database: {{database}}'],
};

const scenarios = readScenarios(import.meta.dirname);
const world = await startWorld({
  main: {},
  other: {
    accessTokenLife: 3600,
    policy: { minLength: 8, maxLength: 30, requireClasses: ['digit', 'symbol'] },
    screening: false,
  },
});
const names = await prepareNames(world, {
  ...Object.fromEntries(Object.entries(HEADERS).map(([name, lines]) => [name, lines.join('\n')])),
  debug: '{"activityID":"<uuid>","activityId":"<uuid>"}',
});

afterAll(world.stop);

it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_, scenario) =>
  play(world, scenario, names),
);

it('the README traces every exchange, and no other', () => {
  expect(scenarios.length).toBeGreaterThan(0);
  expectTraced(import.meta.dirname, scenarios);
});
