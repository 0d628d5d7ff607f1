// RFC 9457 problem details, for the doors that have no error shape of their own.
import type { AppContext, Refusal } from './dialect.ts';
import { readSentPath } from './sent-path.ts';
import type { ListedViolation } from './violations.ts';

export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 503;
  readonly title: string;
  readonly detail?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** The fields that are wrong, each by its name. */
  readonly errors?: readonly {
    readonly field: string;
    readonly detail: string;
    readonly min?: number;
    readonly max?: number;
  }[];
  /** The broken rules of a password, for programs. */
  readonly violations?: readonly ListedViolation[];
}

const REFUSALS: Record<Refusal['kind'], Problem> = {
  'not-found': { status: 404, title: 'Not Found' },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed' },
  insecure: { status: 403, title: 'Forbidden', detail: 'HTTPS is required.' },
  flooded: { status: 429, title: 'Too Many Requests' },
  'too-large': { status: 413, title: 'Content Too Large' },
  internal: { status: 500, title: 'Internal Server Error' },
};

const CONTENT_TYPE = { 'content-type': 'application/problem+json' };

/** What a problem is about. */
interface Instance {
  /** As it was sent: what is decoded could be markup, and is no URI. */
  readonly path: string;
  readonly activityId: string;
}

export function writeProblem(c: AppContext, problem: Problem): Response {
  const instance = { path: readSentPath(c.req), activityId: c.env.activityId };
  if (problem.retryAfter !== undefined) c.header('retry-after', String(problem.retryAfter));
  return c.body(describe(instance, problem), problem.status, CONTENT_TYPE);
}

export function answerProblem(c: AppContext, refusal: Refusal): Response {
  return writeProblem(c, REFUSALS[refusal.kind]);
}

/** Where there is no context of Hono. */
export function makeRefusal(instance: Instance, refusal: Refusal): Response {
  const problem = REFUSALS[refusal.kind];
  const { status } = problem;
  return new Response(describe(instance, problem), { status, headers: CONTENT_TYPE });
}

function describe({ path, activityId }: Instance, problem: Problem): string {
  const { status, title, detail, errors, violations } = problem;
  return JSON.stringify({
    type: 'about:blank',
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    instance: path,
    activityId,
    ...(errors === undefined ? {} : { errors }),
    ...(violations === undefined ? {} : { violations }),
  });
}
