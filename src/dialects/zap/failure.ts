// ZAP's two answers, and its words for every failure of the core.
import type { Failure } from '../../core/failure.ts';
import type { AppContext, Refusal } from '../../wire/dialect.ts';
import { describePasswordFault, describeViolations } from '../../wire/violations.ts';

export interface ZapError {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500;
  readonly text: string;
  /** Seconds. */
  readonly retryAfter?: number;
}

type FailureTable = {
  readonly [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => ZapError;
};

export const UNAUTHORIZED: ZapError = { status: 401, text: 'Unauthorized' };
const UNEXPECTED: ZapError = { status: 500, text: 'An error occured while processing the request' };
const WRONG_PROOF: ZapError = {
  status: 400,
  text: 'The old password or the secureOTP is not valid.',
};

const CHANGE_FAILURES = {
  'caller-refused': () => UNAUTHORIZED,
  'organisation-unknown': () => UNAUTHORIZED,
  'not-permitted': () => ({ status: 403, text: 'Forbidden' }),
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
  'password-change-required': () => ({ status: 403, text: 'The password must be changed first.' }),
  'password-malformed': (failure) => ({
    status: 400,
    text: `${failure.field === 'new' ? 'newPassword' : 'oldPassword'} ${describePasswordFault(failure.fault)}.`,
  }),
  'password-unchanged': () => ({
    status: 400,
    text: 'The new password must differ from the old one.',
  }),
  'policy-broken': (failure) => ({ status: 400, text: describeViolations(failure).join(' ') }),
  throttled: (failure) => ({
    status: 429,
    text: 'Too many attempts. Try again later.',
    retryAfter: failure.retryAfter,
  }),
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
} satisfies FailureTable;

export function answerChangeFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(CHANGE_FAILURES, failure));
}

export function answerLoginFailure(c: AppContext, failure: Failure): Response {
  return answerError(c, describe(LOGIN_FAILURES, failure));
}

function describe(table: FailureTable, failure: Failure): ZapError {
  return (table[failure.kind] as (failure: Failure) => ZapError)(failure);
}

const REFUSALS: Record<Refusal['kind'], ZapError> = {
  'not-found': { status: 404, text: 'Not Found' },
  'method-not-allowed': { status: 405, text: 'Method Not Allowed' },
  'too-large': { status: 413, text: 'Payload Too Large' },
  internal: UNEXPECTED,
};

export function answerRefusal(c: AppContext, refusal: Refusal): Response {
  return answerError(c, REFUSALS[refusal.kind]);
}

/** `data` is the documented failure shape, `message` the name that the response table uses. */
export function answerError(c: AppContext, { status, text, retryAfter }: ZapError): Response {
  if (retryAfter !== undefined) c.header('retry-after', String(retryAfter));
  if (status === 401) c.header('www-authenticate', 'Bearer realm="zap"');
  return answer(c, status, { success: false, data: text, message: text });
}

export function answerData(c: AppContext, data: unknown): Response {
  return answer(c, 200, { success: true, data });
}

function answer(c: AppContext, status: ZapError['status'] | 200, body: object): Response {
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/json; charset=utf-8',
  });
}
