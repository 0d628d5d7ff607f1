// VBA's envelope, and its words for every failure of the core.
import type { Failure } from '../../core/failure.ts';
import type { AppContext, Refusal } from '../../wire/dialect.ts';
import { negotiateType } from '../../wire/negotiate.ts';
import { describePasswordFault, describeViolations } from '../../wire/violations.ts';

type Status = 200 | 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500;

export interface VbaError {
  readonly status: Exclude<Status, 200>;
  readonly detail: string;
  /** The status's own phrase when absent. */
  readonly title?: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

const PHRASES: Record<Exclude<Status, 200>, { readonly title: string; readonly type: string }> = {
  400: phrase('Bad Request', 'rfc9110#section-15.5.1'),
  401: phrase('Unauthorized', 'rfc9110#section-15.5.2'),
  403: phrase('Forbidden', 'rfc9110#section-15.5.4'),
  404: phrase('Not Found', 'rfc9110#section-15.5.5'),
  405: phrase('Method Not Allowed', 'rfc9110#section-15.5.6'),
  413: phrase('Content Too Large', 'rfc9110#section-15.5.14'),
  415: phrase('Unsupported Media Type', 'rfc9110#section-15.5.16'),
  429: phrase('Too Many Requests', 'rfc6585#section-4'),
  500: phrase('Internal Server Error', 'rfc9110#section-15.6.1'),
};

function phrase(title: string, anchor: string) {
  return { title, type: `https://www.rfc-editor.org/rfc/${anchor}` };
}

/** One and the same for every proof, key and tenant that is not right. */
export const UNAUTHORIZED: VbaError = { status: 401, detail: 'Authentication failed.' };
const MISPLACED: VbaError = { status: 500, detail: 'The request could not be processed.' };

const FAILURES = {
  'caller-refused': () => UNAUTHORIZED,
  'organisation-unknown': () => UNAUTHORIZED,
  'proof-refused': () => UNAUTHORIZED,
  outpaced: () => UNAUTHORIZED,
  'code-refused': () => UNAUTHORIZED,
  'user-unknown': () => UNAUTHORIZED,
  'password-not-set': () => UNAUTHORIZED,
  'otp-refused': () => UNAUTHORIZED,
  'not-permitted': () => ({ status: 403, detail: 'The caller may not do this.' }),
  'temporary-password-expired': () => ({
    status: 401,
    title: 'TemporaryPasswordExpired',
    detail: 'The temporary password has expired. Ask for a new one.',
  }),
  'password-change-required': () => UNAUTHORIZED,
  'password-malformed': (failure) =>
    failure.field === 'new'
      ? { status: 400, detail: `newPassword ${describePasswordFault(failure.fault)}.` }
      : UNAUTHORIZED,
  'password-unchanged': () => ({
    status: 400,
    detail: 'The new password must differ from the temporary password.',
  }),
  'policy-broken': (failure) => ({ status: 400, detail: describeViolations(failure).join(' ') }),
  throttled: (failure) => ({
    status: 429,
    detail: 'Too many attempts. Try again later.',
    retryAfter: failure.retryAfter,
  }),
  'too-late': () => MISPLACED,
  'hash-unsupported': () => MISPLACED,
  'name-malformed': () => MISPLACED,
  'state-refused': () => MISPLACED,
  'user-barred': () => MISPLACED,
  'session-refused': () => MISPLACED,
  'search-refused': () => MISPLACED,
  'send-refused': () => MISPLACED,
  'already-exists': () => MISPLACED,
  'not-found': () => MISPLACED,
  misplaced: () => MISPLACED,
} satisfies {
  readonly [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => VbaError;
};

export function answerFailure(c: AppContext, failure: Failure): Response {
  const describe = FAILURES[failure.kind] as (failure: Failure) => VbaError;
  return answerError(c, describe(failure));
}

const REFUSALS: Record<Refusal['kind'], VbaError> = {
  'not-found': { status: 404, detail: 'There is no such route.' },
  'method-not-allowed': { status: 405, detail: 'The route does not know this method.' },
  'too-large': { status: 413, detail: 'The request body is too large.' },
  internal: { status: 500, detail: 'The request could not be processed.' },
};

export function answerRefusal(c: AppContext, refusal: Refusal): Response {
  return answerError(c, REFUSALS[refusal.kind]);
}

export function answerError(c: AppContext, error: VbaError): Response {
  const { title, type } = PHRASES[error.status];
  if (error.retryAfter !== undefined) c.header('retry-after', String(error.retryAfter));
  if (error.status === 401) c.header('www-authenticate', 'Basic realm="vba", charset="UTF-8"');
  return answer(c, error.status, null, {
    type,
    title: error.title ?? title,
    status: error.status,
    detail: error.detail,
    instance: c.req.path,
  });
}

export function answerData(c: AppContext, data: object): Response {
  return answer(c, 200, data, null);
}

/** The same JSON text under whichever type the client likes best. */
function answer(
  c: AppContext,
  status: Status,
  data: object | null,
  error: object | null,
): Response {
  const activityId = c.get('activityId');
  const type = negotiateType(c.req.header('accept'), [
    'application/json',
    'text/plain',
    'text/json',
  ]);
  // Both spellings: the vendor's schema demands one, its prose the other.
  const debug = { activityID: activityId, activityId };
  return c.body(JSON.stringify({ data, error, debug }), status, {
    'content-type': `${type}; charset=utf-8`,
    vary: 'Accept',
  });
}
