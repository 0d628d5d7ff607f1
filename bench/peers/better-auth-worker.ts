// better-auth on Workers with its users in D1, by its own adapter. Its hash alone is at /hash.
import { type Auth, betterAuth } from 'better-auth';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { makeOptions } from './better-auth-options.ts';

interface Env {
  /** Absent in bare workerd, where nothing but its start is looked at. */
  readonly DB?: D1Database;
  readonly SECRET: string;
  readonly HASH: string;
}

const PASSWORD = 'seven calm otters';
let auth: Auth | undefined;
let stored: string | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    if (pathname === '/hash') {
      stored ??= await hashPassword(PASSWORD);
      return new Response(String(await verifyPassword({ hash: stored, password: PASSWORD })));
    }
    auth ??= betterAuth(
      makeOptions({ database: env.DB, baseURL: origin, secret: env.SECRET, hash: env.HASH }),
    );
    return auth.handler(request);
  },
};
