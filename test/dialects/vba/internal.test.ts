// What is our own fault: 500 in the envelope, generic, and found in the log by its activity id.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFaultyEnv } from '../../support/faulty.ts';
import * as t from '../../support/tenant.ts';
import { expectError, expectTokens } from './call.ts';

let tenant: t.TestTenant;

beforeAll(async () => {
  tenant = await t.makeTenant();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The lines that were logged while `work` ran. */
async function logOf<T>(work: () => Promise<T>): Promise<{ value: T; lines: string[] }> {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line) => lines.push(String(line)));
  return { value: await work(), lines };
}

describe('a database that fails', () => {
  it.each([0, 1])('in batch %i of a sign-in is told as nothing but an id', async (batch) => {
    const user = await t.makeUser(tenant);
    const { on } = makeFaultyEnv({ kind: 'at-statement', batch, statement: 0 });
    const { value: answer, lines } = await logOf(() =>
      t.vbaSignIn(tenant, user.userId, user.password, on),
    );
    expectError(answer, 500, '/user-authentication');
    expect(answer.text).not.toMatch(/tenant|NULL|constraint|D1|SQL|Error:| at /);
    expect(lines).toHaveLength(1);
    const line = lines[0] ?? '';
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      activityId: answer.body.debug.activityID,
      dialect: 'vba',
    });
    for (const secret of [user.userId, user.password, tenant.apiKey]) {
      expect(line).not.toContain(secret);
    }
    expectTokens(await t.vbaSignIn(tenant, user.userId, user.password));
  });

  it('while the password is changed leaves the session open', async () => {
    const user = await t.makeUser(tenant, { temporary: true });
    const session = await t.openChallenge(tenant, user);
    const body = { userID: user.userId, newPassword: t.newPassword(), session };
    const { on } = makeFaultyEnv({ kind: 'at-statement', batch: 1, statement: 2 });
    const { value: answer } = await logOf(() => t.vbaChange(tenant, body, on));
    expectError(answer, 500, '/change-temporary-password');
    expect((await t.readUser(tenant, user.userId)).passwordVersion).toBe(1);
    expectTokens(await t.vbaChange(tenant, body));
  });
});
