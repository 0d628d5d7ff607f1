// A caller that has stopped waiting: nothing is changed for it any more, and what was changed is told.

import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { delayed } from '../support/delayed.ts';
import { ORIGIN, send } from '../support/rekey.ts';
import { makeTenant, makeUser, newPassword, readUser, vbaSignIn } from '../support/tenant.ts';

const tenant = await makeTenant();

async function change(userId: string, headers: Record<string, string>, on = delayed(env, 0)) {
  const user = { userId };
  return send(
    `${ORIGIN}/v2/users/${user.userId}/password`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.serviceToken}`, ...headers },
      body: JSON.stringify({ newPassword: { password: newPassword() } }),
    },
    on,
  );
}

describe('a deadline', () => {
  it.each([
    ['grpc-timeout', '50m'],
    ['connect-timeout-ms', '50'],
  ])('by %s that passes before the commit leaves the password', async (name, value) => {
    const user = await makeUser(tenant);
    const answer = await change(user.userId, { [name]: value }, delayed(env, 100));
    expect([answer.status, answer.body.code]).toEqual([504, 4]);
    expect((await readUser(tenant, user.userId)).passwordVersion).toBe(1);
    expect((await vbaSignIn(tenant, user.userId, user.password)).status).toBe(200);
  });

  it('that is far away changes nothing about a change', async () => {
    const user = await makeUser(tenant);
    const answer = await change(user.userId, { 'grpc-timeout': '1M' }, delayed(env, 20));
    expect(answer.status).toBe(200);
    expect((await readUser(tenant, user.userId)).passwordVersion).toBe(2);
  });

  it('holds for users that are made and deleted too', async () => {
    const headers = { authorization: `Bearer ${tenant.serviceToken}`, 'grpc-timeout': '50m' };
    const body = JSON.stringify({
      userId: 'late-comer',
      profile: { givenName: 'Late', familyName: 'Comer' },
      email: { email: 'late@mail.example', isVerified: true },
    });
    const slow = delayed(env, 100);
    const made = await send(`${ORIGIN}/v2/users/human`, { method: 'POST', headers, body }, slow);
    expect(made.body.code).toBe(4);
    const user = await makeUser(tenant);
    const path = `${ORIGIN}/v2/users/${user.userId}`;
    expect((await send(path, { method: 'DELETE', headers }, slow)).body.code).toBe(4);
    expect((await readUser(tenant, user.userId)).passwordVersion).toBe(1);
    const { 'grpc-timeout': _, ...patient } = headers;
    expect((await send(`${ORIGIN}/v2/users/late-comer`, { headers: patient })).status).toBe(404);
  });

  it('is nobody else’s: the other dialects do not know the headers', async () => {
    const user = await makeUser(tenant);
    expect((await vbaSignIn(tenant, user.userId, user.password, delayed(env, 5))).status).toBe(200);
  });
});
