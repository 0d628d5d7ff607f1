// The app: every path belongs to one dialect, and is refused in its words.
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HonoBase } from 'hono/hono-base';
import { matchedRoutes } from 'hono/route';
import { getPath } from 'hono/utils/url';
import { adminDialect } from './dialects/admin/index.ts';
import { commonDialect } from './dialects/common/index.ts';
import { vbaDialect } from './dialects/vba/index.ts';
import { zapDialect } from './dialects/zap/index.ts';
import { zitadelDialect } from './dialects/zitadel/index.ts';
import { type FrameOptions, logError, serveFramed } from './frame.ts';
import { MAX_BODY_BYTES } from './wire/body.ts';
import { serveCrossOrigin } from './wire/cors.ts';
import type {
  AppContext,
  AppEnv,
  Dialect,
  Frame,
  LoadedDialect,
  RoutedDialect,
  Routes,
} from './wire/dialect.ts';
import { RememberingRouter } from './wire/router.ts';
import { setSecurityHeaders } from './wire/security-headers.ts';

export interface AppOptions extends FrameOptions {
  /** The origins whose pages may call a host. */
  readonly listOrigins: (host: string) => readonly string[];
}

/** The first that owns a path has it; the last owns what is left, since its paths have no prefix. */
export const DIALECTS: readonly [...Dialect[], Dialect] = [
  commonDialect,
  adminDialect,
  zapDialect,
  zitadelDialect,
  vbaDialect,
];

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

type WaitUntil = Pick<ExecutionContext, 'waitUntil'>;

export interface App {
  readonly fetch: (request: Request, context: WaitUntil) => Promise<Response>;
}

interface Served {
  readonly readDeadline: RoutedDialect['readDeadline'];
  readonly answer: (request: Request, path: string, frame: Frame) => Response | Promise<Response>;
}

/** What serves a dialect is made when its first request comes. */
export function createApp(options: AppOptions): App {
  const made = new Map<string, Served>();
  const load = async (dialect: Dialect) => {
    const loaded = await dialect.load();
    const first = made.get(dialect.name) ?? serve(options, dialect, loaded);
    made.set(dialect.name, first);
    return first;
  };
  return {
    fetch: async (request, context) => {
      const path = getPath(request);
      const dialect = findOwner(path);
      const { readDeadline, answer } = made.get(dialect.name) ?? (await load(dialect));
      const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
      const arrived = { request, path, dialect: dialect.name, readDeadline, waitUntil };
      return serveFramed(options, arrived, (frame) => answer(request, path, frame));
    },
  };
}

function serve(options: AppOptions, dialect: Dialect, loaded: LoadedDialect): Served {
  if ('answer' in loaded) return { readDeadline: undefined, answer: loaded.answer };
  const app = createDialectApp(options, dialect, loaded);
  const { readDeadline } = loaded;
  return { readDeadline, answer: (request, _, frame) => app.fetch(request, frame) };
}

export function createDialectApp(
  { listOrigins }: Pick<AppOptions, 'listOrigins'>,
  { name, crossOrigin }: Dialect,
  { mount, refuse }: RoutedDialect,
): Hono<AppEnv> {
  const app: Hono<AppEnv> = new HonoBase<AppEnv>({ router: new RememberingRouter() });
  app.use(async (c, next) => {
    c.env.route = findRoute(c);
    if (crossOrigin === undefined) return next();
    // Before anything is refused: a page may read a refusal too.
    const list = () => listOrigins(new URL(c.req.url).hostname);
    return serveCrossOrigin(c, next, crossOrigin, list);
  });
  app.use(async (c, next) => {
    const { fault } = c.env;
    return fault === null ? next() : refuse(c, { kind: fault });
  });
  app.use(limitBody((c) => refuse(c, { kind: 'too-large' })));
  const routes: Routes = { app, fallbacks: [] };
  mount(routes);
  for (const addFallback of routes.fallbacks) addFallback();
  app.notFound((c) => refuse(c, { kind: 'not-found' }));
  app.onError((error, c) => {
    logError(error, c.env.activityId, name);
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

function findOwner(path: string): Dialect {
  return DIALECTS.find((dialect) => dialect.owns(path)) ?? vbaDialect;
}

/** The pattern, never the path. What is asked of many routes stands before them, under a wider pattern. */
function findRoute(c: Context): string {
  let route = 'unmatched';
  for (const { path } of matchedRoutes(c)) {
    if (path === '/*') continue;
    if (!path.endsWith('*')) return path;
    route = path;
  }
  return route;
}
