// What holds for every path before any dialect has it: nothing is served in the clear but to this machine itself.
import { describe, expect, it } from 'vitest';
import { send } from './support/rekey.ts';

const HOSTS = ['rekey.example', 'localhost.example', '127.0.0.1.example', '10.0.0.1', '0.0.0.0'];

describe('http from elsewhere is refused with 403, in the dialect’s own shape, and not redirected', () => {
  it.each([
    ['/user-authentication', { data: null, error: { status: 403, detail: 'HTTPS is required.' } }],
    ['/v1/login', { success: false, data: 'HTTPS is required', message: 'HTTPS is required' }],
    ['/v2/users/u/password', { code: 7, message: 'HTTPS is required', details: [] }],
    ['/admin/tenants', { title: 'Forbidden', status: 403, detail: 'HTTPS is required.' }],
  ])('%s', async (path, body) => {
    for (const host of HOSTS) {
      const init = { method: 'POST', headers: { 'x-forwarded-proto': 'https' }, body: '{}' };
      const answer = await send(`http://${host}${path}`, init);
      expect([host, answer.status, answer.headers.get('location')]).toEqual([host, 403, null]);
      expect(answer.body).toMatchObject(body);
      expect(answer.headers.get('server-timing')).toBe('trips;desc="0", links;desc="0"');
    }
  });

  it('over Connect', async () => {
    const answer = await send('http://rekey.example/zitadel.user.v2.UserService/SetPassword', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'permission_denied', message: 'HTTPS is required' });
  });
});

it.each([
  'https://rekey.example',
  'http://localhost',
  'http://t1.eu.localhost:8787',
  'http://127.0.0.1:8787',
  'http://[::1]:8787',
])('%s is served', async (origin) => {
  expect((await send(`${origin}/healthz`)).status).toBe(200);
});
