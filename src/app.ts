// The app: request id, limits, headers; every path belongs to one dialect, and is refused in its words.
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HonoBase } from 'hono/hono-base';
import { matchedRoutes } from 'hono/route';
import { TrieRouter } from 'hono/router/trie-router';
import { secureHeaders } from 'hono/secure-headers';
import { getPath } from 'hono/utils/url';
import type { Gateway } from './core/gateway.ts';
import type { Meter } from './core/ports.ts';
import { adminDialect } from './dialects/admin/index.ts';
import { commonDialect } from './dialects/common/index.ts';
import { vbaDialect } from './dialects/vba/index.ts';
import { zapDialect } from './dialects/zap/index.ts';
import { zitadelDialect } from './dialects/zitadel/index.ts';
import { nameMethod, writeLog } from './log.ts';
import { MAX_BODY_BYTES } from './wire/body.ts';
import { serveCrossOrigin } from './wire/cors.ts';
import type { AppEnv, Dialect, LoadedDialect, Routes } from './wire/dialect.ts';
import { readSource } from './wire/source.ts';

export interface OpenedRequest {
  readonly activityId: string;
  readonly dialect: string;
  /** As wire/source.ts tells sources apart; null: not known. */
  readonly source: string | null;
  /** Milliseconds; null: none. */
  readonly deadline: number | null;
  /** Keeps the Worker alive for work that nobody waits for. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export interface AppOptions {
  readonly issuer: string;
  readonly timing: boolean;
  readonly isOperator: (key: string) => Promise<boolean>;
  /** Whether a source may ask for so much; null: nobody counts. */
  readonly admitSource: ((source: string) => Promise<boolean>) | null;
  /** The origins whose pages may call a host. */
  readonly listOrigins: (host: string) => readonly string[];
  readonly openGateway: (request: OpenedRequest) => {
    readonly gateway: Gateway;
    readonly meter: Meter;
  };
}

/** The first that owns a path has it; the last owns what is left, since its paths have no prefix. */
export const DIALECTS: readonly [...Dialect[], Dialect] = [
  commonDialect,
  adminDialect,
  zapDialect,
  zitadelDialect,
  vbaDialect,
];

/** Seconds: the longer of the two that a ratelimit binding knows. */
const LIMIT_PERIOD = '60';
const ONE_YEAR = 'max-age=31536000; includeSubDomains';

/** No answer leaves but through these. */
function createBareApp(): Hono<AppEnv> {
  // The one router that our paths need: the others that Hono brings along would only hand them on to it.
  const app: Hono<AppEnv> = new HonoBase<AppEnv>({ router: new TrieRouter() });
  app.use(
    secureHeaders({
      strictTransportSecurity: ONE_YEAR,
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      // For pages, of which there are none, or for browsers that are gone: each costs as much as a middleware.
      crossOriginOpenerPolicy: false,
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
    }),
  );
  return app;
}

/** Without its configuration the Worker serves nothing, and says so to everything. */
export function createMisconfiguredApp(): Hono<AppEnv> {
  const app = createBareApp();
  app.all('*', (c) =>
    c.body(JSON.stringify({ type: 'about:blank', title: 'Misconfigured', status: 500 }), 500, {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    }),
  );
  return app;
}

export interface App {
  readonly fetch: (...request: Parameters<Hono<AppEnv>['fetch']>) => Promise<Response>;
}

/** An app a dialect, made when its first request comes. */
export function createApp(options: AppOptions): App {
  const made = new Map<string, Hono<AppEnv>>();
  const find = async (dialect: Dialect) => {
    const known = made.get(dialect.name);
    if (known !== undefined) return known;
    const loaded = await dialect.load();
    const first = made.get(dialect.name) ?? createDialectApp(options, dialect, loaded);
    made.set(dialect.name, first);
    return first;
  };
  return {
    fetch: async (...request) => {
      const app = await find(findOwner(getPath(request[0])));
      return app.fetch(...request);
    },
  };
}

