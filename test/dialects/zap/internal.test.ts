// What is our own fault: 500 in ZAP's failure shape, generic, and found in the log by the request id.
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { makeFaultyEnv } from '../../support/faulty.ts';
import type { Answer } from '../../support/rekey.ts';
import * as t from '../../support/tenant.ts';
import { expectData, expectFailure, expectUpdated } from './call.ts';

let tenant: t.TestTenant;
let user: t.TestUser;
let lines: string[];

beforeAll(async () => {
  tenant = await t.makeTenant();
  user = await t.makeUser(tenant);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function watchLog(): void {
  lines = [];
  vi.spyOn(console, 'error').mockImplementation((line) => lines.push(String(line)));
}

function expectInternal(answer: Answer): void {
  expect(expectFailure(answer, 500)).toBe('An error occured while processing the request');
  expect(lines).toHaveLength(1);
  const line = lines[0] ?? '';
  const activityId = answer.headers.get('x-request-id');
  expect(JSON.parse(line)).toMatchObject({ level: 'error', activityId, dialect: 'zap' });
  for (const secret of [user.userId, user.email, user.password]) expect(line).not.toContain(secret);
}

it('a login is told as nothing but an id', async () => {
  watchLog();
  const { on } = makeFaultyEnv({ kind: 'at-statement', batch: 0, statement: 0 });
  expectInternal(await t.zapLogin(tenant, user.email, user.password, on));
  expectData(await t.zapLogin(tenant, user.email, user.password));
});

it('a change is told as nothing but an id, and can be asked for again', async () => {
  const token = await t.zapToken(tenant, user);
  const { userId, email, password } = user;
  const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
  watchLog();
  const { on } = makeFaultyEnv({ kind: 'at-statement', batch: 1, statement: 1 });
  expectInternal(await t.zapChange(tenant, token, body, on));
  expect((await t.readUser(tenant, userId)).passwordVersion).toBe(1);
  expectUpdated(await t.zapChange(tenant, token, body));
});
