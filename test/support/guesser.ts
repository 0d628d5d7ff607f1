// Guesses at a password from one address and another, at every door that takes one.
import { expect } from 'vitest';
import { type Answer, send } from './rekey.ts';
import * as t from './tenant.ts';

export const LIMIT = 10;
export const WRONG = 'pelican under a copper moon';
export const HOME = '203.0.113.20';
export const ELSEWHERE = '198.51.100.4';

type Headers = Record<string, string>;
type Door = (user: t.TestUser, password: string, from: Headers) => Promise<Answer>;

export const DOORS = ['vba sign-in', 'zap login', 'zitadel session', 'zitadel change'] as const;

export type Guesser = ReturnType<typeof createGuesser>;

export function at(address: string): Headers {
  return { 'cf-connecting-ip': address };
}

export function createGuesser(tenant: t.TestTenant) {
  const doors: Record<(typeof DOORS)[number], Door> = {
    'vba sign-in': (user, password, from) =>
      send('/user-authentication', {
        method: 'POST',
        headers: {
          ...t.vbaHeaders(tenant),
          ...from,
          authorization: t.basic(user.userId, password),
        },
      }),
    'zap login': (user, password, from) =>
      send(`http://${tenant.host}:8787/v1/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...from },
        body: JSON.stringify({ identity: user.email, password }),
      }),
    'zitadel session': (user, password, from) =>
      post('/v2/sessions', from, {
        checks: { user: { userId: user.userId }, password: { password } },
      }),
    'zitadel change': (user, password, from) =>
      post(`/v2/users/${user.userId}/password`, from, {
        newPassword: { password: t.newPassword() },
        currentPassword: password,
      }),
  };

  function post(path: string, from: Headers, body: unknown): Promise<Answer> {
    return send(path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tenant.serviceToken}`,
        'content-type': 'application/json',
        ...from,
      },
      body: JSON.stringify(body),
    });
  }

  function signIn(user: t.TestUser, password: string, address: string): Promise<Answer> {
    return doors['vba sign-in'](user, password, at(address));
  }

  async function guess(user: t.TestUser, address: string, times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      expect((await signIn(user, WRONG, address)).status).toBe(401);
    }
  }

  /** As if so many guesses had been made before, and their waits were over. */
  async function setGuesses(user: t.TestUser, failures: number): Promise<void> {
    await run('UPDATE lane SET failures = ? WHERE tenant_id = ? AND user_id = ?', failures, user);
    await waitOut();
  }

  async function waitOut(): Promise<void> {
    await t
      .databaseOf(tenant)
      .prepare('UPDATE throttle SET blocked_until = 0 WHERE tenant_id = ?')
      .bind(tenant.orgId)
      .run();
  }

  async function run(sql: string, value: number, user: t.TestUser): Promise<void> {
    await t.databaseOf(tenant).prepare(sql).bind(value, tenant.orgId, user.userId).run();
  }

  async function readLanes(user: t.TestUser): Promise<Record<string, unknown>[]> {
    const { results } = await t
      .databaseOf(tenant)
      .prepare(
        'SELECT source, failures, signed_in_at FROM lane WHERE tenant_id = ? AND user_id = ? ORDER BY source',
      )
      .bind(tenant.orgId, user.userId)
      .all();
    return results;
  }

  return { doors, post, signIn, guess, setGuesses, waitOut, run, readLanes };
}
