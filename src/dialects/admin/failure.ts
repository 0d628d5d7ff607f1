// The operator's errors (RFC 9457) for every failure of the core.
import type { Failure } from '../../core/failure.ts';
import type { AppContext } from '../../wire/dialect.ts';
import { type Problem, writeProblem } from '../../wire/problem.ts';
import {
  CHOICE_REFUSED,
  describePasswordFault,
  describeViolations,
  listViolations,
} from '../../wire/violations.ts';

export const UNAUTHORIZED: Problem = { status: 401, title: 'Unauthorized' };
const UNEXPECTED: Problem = { status: 500, title: 'Internal Server Error' };
const NO_USER: Problem = { status: 404, title: 'Not Found', detail: 'There is no such user.' };
const NOT_DEPLOYED = {
  mail: 'The deployment has no send_email binding named EMAIL.',
  'breach-range': 'The deployment has no BREACH_RANGE_URL.',
} as const;
const PLACES = {
  database: 'DATABASES maps the database nowhere.',
  host: "HOSTS maps a host elsewhere than DATABASES maps the tenant's database.",
  organisation:
    "The orgId belongs elsewhere than DATABASES maps the tenant's database: leave it out, or map it by ORGS.",
} as const;

const FAILURES = {
  'caller-refused': () => UNAUTHORIZED,
  'organisation-unknown': () => UNAUTHORIZED,
  'not-permitted': () => UNAUTHORIZED,
  'not-found': (failure) => ({
    status: 404,
    title: 'Not Found',
    detail: `There is no such ${failure.what}.`,
  }),
  'user-unknown': () => NO_USER,
  'already-exists': (failure) => ({
    status: 409,
    title: 'Conflict',
    detail: `The ${failure.what} is already taken.`,
  }),
  misplaced: (failure) => ({ status: 400, title: 'Bad Request', detail: PLACES[failure.what] }),
  'password-malformed': (failure) => ({
    status: 400,
    title: 'Bad Request',
    detail: `The password ${describePasswordFault(failure.fault)}.`,
  }),
  'policy-broken': (failure) => ({
    status: 400,
    title: 'Bad Request',
    detail: describeViolations(failure),
    violations: listViolations(failure),
  }),
  'choice-refused': () => ({ status: 403, title: 'Forbidden', detail: CHOICE_REFUSED }),
  outpaced: () => ({ status: 409, title: 'Conflict', detail: 'It was changed meanwhile.' }),
  busy: ({ retryAfter }) => ({
    status: 503,
    title: 'Service Unavailable',
    detail: 'Too many requests at once. Try again later.',
    retryAfter,
  }),
  'not-deployed': ({ what }) => ({ status: 400, title: 'Bad Request', detail: NOT_DEPLOYED[what] }),
  'rate-limited': () => UNEXPECTED,
  'password-reset-required': () => UNEXPECTED,
  'too-late': () => UNEXPECTED,
  'hash-unsupported': () => UNEXPECTED,
  'state-refused': () => UNEXPECTED,
  'user-barred': () => UNEXPECTED,
  'session-refused': () => UNEXPECTED,
  'search-refused': () => UNEXPECTED,
  'send-refused': () => UNEXPECTED,
  'name-malformed': ({ field }) => ({
    status: 400,
    title: 'Bad Request',
    detail: `The ${field} is not a plain name.`,
  }),
  throttled: () => UNEXPECTED,
  'proof-refused': () => UNEXPECTED,
  'password-not-set': () => UNEXPECTED,
  'code-refused': () => UNEXPECTED,
  'temporary-password-expired': () => UNEXPECTED,
  'password-change-required': () => UNEXPECTED,
  'password-unchanged': () => UNEXPECTED,
  'otp-refused': () => UNEXPECTED,
} satisfies {
  readonly [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => Problem;
};

export function answerFailure(c: AppContext, failure: Failure): Response {
  return writeProblem(c, (FAILURES[failure.kind] as (failure: Failure) => Problem)(failure));
}
