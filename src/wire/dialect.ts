// What a dialect is to the app: the paths that it owns, its routes, and its words for what the app itself refuses.
import type { Context, Handler, Hono, MiddlewareHandler } from 'hono';
import type { Gateway } from '../core/gateway.ts';
import type { CrossOrigin } from './cors.ts';

/** What a request is given on its way, whatever its dialect. */
export interface Frame {
  readonly gateway: Gateway;
  /** The request's id, as in the answer, the log and the audit. */
  readonly activityId: string;
  /** The `iss` of our tokens: the address that clients use. */
  readonly issuer: string;
  /** Tells whether an operator's key is the right one. */
  readonly isOperator: (key: string) => Promise<boolean>;
  /** Why it is refused before any work; null: it is not. */
  readonly fault: OutrightFault | null;
  /** The pattern of its route, for the log, once it is found. */
  route: string;
}

export interface AppEnv {
  Bindings: Frame;
}

export type AppContext = Context<AppEnv>;

/** `insecure`: in the clear, and not from this machine. `flooded`: too much from one source. `allow`: the methods of the path, for 405. */
export type Refusal =
  | { readonly kind: 'not-found' | 'too-large' | 'insecure' | 'flooded' | 'internal' }
  | { readonly kind: 'method-not-allowed'; readonly allow: string };

export type OutrightFault = Extract<Refusal['kind'], 'insecure' | 'flooded'>;

export interface Dialect {
  readonly name: string;
  /** Whether paths that no route knows are this dialect's to refuse. */
  readonly owns: (path: string) => boolean;
  /** What pages of the listed origins may do; without it none may do anything. */
  readonly crossOrigin?: CrossOrigin;
  /** When its first request comes: a new isolate answers sooner without what its request does not need. */
  readonly load: () => Promise<LoadedDialect>;
}

export type LoadedDialect = RoutedDialect | PlainDialect;

/** Answers that are the same for everybody: behind routes and middleware they would cost twice what they are. */
export interface PlainDialect {
  readonly paths: readonly string[];
  /** `path`: decoded. */
  readonly answer: (request: Request, path: string, frame: Frame) => Response | Promise<Response>;
}

export interface RoutedDialect {
  /** When the caller stops waiting, by its headers: milliseconds, as `now` is; null when it does not say. */
  readonly readDeadline?: (headers: Headers, now: number) => number | null;
  readonly mount: (routes: Routes) => void;
  readonly refuse: (c: AppContext, refusal: Refusal) => Response | Promise<Response>;
}

/** The app's routes as they grow. Fallbacks come after every route, whose patterns they could shadow. */
export interface Routes {
  readonly app: Hono<AppEnv>;
  readonly fallbacks: (() => void)[];
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Handlers = readonly (Handler<AppEnv> | MiddlewareHandler<AppEnv>)[];

/**
 * Adds a path with all its methods; any other method gets 405 with Allow, and nothing runs. `head`: what answers GET
 * answers HEAD too, but where a GET changes something.
 */
export function addPath(
  { app, fallbacks }: Routes,
  path: string,
  methods: Readonly<Partial<Record<Method, Handlers>>>,
  refuse: RoutedDialect['refuse'],
  head: 'as-get' | 'refused' = 'as-get',
): void {
  const names = Object.keys(methods);
  const allowed = head === 'as-get' && names.includes('GET') ? [...names, 'HEAD'] : names;
  const allow = allowed.join(', ');
  const refuseMethod = async (c: AppContext): Promise<Response> => {
    const refused = await refuse(c, { kind: 'method-not-allowed', allow });
    refused.headers.set('allow', allow);
    return refused;
  };
  if (head === 'refused') {
    // The router brings HEAD to the handlers of GET.
    app.get(path, (c, next) => (c.req.method === 'HEAD' ? refuseMethod(c) : next()));
  }
  for (const [method, handlers] of Object.entries(methods)) {
    app.on(method, [path], ...(handlers as Handler<AppEnv>[]));
  }
  fallbacks.push(() => app.all(path, refuseMethod));
}
