// What stands around every request, whatever its dialect: its id, its gateway, and why it is refused before any work; the
// headers of its answer, and its line in the log.
import type { Gateway } from './core/gateway.ts';
import type { Meter } from './core/ports.ts';
import { nameMethod, writeLog } from './log.ts';
import type { Frame, OutrightFault } from './wire/dialect.ts';
import { makeRefusal } from './wire/problem.ts';
import { setSecurityHeaders } from './wire/security-headers.ts';
import { readSentPath } from './wire/sent-path.ts';
import { readSource } from './wire/source.ts';

export interface OpenedRequest {
  readonly activityId: string;
  readonly dialect: string;
  /** As wire/source.ts tells sources apart; null: not known. Read where it is asked for: to copy the headers has its price. */
  readonly findSource: () => string | null;
  /** Milliseconds; null: none. */
  readonly deadline: number | null;
  /** Keeps the Worker alive for work that nobody waits for. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

export interface FrameOptions {
  readonly issuer: string;
  readonly timing: boolean;
  readonly isOperator: (key: string) => Promise<boolean>;
  /** Whether a source may ask for so much; null: nobody counts. */
  readonly admitSource: ((source: string) => Promise<boolean>) | null;
  readonly openGateway: (request: OpenedRequest) => {
    readonly gateway: Gateway;
    readonly meter: Meter;
  };
}

interface Arrived {
  readonly request: Request;
  /** Decoded. */
  readonly path: string;
  readonly dialect: string;
  readonly readDeadline: ((headers: Headers, now: number) => number | null) | undefined;
  readonly waitUntil: OpenedRequest['waitUntil'];
}

/** Seconds: the longer of the two that a ratelimit binding knows. */
const LIMIT_PERIOD = '60';

/** No answer leaves but through this. */
export async function serveFramed(
  options: FrameOptions,
  { request, path, dialect, readDeadline, waitUntil }: Arrived,
  serve: (frame: Frame) => Response | Promise<Response>,
): Promise<Response> {
  const startedAt = Date.now();
  const activityId = crypto.randomUUID();
  const { issuer, isOperator, timing } = options;
  const findSource = () => readSource(request.headers);
  const deadline = readDeadline?.(request.headers, startedAt) ?? null;
  const opened = { activityId, dialect, findSource, deadline, waitUntil };
  const { gateway, meter } = options.openGateway(opened);
  const fault = await findFault(options, request.url, findSource);
  const frame: Frame = { gateway, activityId, issuer, isOperator, fault, route: 'unmatched' };
  let answer: Response;
  try {
    answer = await serve(frame);
  } catch (error) {
    logError(error, activityId, dialect);
    const instance = { path: readSentPath({ path, url: request.url }), activityId };
    answer = makeRefusal(instance, { kind: 'internal' });
  }
  const { headers, status } = answer;
  setSecurityHeaders(headers);
  headers.set('x-request-id', activityId);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  if (fault === 'flooded') headers.set('retry-after', LIMIT_PERIOD);
  const { trips, links, tenantId, refusal } = meter;
  if (timing) headers.set('server-timing', `trips;desc="${trips}", links;desc="${links}"`);
  writeLog({
    level: 'info',
    activityId,
    dialect,
    method: nameMethod(request.method),
    route: frame.route,
    status,
    milliseconds: Date.now() - startedAt,
    trips,
    links,
    tenantId,
    refusal,
  });
  return answer;
}

/** An error's message may hold what it was about, so only its kind and its place in the code are told. */
export function logError(thrown: unknown, activityId: string, dialect: string): void {
  const error = thrown instanceof Error ? thrown : new Error('not an error');
  writeLog({ level: 'error', activityId, dialect, error: error.name, at: findPlace(error) });
}

/** The stack's first frame. The message stands before the frames, and a line of it may look like one. */
function findPlace({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  const frames = start < 0 ? '' : stack.slice(start + message.length);
  return /^ *(at .*)$/m.exec(frames)?.[1] ?? '';
}

async function findFault(
  { admitSource }: FrameOptions,
  address: string,
  findSource: () => string | null,
): Promise<OutrightFault | null> {
  // Not redirected: a client that is would go on sending passwords in the clear first (ASVS 5.0 4.1.2).
  if (!isSecure(address)) return 'insecure';
  // What is exact is counted in the database (core/flood.ts): this only keeps a flood away from it.
  if (admitSource === null) return null;
  const source = findSource();
  if (source === null) return null;
  return (await admitSource(source)) ? null : 'flooded';
}

/** As most addresses are that are secure, told without parsing: a URL takes as long as the rest of this. */
const PLAINLY_SECURE = /^https:|^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?\//;

/** Names under localhost are the machine's own (RFC 6761 section 6.3). */
function isSecure(address: string): boolean {
  if (PLAINLY_SECURE.test(address)) return true;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || /^(?:(?:.+\.)?localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}
