// With a ratelimit binding a source that asks too much is refused before any work, in the words of each dialect.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { type Env, measure, send } from './support/rekey.ts';

const MOST = 3;
const DOORS = {
  vba: '/user-authentication',
  zap: '/v1/login',
  'zitadel rest': '/v2/sessions',
  'zitadel connect': '/zitadel.user.v2.UserService/SetPassword',
  admin: '/admin/tenants',
  common: '/healthz',
} as const;

let networks = 0;

/** A source that nobody used yet. */
function findSource(): string {
  networks += 1;
  return `2001:db8:${networks.toString(16)}:1::1`;
}

function withLimit(limiter: unknown): Env {
  return { ...(env as unknown as Env), SOURCE_LIMIT: limiter };
}

const on = withLimit((env as unknown as Env)['THREE_A_MINUTE']);

function ask(path: string, address: string | null, at = on) {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (address !== null) headers['cf-connecting-ip'] = address;
  return send(path, { method: path === DOORS.common ? 'GET' : 'POST', headers }, at);
}

describe('a source that asks too much', () => {
  it.each(Object.entries(DOORS))(
    'is refused by %s, and told when to come again',
    async (name, path) => {
      const source = findSource();
      for (let i = 0; i < MOST; i += 1) expect((await ask(path, source)).status).not.toBe(429);
      const { value, cost } = await measure((watched) =>
        ask(path, source, Object.assign(withLimit(on['SOURCE_LIMIT']), { DB: watched['DB'] })),
      );
      expect(value.status).toBe(429);
      expect(value.headers.get('retry-after')).toBe('60');
      expect(value.headers.get('cache-control')).toBe('no-store');
      expect(cost.trips).toBe(0);
      const shapes: Record<string, object> = {
        vba: { data: null, error: { status: 429 } },
        zap: { success: false },
        'zitadel rest': { code: 8 },
        'zitadel connect': { code: 'resource_exhausted' },
        admin: { status: 429 },
        common: { status: 429 },
      };
      expect(value.body).toMatchObject(shapes[name] ?? {});
    },
  );

  it('is its whole /64, and stops no other', async () => {
    const source = findSource();
    const neighbour = source.replace('::1', ':a:b:c:d');
    for (let i = 0; i < MOST; i += 1) await ask(DOORS.zap, i % 2 === 0 ? source : neighbour);
    expect((await ask(DOORS.zap, neighbour)).status).toBe(429);
    expect((await ask(DOORS.zap, findSource())).status).not.toBe(429);
  });

  it('is nobody when it is not known', async () => {
    for (let i = 0; i < MOST * 3; i += 1) {
      expect((await ask(DOORS.zap, null)).status).not.toBe(429);
      expect((await ask(DOORS.zap, 'nowhere')).status).not.toBe(429);
    }
  });

  it('is let in when the limiter fails, for it guards nothing by itself', async () => {
    const broken = withLimit({ limit: () => Promise.reject(new Error('out of order')) });
    expect((await ask(DOORS.zap, findSource(), broken)).status).not.toBe(429);
  });
});
