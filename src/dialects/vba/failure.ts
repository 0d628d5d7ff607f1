// VBA's words for every failure of the core, and for what is refused before the core is asked.
import type { Failure } from '../../core/failure.ts';
import type { AppContext, Refusal } from '../../wire/dialect.ts';
import {
  CHOICE_REFUSED,
  describePasswordFault,
  describeViolations,
  listViolations,
} from '../../wire/violations.ts';
import { answerError, type VbaError } from './answer.ts';

/** One and the same for every proof, key and tenant that is not right. */
export const UNAUTHORIZED: VbaError = { status: 401, detail: 'Authentication failed.' };
export const TOKEN_REFUSED: VbaError = { ...UNAUTHORIZED, scheme: 'Bearer' };
export const NOT_IMPLEMENTED: VbaError = {
  status: 501,
  detail: 'Multi-factor authentication is not offered.',
};
const MISPLACED: VbaError = { status: 500, detail: 'The request could not be processed.' };

type FailureTable = {
  readonly [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => VbaError;
};

/** Before the sign-in nobody may learn whether there is such a user. */
const CLIENT_FAILURES = {
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
  'password-reset-required': () => ({
    status: 401,
    title: 'PasswordResetRequired',
    detail: 'An administrator has reset the password. Set another one by a confirmation code.',
  }),
  'password-change-required': () => UNAUTHORIZED,
  'password-malformed': (failure) =>
    failure.field === 'new'
      ? { status: 400, detail: `newPassword ${describePasswordFault(failure.fault)}.` }
      : UNAUTHORIZED,
  'password-unchanged': () => ({
    status: 400,
    detail: 'The new password must differ from the present one.',
  }),
  'policy-broken': (failure) => ({
    status: 400,
    detail: describeViolations(failure),
    violations: listViolations(failure),
  }),
  'choice-refused': () => ({ status: 403, detail: CHOICE_REFUSED }),
  throttled: (failure) => ({
    status: 429,
    detail: 'Too many attempts. Try again later.',
    retryAfter: failure.retryAfter,
  }),
  'rate-limited': (failure) => ({
    status: 429,
    detail: 'The API key is used too often. Try again later.',
    retryAfter: failure.retryAfter,
  }),
  busy: (failure) => ({
    status: 503,
    detail: 'Too many requests at once. Try again later.',
    retryAfter: failure.retryAfter,
  }),
  'not-deployed': () => MISPLACED,
  'too-late': () => MISPLACED,
  'hash-unsupported': () => MISPLACED,
  'name-malformed': () => MISPLACED,
  'state-refused': () => MISPLACED,
  'user-barred': () => MISPLACED,
  'session-refused': () => MISPLACED,
  'search-refused': () => MISPLACED,
  // A tenant's own link is checked when it is set.
  'send-refused': ({ fault }) =>
    fault === 'no-delivery' ? { status: 501, detail: 'This tenant sends no messages.' } : MISPLACED,
  'already-exists': () => MISPLACED,
  'not-found': () => MISPLACED,
  misplaced: () => MISPLACED,
} satisfies FailureTable;

/** Whoever gets to hear of an unknown user is an administrator: others are refused before. */
const MEMBER_FAILURES = {
  ...CLIENT_FAILURES,
  'user-unknown': () => ({ status: 404, detail: 'There is no such user.' }),
} satisfies FailureTable;

const ADMIN_FAILURES = {
  ...MEMBER_FAILURES,
  'already-exists': ({ what }) => ({
    status: 409,
    detail: `The ${what === 'user' ? 'userID' : 'email'} is taken.`,
  }),
  outpaced: () => ({
    status: 409,
    detail: 'The user was changed at the same time. Try again.',
  }),
  'name-malformed': () => ({ status: 400, detail: 'userID is not valid.' }),
  'password-malformed': ({ fault }) => ({
    status: 400,
    detail: `temporaryPassword ${describePasswordFault(fault)}.`,
  }),
} satisfies FailureTable;

export function answerFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(CLIENT_FAILURES, failure));
}

export function answerMemberFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, askForToken(describe(MEMBER_FAILURES, failure)));
}

export function answerAdminFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, askForToken(describe(ADMIN_FAILURES, failure)));
}

function describe(table: FailureTable, failure: Failure): VbaError {
  const tell = table[failure.kind] as (failure: Failure) => VbaError;
  return tell(failure);
}

function askForToken(error: VbaError): VbaError {
  return error.status === 401 ? { ...error, scheme: 'Bearer' } : error;
}

const REFUSALS: Record<Refusal['kind'], VbaError> = {
  'not-found': { status: 404, detail: 'There is no such route.' },
  'method-not-allowed': { status: 405, detail: 'The route does not know this method.' },
  insecure: { status: 403, detail: 'HTTPS is required.' },
  flooded: { status: 429, detail: 'Too many requests. Try again later.' },
  'too-large': { status: 413, detail: 'The request body is too large.' },
  internal: { status: 500, detail: 'The request could not be processed.' },
};

export function answerRefusal(c: AppContext, refusal: Refusal): Response {
  return answerError(c, REFUSALS[refusal.kind]);
}
