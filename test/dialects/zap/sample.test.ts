// The request that the vendor's documentation shows, under the policy of the system that it documents.
import { describe, expect, it } from 'vitest';
import * as t from '../../support/tenant.ts';
import { call, expectData, expectFailure, expectUpdated } from './call.ts';

describe("the documentation's own sample", () => {
  const SAMPLE = {
    userId: '43af9a8989ffb63cc9cdd0537',
    email: 'adminagent@zap.com',
    oldPassword: 'P@ssw0rd',
    newPassword: 'n3wP@ssw0rd',
  };

  it('works under the policy of the old system, without its trailing comma', async () => {
    const own = await t.makeTenant({
      // Its old password is one of the most common.
      settings: {
        policy: { minLength: 8, maxLength: 30, requireClasses: ['digit', 'symbol'] },
        screening: false,
      },
    });
    const { userId, email, oldPassword } = SAMPLE;
    const made = await t.admin('POST', `/tenants/${own.orgId}/users`, {
      userId,
      email,
      password: oldPassword,
      role: 'admin',
    });
    expect(made.status).toBe(201);
    const token = await t.zapToken(own, { userId, email, username: '', password: oldPassword });
    const sample = JSON.stringify(SAMPLE, null, 8);
    const slip = sample.replace('"\n}', '",\n}');
    expect(slip).toContain(',\n}');
    const ask = (body: string) => call(own, '/v1/changePassword/', { token, body });
    expectFailure(await ask(slip), 400);
    const weak = await ask(sample.replace('n3wP@ssw0rd', 'newPassword'));
    const text = expectFailure(weak, 400);
    expect(text).toMatch(/digit/);
    expect(text).toMatch(/special/);
    expectUpdated(await ask(sample));
    expectData(await t.zapLogin(own, email, SAMPLE.newPassword));
  });
});
