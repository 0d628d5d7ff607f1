// Which requests REST knows: the paths of the descriptors, and what of a request each method reads.
import { beforeAll, describe, expect, it } from 'vitest';
import { listBindings } from '../../../src/dialects/zitadel/bindings.ts';
import { readSuccessStatus, SessionService } from '../../../src/dialects/zitadel/descriptors.ts';
import { findMethod } from '../../../src/dialects/zitadel/service.ts';
import { send } from '../../support/rekey.ts';
import { makeTenant, makeUser, type TestTenant } from '../../support/tenant.ts';

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

const bindings = listBindings();

function describeAll(): string[] {
  return bindings.map(({ verb, template, method }) => `${verb} ${template} ${method.name}`);
}

describe('the bindings', () => {
  it('are those of three services, and the two that the package lacks', () => {
    expect(bindings.length).toBeGreaterThan(60);
    expect(describeAll()).toEqual(
      expect.arrayContaining([
        'POST /v2/users/new CreateUser',
        'PATCH /v2/users/{user_id} UpdateUser',
        'POST /v2/users/{user_id}/password SetPassword',
        'POST /v2/sessions CreateSession',
        'DELETE /v2/sessions/{session_id} DeleteSession',
        'GET /v2/settings/password/complexity GetPasswordComplexitySettings',
      ]),
    );
  });

  it('give no request to two methods', () => {
    const requests = bindings.map(({ verb, template }) => `${verb} ${template}`);
    expect(new Set(requests).size).toBe(requests.length);
  });

  it('put a literal before a parameter', () => {
    const all = describeAll();
    const literal = all.findIndex((line) => line.includes('passkeys/registration_link'));
    const parameter = all.findIndex((line) => line.includes('passkeys/{passkey_id} Verify'));
    expect(literal).toBeGreaterThanOrEqual(0);
    expect(parameter).toBeGreaterThan(literal);
  });

  it('say what a success is', () => {
    expect(readSuccessStatus(SessionService.method.createSession)).toBe(201);
    expect(readSuccessStatus(SessionService.method.setSession)).toBe(200);
  });
});

describe('every request of a method that nothing serves', () => {
  it('is unimplemented', async () => {
    const open = bindings.filter(({ method }) => findMethod(method) === null);
    for (const { verb, template } of open) {
      const answer = await send(template.replaceAll(/\{\w+\}/g, 'x'), {
        method: verb,
        headers: { authorization: `Bearer ${tenant.serviceToken}` },
        body: verb === 'GET' ? null : '{',
      });
      expect([template, answer.status, answer.body]).toEqual([
        template,
        501,
        { code: 12, message: 'Not Implemented', details: [] },
      ]);
    }
  });
});

describe('a request of a method that is served', () => {
  const COMPLEXITY = '/v2/settings/password/complexity';
  const ask = (path: string, init: RequestInit = {}) =>
    send(path, { ...init, headers: { authorization: `Bearer ${tenant.serviceToken}` } });

  it.each(['', '?ctx.orgId={org}', '?ctx.org_id={org}'])('reads its query: "%s"', async (query) => {
    const answer = await ask(COMPLEXITY + query.replace('{org}', tenant.orgId));
    expect([answer.status, answer.body.settings?.minLength]).toEqual([200, '15']);
  });

  it.each(['ctx.instance=canary', 'ctx=canary', 'ctx.orgId=canary&ctx.instance=true'])(
    'refuses a wrong query, and does not quote it: "%s"',
    async (query) => {
      const answer = await ask(`${COMPLEXITY}?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, 3]);
      expect(answer.text + JSON.stringify([...answer.headers])).not.toContain('canary');
    },
  );

  it('by GET is answered to HEAD without a body', async () => {
    const answer = await ask(COMPLEXITY, { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('is answered with the status that its descriptor says', async () => {
    const user = await makeUser(tenant);
    const answer = await ask('/v2/sessions', {
      method: 'POST',
      body: JSON.stringify({ checks: { user: { userId: user.userId } } }),
    });
    expect([answer.status, answer.body.sessionId]).toEqual([201, expect.any(String)]);
  });
});
