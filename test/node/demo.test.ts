// The demo of a deployment that was set up as it will be, before the operator's door.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { prepareDemo } from '../../src/node/demo.ts';
import type { Operator } from '../../src/node/operator.ts';
import { findState, makeFolder } from '../../src/node/state.ts';
import { makeHome } from '../support/instance.ts';

const home = makeHome();
const PLACE = { url: 'http://127.0.0.1', grpcUrl: 'http://127.0.0.1:81', adminKey: 'k' };

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

it.each([true, false])('sends letters where there is what sends them: %s', async (sendsEmail) => {
  vi.stubEnv('REKEY_HOME', join(home, String(sendsEmail)));
  const state = findState();
  makeFolder(state.folder);
  const settings: object[] = [];
  const operator: Operator = {
    createTenant: async (tenant) => `org-${settings.push(tenant.settings)}`,
    createKey: async () => 'key',
    createUser: async () => {},
    hasUser: async () => true,
  };
  await prepareDemo(operator, state, PLACE, sendsEmail);
  expect(settings.map((one) => 'delivery' in one)).toEqual([sendsEmail, sendsEmail]);
});
