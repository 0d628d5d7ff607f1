// One table of scenarios through every client and transport: the same outcome in each, against the running Worker and
// bridge. README.md beside it traces each scenario to its line of the contract.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeConnectClients } from './connect-clients.ts';
import { makeGrpcJsClient } from './grpc-js-client.ts';
import { PASSWORD_SCENARIOS } from './password-scenarios.ts';
import { makeRestClient, makeTextClient } from './plain-clients.ts';
import { change, expectError, expectOk, type Scenario, setScene } from './scenario.ts';
import { SERVICE_SCENARIOS } from './service-scenarios.ts';
import { newPassword, startWorld } from './world.ts';

const SCENARIOS: readonly Scenario[] = [...PASSWORD_SCENARIOS, ...SERVICE_SCENARIOS];

const world = await startWorld();
const grpcJs = makeGrpcJsClient(world.grpcUrl);
const CLIENTS = [
  makeRestClient(world.url),
  ...makeConnectClients(world.url, world.grpcUrl),
  grpcJs,
  makeTextClient(world.url),
];

afterAll(async () => {
  grpcJs.close();
  await world.stop();
});

describe.each(CLIENTS.map((client) => [client.name, client] as const))('%s', (_, client) => {
  const scene = setScene(world, client);
  for (const scenario of SCENARIOS) {
    it.skipIf(scenario.bare === true && client.alwaysBearer)(scenario.name, () =>
      scenario.run(scene),
    );
  }
});

it('a change by each client is seen at once by the next', async () => {
  const user = await world.makeUser(world.tenant);
  let current = user.password;
  for (const client of CLIENTS) {
    const scene = setScene(world, client);
    const stale = await change(scene, user.userId, newPassword(), {
      currentPassword: 'not this one',
    });
    expectError(stale, 3, 'COMMAND-3M0fs', 'Password is invalid');
    const wanted = newPassword();
    expectOk(await change(scene, user.userId, wanted, { currentPassword: current }));
    current = wanted;
  }
  expect(await world.tryVba(world.tenant, user, current)).toBe(200);
  expect(await world.tryZap(world.tenant, user, current)).toBe(200);
});

it('every scenario is in the table of the README, with its line of the contract', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const rows = SCENARIOS.map(({ name, contract }) => `| ${name} | ${contract} |`);
  expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
});
