// The app: request id, limits, headers; every path belongs to one dialect, and is refused in its words.
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HonoBase } from 'hono/hono-base';
import { matchedRoutes } from 'hono/route';
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
import type {
  AppContext,
  AppEnv,
  Dialect,
  LoadedDialect,
  Refusal,
  Routes,
} from './wire/dialect.ts';
import { RememberingRouter } from './wire/router.ts';
import { setSecurityHeaders } from './wire/security-headers.ts';
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

type OutrightFault = Extract<Refusal['kind'], 'insecure' | 'flooded'>;

/** Seconds: the longer of the two that a ratelimit binding knows. */
const LIMIT_PERIOD = '60';

/** Without its configuration the Worker serves nothing, and says so to everything. */
export function answerMisconfigured(): Response {
  const problem = { type: 'about:blank', title: 'Misconfigured', status: 500 };
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  setSecurityHeaders(headers);
  return new Response(JSON.stringify(problem), { status: 500, headers });
}

export interface App {
  readonly fetch: (...request: Parameters<Hono<AppEnv>['fetch']>) => Promise<Response>;
}

/** An app a dialect, made when its first request comes. */
export function createApp(options: AppOptions): App {
  const made = new Map<string, Hono<AppEnv>>();
  const load = async (dialect: Dialect) => {
    const loaded = await dialect.load();
    const first = made.get(dialect.name) ?? createDialectApp(options, dialect, loaded);
    made.set(dialect.name, first);
    return first;
  };
  return {
    fetch: async (...request) => {
      const dialect = findOwner(getPath(request[0]));
      const app = made.get(dialect.name) ?? (await load(dialect));
      return app.fetch(...request);
    },
  };
}

export function createDialectApp(
  options: AppOptions,
  { name, crossOrigin }: Dialect,
  { readDeadline, mount, refuse }: LoadedDialect,
): Hono<AppEnv> {
  const app: Hono<AppEnv> = new HonoBase<AppEnv>({ router: new RememberingRouter() });
  const { admitSource } = options;
  /** Before any work. */
  const findFault = async (c: AppContext, source: string | null): Promise<OutrightFault | null> => {
    // Not redirected: a client that is would go on sending passwords in the clear first (ASVS 5.0 4.1.2).
    if (!isSecure(c.req.url)) return 'insecure';
    // What is exact is counted in the database (core/flood.ts): this only keeps a flood away from it.
    if (admitSource === null || source === null) return null;
    return (await admitSource(source)) ? null : 'flooded';
  };
  // In one: each middleware is a round of promises more, for every request.
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
    const fault = await findFault(c, source);
    if (fault === null) await next();
    else c.res = await refuse(c, { kind: fault });
    // Not by c.header: it copies an answer that is there, each time.
    const { headers } = c.res;
    setSecurityHeaders(headers);
    headers.set('x-request-id', activityId);
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    if (fault === 'flooded') headers.set('retry-after', LIMIT_PERIOD);
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
  if (crossOrigin !== undefined) {
    // Before anything is refused: a page may read a refusal too.
    const listOrigins = (c: Context) => options.listOrigins(new URL(c.req.url).hostname);
    app.use((c, next) => serveCrossOrigin(c, next, crossOrigin, () => listOrigins(c)));
  }
  app.use(limitBody((c) => refuse(c, { kind: 'too-large' })));
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

/** By the length that is told; what tells none is read so far. */
function limitBody(refuse: (c: AppContext) => Response | Promise<Response>) {
  const limitChunks = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuse });
  const limit: MiddlewareHandler<AppEnv> = async (c, next) => {
    const { headers } = c.req.raw;
    const length = headers.get('content-length');
    // To ask for its stream, as Hono does first, is dearer than to read the body whole.
    if (length === null || headers.has('transfer-encoding')) return limitChunks(c, next);
    return Number(length) > MAX_BODY_BYTES ? refuse(c) : next();
  };
  return limit;
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
