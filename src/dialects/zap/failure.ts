// ZAP's two answers, and its words for every failure of the core.
import type { Failure } from '../../core/failure.ts';
import type { AppContext, Refusal } from '../../wire/dialect.ts';
import {
  CHOICE_REFUSED,
  describePasswordFault,
  describeViolations,
  type ListedViolation,
  listViolations,
} from '../../wire/violations.ts';

export interface ZapError {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 501 | 503;
  readonly text: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** The broken rules of a password, for programs. */
  readonly violations?: readonly ListedViolation[];
}

type FailureTable = {
  readonly [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => ZapError;
};

export const UNAUTHORIZED: ZapError = { status: 401, text: 'Unauthorized' };
export const FORBIDDEN: ZapError = { status: 403, text: 'Forbidden' };
export const NOT_IMPLEMENTED: ZapError = { status: 501, text: 'Not Implemented' };
const UNEXPECTED: ZapError = { status: 500, text: 'An error occured while processing the request' };
const WRONG_PROOF: ZapError = {
  status: 400,
  text: 'The old password or the secureOTP is not valid.',
};

const RESET_REQUIRED = 'The password must be reset.';

const CHANGE_FAILURES = {
  'caller-refused': () => UNAUTHORIZED,
  'organisation-unknown': () => UNAUTHORIZED,
  'not-permitted': () => FORBIDDEN,
  'proof-refused': () => WRONG_PROOF,
  outpaced: () => WRONG_PROOF,
  'code-refused': () => WRONG_PROOF,
  'user-unknown': () => ({ status: 400, text: 'userId and email do not name a user.' }),
  'password-not-set': () => WRONG_PROOF,
  'otp-refused': () => ({ status: 400, text: 'secureOTP is required.' }),
  'temporary-password-expired': () => ({
    status: 400,
    text: 'The temporary password has expired.',
  }),
  'password-reset-required': () => ({ status: 400, text: RESET_REQUIRED }),
  'password-change-required': () => ({ status: 403, text: 'The password must be changed first.' }),
  'password-malformed': (failure) => ({
    status: 400,
    text: `${failure.field === 'new' ? 'newPassword' : 'oldPassword'} ${describePasswordFault(failure.fault)}.`,
  }),
  'password-unchanged': () => ({
    status: 400,
    text: 'The new password must differ from the old one.',
  }),
  'policy-broken': (failure) => ({
    status: 400,
    text: describeViolations(failure),
    violations: listViolations(failure),
  }),
  'choice-refused': () => ({ status: 403, text: CHOICE_REFUSED }),
  throttled: (failure) => ({
    status: 429,
    text: 'Too many attempts. Try again later.',
    retryAfter: failure.retryAfter,
  }),
  busy: (failure) => ({
    status: 503,
    text: 'Too many requests at once. Try again later.',
    retryAfter: failure.retryAfter,
  }),
  'rate-limited': () => UNEXPECTED,
  'not-deployed': () => UNEXPECTED,
  'too-late': () => UNEXPECTED,
  'hash-unsupported': () => UNEXPECTED,
  'name-malformed': () => UNEXPECTED,
  'state-refused': () => UNEXPECTED,
  'user-barred': () => UNEXPECTED,
  'session-refused': () => UNEXPECTED,
  'search-refused': () => UNEXPECTED,
  'send-refused': () => UNEXPECTED,
  'already-exists': () => UNEXPECTED,
  'not-found': () => UNEXPECTED,
  misplaced: () => UNEXPECTED,
} satisfies FailureTable;

const INVALID_CREDENTIALS: ZapError = { status: 401, text: 'Invalid credentials' };

/** One answer for whatever is not right about a login, its tenant included. */
const LOGIN_FAILURES = {
  ...CHANGE_FAILURES,
  'caller-refused': () => INVALID_CREDENTIALS,
  'proof-refused': () => INVALID_CREDENTIALS,
  outpaced: () => INVALID_CREDENTIALS,
  'password-malformed': () => INVALID_CREDENTIALS,
  'temporary-password-expired': () => ({
    status: 403,
    text: 'The temporary password has expired.',
  }),
  'password-reset-required': () => ({ status: 403, text: RESET_REQUIRED }),
} satisfies FailureTable;

const INVALID_REFRESH: ZapError = { status: 401, text: 'Invalid refresh token' };

const REFRESH_FAILURES = {
  ...CHANGE_FAILURES,
  'caller-refused': () => INVALID_REFRESH,
  'proof-refused': () => INVALID_REFRESH,
  outpaced: () => INVALID_REFRESH,
} satisfies FailureTable;

const WRONG_CODE: ZapError = { status: 400, text: 'The otp is not valid.' };

/** One answer for whatever is not right about a code, its user included. */
const CODE_FAILURES = {
  ...CHANGE_FAILURES,
  'code-refused': () => WRONG_CODE,
  'user-unknown': () => WRONG_CODE,
  outpaced: () => WRONG_CODE,
  // A tenant's own link is checked when it is set.
  'send-refused': ({ fault }) =>
    fault === 'no-delivery' ? { status: 501, text: 'This tenant sends no messages.' } : UNEXPECTED,
} satisfies FailureTable;

const USER_FAILURES = {
  ...CHANGE_FAILURES,
  'user-unknown': () => ({ status: 404, text: 'User not found' }),
  'already-exists': () => ({
    status: 409,
    text: 'The username, email or phoneNumber is taken.',
  }),
  outpaced: () => ({ status: 409, text: 'The user was changed at the same time. Try again.' }),
  'password-malformed': ({ fault }) => ({
    status: 400,
    text: `password ${describePasswordFault(fault)}.`,
  }),
} satisfies FailureTable;

export function answerChangeFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(CHANGE_FAILURES, failure));
}

export function answerLoginFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(LOGIN_FAILURES, failure));
}

export function answerRefreshFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(REFRESH_FAILURES, failure));
}

export function answerCodeFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(CODE_FAILURES, failure));
}

export function answerUserFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(USER_FAILURES, failure));
}

function describe(table: FailureTable, failure: Failure): ZapError {
  return (table[failure.kind] as (failure: Failure) => ZapError)(failure);
}

const REFUSALS: Record<Refusal['kind'], ZapError> = {
  'not-found': { status: 404, text: 'Not Found' },
  'method-not-allowed': { status: 405, text: 'Method Not Allowed' },
  insecure: { status: 403, text: 'HTTPS is required' },
  flooded: { status: 429, text: 'Too many requests. Try again later.' },
  'too-large': { status: 413, text: 'Payload Too Large' },
  internal: UNEXPECTED,
};

export function answerRefusal(c: AppContext, refusal: Refusal): Response {
  return answerError(c, REFUSALS[refusal.kind]);
}

/** `data` is the documented failure shape, `message` the name that the response table uses. */
export function answerError(c: AppContext, error: ZapError): Response {
  const { status, text, retryAfter, violations } = error;
  if (retryAfter !== undefined) c.header('retry-after', String(retryAfter));
  if (status === 401) c.header('www-authenticate', 'Bearer realm="zap"');
  return answer(c, status, {
    success: false,
    data: text,
    message: text,
    ...(violations === undefined ? {} : { violations }),
  });
}

export function answerData(c: AppContext, data: unknown): Response {
  return answer(c, 200, { success: true, data });
}

export function answerCreated(c: AppContext, data: unknown): Response {
  return answer(c, 201, { success: true, data });
}

function answer(c: AppContext, status: ZapError['status'] | 200 | 201, body: object): Response {
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/json; charset=utf-8',
  });
}
