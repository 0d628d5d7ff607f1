// VBA's envelope: every answer of the dialect leaves through it.
import type { AppContext } from '../../wire/dialect.ts';
import { negotiateType } from '../../wire/negotiate.ts';
import { readSentPath } from '../../wire/sent-path.ts';
import type { ListedViolation } from '../../wire/violations.ts';
import { fromAllowance } from './translate.ts';

type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 501 | 503;

export interface VbaError {
  readonly status: ErrorStatus;
  readonly detail: string;
  /** The status's own phrase when absent. */
  readonly title?: string;
  /** What a 401 asks for: Basic when absent. */
  readonly scheme?: 'Bearer';
  /** Seconds. */
  readonly retryAfter?: number;
  /** The broken rules of a password, for programs. */
  readonly violations?: readonly ListedViolation[];
}

const PHRASES: Record<ErrorStatus, { readonly title: string; readonly type: string }> = {
  400: phrase('Bad Request', 'rfc9110#section-15.5.1'),
  401: phrase('Unauthorized', 'rfc9110#section-15.5.2'),
  403: phrase('Forbidden', 'rfc9110#section-15.5.4'),
  404: phrase('Not Found', 'rfc9110#section-15.5.5'),
  405: phrase('Method Not Allowed', 'rfc9110#section-15.5.6'),
  409: phrase('Conflict', 'rfc9110#section-15.5.10'),
  413: phrase('Content Too Large', 'rfc9110#section-15.5.14'),
  415: phrase('Unsupported Media Type', 'rfc9110#section-15.5.16'),
  429: phrase('Too Many Requests', 'rfc6585#section-4'),
  500: phrase('Internal Server Error', 'rfc9110#section-15.6.1'),
  501: phrase('Not Implemented', 'rfc9110#section-15.6.2'),
  503: phrase('Service Unavailable', 'rfc9110#section-15.6.4'),
};

function phrase(title: string, anchor: string) {
  return { title, type: `https://www.rfc-editor.org/rfc/${anchor}` };
}

/** Before the sign-in a password is asked for, after it the token that the sign-in gave. */
const CHALLENGES = {
  Basic: 'Basic realm="vba", charset="UTF-8"',
  Bearer: 'Bearer realm="vba"',
} as const;

export function answerError(c: AppContext, error: VbaError): Response {
  const { title, type } = PHRASES[error.status];
  if (error.retryAfter !== undefined) c.header('retry-after', String(error.retryAfter));
  if (error.status === 401) c.header('www-authenticate', CHALLENGES[error.scheme ?? 'Basic']);
  return answer(c, error.status, null, {
    type,
    title: error.title ?? title,
    status: error.status,
    detail: error.detail,
    // As it was sent: decoded it could hold what no URI holds.
    instance: readSentPath(c.req),
    ...(error.violations === undefined ? {} : { violations: error.violations }),
  });
}

export function answerData(c: AppContext, data: object): Response {
  return answer(c, 200, data, null);
}

export function answerCreated(c: AppContext, data: object): Response {
  return answer(c, 201, data, null);
}

export function answerMessage(c: AppContext, message: string): Response {
  return answerData(c, { message });
}

/** Done, with nothing to tell. */
export function answerNothing(c: AppContext): Response {
  return c.body(null, 204, describeAllowance(c));
}

/** The same JSON text under whichever type the client likes best. */
function answer(
  c: AppContext,
  status: 200 | 201 | ErrorStatus,
  data: object | null,
  error: object | null,
): Response {
  const activityId = c.env.activityId;
  const type = negotiateType(c.req.header('accept'), [
    'application/json',
    'text/plain',
    'text/json',
  ]);
  // Both spellings: the vendor's schema demands one, its prose the other.
  const debug = { activityID: activityId, activityId };
  return c.body(JSON.stringify({ data, error, debug }), status, {
    ...describeAllowance(c),
    'content-type': `${type}; charset=utf-8`,
    vary: 'Accept',
  });
}

function describeAllowance(c: AppContext): Record<string, string> {
  const allowance = c.env.gateway.readAllowance();
  return allowance === null ? {} : fromAllowance(allowance);
}
