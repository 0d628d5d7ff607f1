// The operator has what the peppers seal sealed anew: who may ask, and where a portion may begin. What it does to the rows is
// in test/invariants/rewrap.test.ts.
import { describe, expect, it } from 'vitest';
import { send } from '../../support/rekey.ts';
import { admin, makeTenant } from '../../support/tenant.ts';

describe('the door of a rewrap', () => {
  it('is the operator’s alone', async () => {
    const { serviceToken } = await makeTenant();
    for (const authorization of ['', 'Bearer wrong', `Bearer ${serviceToken}`]) {
      const init = { method: 'POST', headers: { authorization }, body: '{}' };
      expect((await send('/admin/rewrap', init)).status).toBe(401);
    }
  });

  it.each([
    [404, { place: 'nowhere', table: 'credential', after: [] }],
    [404, { place: 'db', table: 'account', after: [] }],
    [404, { place: 'db', table: 'constructor', after: [] }],
    [400, { place: 'db', table: 'credential' }],
    [400, { place: 'db', table: 'credential', after: 'a' }],
    [400, { place: 'db', table: 'credential', after: [1] }],
    [400, { place: 'db', table: 'credential', after: ['a', 'b', 'c', 'd'] }],
    [400, 'db'],
    [400, null],
  ])('answers %d to what is no place to begin: %j', async (status, from) => {
    const answer = await admin('POST', '/rewrap', { from });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});