export function createDialectApp(
  options: AppOptions,
  { name, crossOrigin }: Dialect,
  { readDeadline, mount, refuse }: LoadedDialect,
): Hono<AppEnv> {
  const app = createBareApp();
  app.use(async (c, next) => {
    const startedAt = Date.now();
    const activityId = crypto.randomUUID();
    const deadline = readDeadline?.(c.req.raw.headers, startedAt) ?? null;
    const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
    const source = readSource(c.req.raw.headers);
    const request = { activityId, dialect: name, source, deadline, waitUntil };
    const { gateway, meter } = options.openGateway(request);
    c.set('activityId', activityId);
    c.set('issuer', options.issuer);
    c.set('isOperator', options.isOperator);
    c.set('gateway', gateway);
    await next();
    // Not by c.header: it copies an answer that is there, each time.
    const { headers } = c.res;
    headers.set('x-request-id', activityId);
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    if (options.timing) {
      headers.set('server-timing', `trips;desc="${meter.trips}", links;desc="${meter.links}"`);
    }
    const { trips, links, tenantId, refusal } = meter;
    writeLog({
      level: 'info',
      activityId,
      dialect: name,
      method: nameMethod(c.req.method),
      route: findRoute(c),
      status: c.res.status,
      milliseconds: Date.now() - startedAt,
      trips,
      links,
      tenantId,
      refusal,
    });
  });
  // Not redirected: a client that is would go on sending passwords in the clear first (ASVS 5.0 4.1.2).
  app.use(async (c, next) => (isSecure(c.req.url) ? next() : refuse(c, { kind: 'insecure' })));
  const { admitSource } = options;
  if (admitSource !== null) {
    // Before any work. What is exact is counted in the database (core/flood.ts): this only keeps a flood away from it.
    app.use(async (c, next) => {
      const source = readSource(c.req.raw.headers);
      if (source === null || (await admitSource(source))) return next();
      c.header('retry-after', LIMIT_PERIOD);
      return refuse(c, { kind: 'flooded' });
    });
  }
  if (crossOrigin !== undefined) {
    // Before anything is refused: a page may read a refusal too.
    const listOrigins = (c: Context) => options.listOrigins(new URL(c.req.url).hostname);
    app.use((c, next) => serveCrossOrigin(c, next, crossOrigin, () => listOrigins(c)));
  }
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => refuse(c, { kind: 'too-large' }) }));
  const routes: Routes = { app, fallbacks: [] };
  mount(routes);
  for (const addFallback of routes.fallbacks) addFallback();
  app.notFound((c) => refuse(c, { kind: 'not-found' }));
  app.onError((error, c) => {
    logError(error, c.get('activityId'), name);
    return refuse(c, { kind: 'internal' });
  });
  return app;
}

/** Names under localhost are the machine's own (RFC 6761 section 6.3). */
function isSecure(address: string): boolean {
  if (address.startsWith('https://')) return true;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || /^(?:(?:.+\.)?localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

function findOwner(path: string): Dialect {
  return DIALECTS.find((dialect) => dialect.owns(path)) ?? vbaDialect;
}

/** The pattern, never the path. What is asked of many routes stands before them, under a wider pattern. */
function findRoute(c: Context): string {
  const patterns = matchedRoutes(c).flatMap(({ path }) => (path === '/*' ? [] : [path]));
  return patterns.find((pattern) => !pattern.endsWith('*')) ?? patterns.at(-1) ?? 'unmatched';
}

/** An error's message may hold what it was about, so only its kind and its place in the code are told. */
function logError(error: Error, activityId: string, dialect: string): void {
  writeLog({ level: 'error', activityId, dialect, error: error.name, at: findPlace(error) });
}

/** The stack's first frame. The message stands before the frames, and a line of it may look like one. */
function findPlace({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  const frames = start < 0 ? '' : stack.slice(start + message.length);
  return /^ *(at .*)$/m.exec(frames)?.[1] ?? '';
}
