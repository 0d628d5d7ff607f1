// Which pages of other origins may call, and read what is answered: those that the operator listed for the host, and no
// other. Nothing is reflected that is not on the list, and no page ever borrows a cookie or a stored password.
import type { Next } from 'hono';
import type { AppContext } from './dialect.ts';

/** What a listed page may do at a dialect. */
export interface CrossOrigin {
  readonly methods: readonly string[];
  readonly requestHeaders: readonly string[];
  /** Beside those that every page may read. */
  readonly responseHeaders: readonly string[];
}

/** Seconds; no browser keeps a preflight's answer longer. */
const PREFLIGHT_LIFE = '7200';

/** `listOrigins`: exact ones, of the host that is called. A page that is not among them is answered as a program is, and its browser keeps that from it. */
export async function serveCrossOrigin(
  c: AppContext,
  next: Next,
  { methods, requestHeaders, responseHeaders }: CrossOrigin,
  listOrigins: () => readonly string[],
): Promise<Response | undefined> {
  const origin = c.req.header('origin');
  const listed = origin === undefined ? null : find(listOrigins(), origin);
  if (listed !== null && isPreflight(c)) {
    return c.body(null, 204, {
      vary: 'Origin',
      'access-control-allow-origin': listed,
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': requestHeaders.join(', '),
      'access-control-max-age': PREFLIGHT_LIFE,
    });
  }
  await next();
  // Whoever keeps the answer must not give it to a page of another origin.
  const { headers } = c.res;
  headers.append('vary', 'Origin');
  if (listed === null) return undefined;
  headers.set('access-control-allow-origin', listed);
  headers.set('access-control-expose-headers', responseHeaders.join(', '));
  return undefined;
}

function find(origins: readonly string[], origin: string): string | null {
  return origins.find((one) => one === origin) ?? null;
}

function isPreflight(c: AppContext): boolean {
  const asked = c.req.header('access-control-request-method');
  return c.req.method === 'OPTIONS' && asked !== undefined;
}
