// The passwords that a tenant remembers are sealed anew with the others, or they could come again once a pepper is gone.
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Answer, Env } from '../support/rekey.ts';
import { findRotation, makeEnv, readActiveId, withoutOld } from '../support/rotations.ts';
import * as t from '../support/tenant.ts';

const ROTATED = findRotation('pepper');
const OLD = readActiveId(env as never, 'PEPPER_KEYS');
const ACTIVE = readActiveId(ROTATED, 'PEPPER_KEYS');
const AFTER = makeEnv(ROTATED);
const DROPPED = makeEnv(withoutOld(ROTATED, 'PEPPER_KEYS'));

async function listRemembered(tenant: t.TestTenant): Promise<string[]> {
  const { results } = await env.DB.prepare(
    'SELECT hash FROM password_history WHERE tenant_id = ? ORDER BY version',
  )
    .bind(tenant.orgId)
    .all<{ hash: string }>();
  return results.map(({ hash }) => hash);
}

it('passwords of before are still refused when the pepper that sealed them is gone', async () => {
  const tenant = await t.makeTenant({ settings: { history: 4 } });
  const user = await t.makeUser(tenant);
  const set = (password: string, on?: Env): Promise<Answer> => {
    const body = { newPassword: { password } };
    return t.zitadelChange(tenant.serviceToken, user.userId, body, on);
  };
  const passwords = [t.newPassword(), t.newPassword()];
  for (const password of passwords) expect((await set(password)).status).toBe(200);
  const before = await listRemembered(tenant);
  expect(before).toHaveLength(2);
  for (const hash of before) expect(hash).toContain(`,k=${OLD}$`);

  const from = { place: 'db', table: 'password_history', after: [tenant.orgId] };
  const rewrapped = await t.admin('POST', '/rewrap', { from }, AFTER);
  expect(rewrapped.body).toMatchObject({ resealed: 2, outpaced: 0, unopened: 0 });
  for (const hash of await listRemembered(tenant)) expect(hash).toContain(`,k=${ACTIVE}$`);
  await t.admin('POST', '/rewrap', { from: { ...from, table: 'credential' } }, AFTER);

  for (const password of [user.password, passwords[0] ?? '']) {
    expect((await set(password, DROPPED)).status).toBe(400);
  }
  expect((await set(t.newPassword(), DROPPED)).status).toBe(200);
});

it('a portion goes on behind the row where the last one ended', async () => {
  const tenant = await t.makeTenant({ settings: { history: 4 } });
  const user = await t.makeUser(tenant);
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
     INSERT INTO password_history (tenant_id, user_id, version, hash) SELECT ?1, ?2, i, 'x' || i FROM n`,
  )
    .bind(tenant.orgId, user.userId)
    .run();
  const from = { place: 'db', table: 'password_history', after: [tenant.orgId] };
  const first = await t.admin('POST', '/rewrap', { from }, AFTER);
  expect(first.body.next).toEqual({ ...from, after: [tenant.orgId, user.userId, '200'] });
  expect(first.body).toMatchObject({ resealed: 0, unopened: 200 });
  const second = await t.admin('POST', '/rewrap', { from: first.body.next }, AFTER);
  expect(second.body).toMatchObject({ unopened: 50 });
});
