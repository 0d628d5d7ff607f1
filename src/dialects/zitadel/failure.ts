// ZITADEL's errors: the vendor's numeric code, id and English text (contract, table 3.6), for every failure of the core.
import type { Failure } from '../../core/failure.ts';
import { type ListedViolation, listViolations } from '../../wire/violations.ts';

type Violation = Extract<Failure, { kind: 'policy-broken' }>['violations'][number];

/** gRPC status codes, as far as they occur here. */
export const CODES = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export interface ZitadelError {
  readonly code: (typeof CODES)[keyof typeof CODES];
  readonly text: string;
  /** The vendor's error id, or one of ours (REKEY-…) for what only we refuse; null where no details are sent. */
  readonly id: string | null;
  /** Seconds. */
  readonly retryAfter?: number;
  /** Of a session's password check: how many wrong ones there were in a row. Then the detail is a CredentialsCheckError. */
  readonly failedAttempts?: number;
  /** The broken rules of a password, for programs: a second detail. */
  readonly violations?: readonly ListedViolation[];
}

function error(code: keyof typeof CODES, id: string | null, text: string): ZitadelError {
  return { code: CODES[code], id, text };
}

export const MISSING_AUTH = error('unauthenticated', null, 'auth header missing');
export const INVALID_AUTH = error('unauthenticated', 'AUTH-toLo1', 'invalid auth header');
export const EMPTY_PASSWORD = error('invalidArgument', 'COMMAND-3M0fs', 'Password is empty');
export const EMPTY_PASSWORD_WITH_CODE = error(
  'invalidArgument',
  'COMMAND-Mf0sd',
  'Password is empty',
);
export const NO_SECRET = error('invalidArgument', 'COMMAND-3klek4sbns', 'Password is empty');
export const UNKNOWN_USER = error('notFound', 'QUERY-Dfbg2', 'User could not be found');
export const UNIMPLEMENTED = error('unimplemented', null, 'Not Implemented');
export const MALFORMED = error('invalidArgument', null, 'the request body is malformed');
export const WRONG_MEDIA_TYPE = error(
  'invalidArgument',
  null,
  'the content type is not served here',
);
export const NO_ROUTE = error('notFound', null, 'Not Found');
export const WRONG_METHOD = error('unimplemented', null, 'Method Not Allowed');
export const INSECURE = error('permissionDenied', null, 'HTTPS is required');
export const FLOODED: ZitadelError = {
  ...error('resourceExhausted', null, 'Too many requests'),
  retryAfter: 60,
};
export const TOO_LARGE = error('resourceExhausted', null, 'the request body is too large');
export const INTERNAL = error('internal', null, 'An internal error occurred');

export function describeBrokenRule(rule: string): ZitadelError {
  return error('invalidArgument', null, rule);
}

/** A part of a request that is not served, in a method that is: refused whole, since half an effect would be a lie. */
export function describeUnserved(part: string): ZitadelError {
  return error('unimplemented', null, `${part} is not served`);
}

/** The vendor names the same failure otherwise from method to method. */
export const SPECIAL = {
  passwordReset: { 'user-unknown': error('notFound', 'COMMAND-SAF4f', 'User could not be found') },
  addHumanUser: { 'hash-unsupported': describeUnsupportedHash('USER-JDk4t') },
  updateUser: {
    'user-unknown': error('notFound', 'COMMAND-ugjs0upun6', 'User could not be found'),
  },
  lockUser: {
    'user-unknown': error('notFound', 'COMMAND-450yxuqrh1', 'User could not be found'),
    'state-refused': error(
      'failedPrecondition',
      'COMMAND-lgws8wtsqf',
      'User is not active or initial',
    ),
  },
  unlockUser: {
    'user-unknown': error('notFound', 'COMMAND-x377t913pw', 'User could not be found'),
    'state-refused': error('failedPrecondition', 'COMMAND-olb9vb0oca', 'User is not locked'),
  },
  deactivateUser: {
    'user-unknown': error('notFound', 'COMMAND-5gp2p62iin', 'User could not be found'),
    'state-refused': error('failedPrecondition', 'COMMAND-5gunjw0cd7', 'User is already inactive'),
  },
  reactivateUser: {
    'user-unknown': error('notFound', 'COMMAND-9hy5kzbuk6', 'User could not be found'),
    'state-refused': error('failedPrecondition', 'COMMAND-s5qqcz97hf', 'User is not inactive'),
  },
  deleteUser: {
    'user-unknown': error('notFound', 'COMMAND-bd4ir1mblj', 'User could not be found'),
  },
  createSession: { 'user-unknown': UNKNOWN_USER },
  passwordCheck: {
    'user-unknown': error('failedPrecondition', 'COMMAND-3n77z', 'User could not be found'),
    'password-not-set': error('failedPrecondition', 'COMMAND-3nJ4t', 'User has not set a password'),
  },
  setSession: {
    'user-barred': error('failedPrecondition', 'COMMAND-JLK35', 'Errors.User.Locked'),
    'password-not-set': error('failedPrecondition', 'COMMAND-3nJ4t', 'User has not set a password'),
  },
  getSession: {
    'session-refused': error('notFound', 'QUERY-SFeaa', 'Session does not exist'),
  },
} as const satisfies Readonly<Record<string, Special>>;

export type Special = { readonly [Kind in Failure['kind']]?: ZitadelError };

const WRONG_PASSWORD = error('invalidArgument', 'COMMAND-3M0fs', 'Password is invalid');
const CODE_ERRORS = {
  wrong: error('invalidArgument', 'CODE-woT0xc', 'Code is invalid'),
  expired: error('failedPrecondition', 'CODE-QvUQ4P', 'Code is expired'),
  none: error('failedPrecondition', 'COMMAND-2M9fs', 'Code not found'),
} as const;
const CLASS_ERRORS = {
  lower: error('invalidArgument', 'DOMAIN-co3Xw', 'Password must contain lower case'),
  upper: error('invalidArgument', 'DOMAIN-VoaRj', 'Password must contain upper case'),
  digit: error('invalidArgument', 'DOMAIN-ZBv4H', 'Password must contain number'),
  symbol: error('invalidArgument', 'DOMAIN-ZDLwA', 'Password must contain symbol'),
} as const;
const TOO_SHORT = error('invalidArgument', 'DOMAIN-HuJf6', 'Password is too short');
const RULE_ERRORS = {
  'too-short': TOO_SHORT,
  'too-long': error('invalidArgument', 'REKEY-too-long', 'Password is too long'),
  'own-name': error(
    'invalidArgument',
    'REKEY-own-name',
    'Password must not be made of the names of its user',
  ),
  common: error('invalidArgument', 'REKEY-common', 'Password is on a list of common passwords'),
  trivial: error('invalidArgument', 'REKEY-trivial', 'Password is a repetition or a sequence'),
  // The vendor's own proposal: zitadel/zitadel#12175.
  reused: error('invalidArgument', 'COMMAND-PwReuse', 'Password has been used before'),
  breached: error('invalidArgument', 'REKEY-breached', 'Password is in a known data breach'),
} as const;

function describeRule(violation: Violation): ZitadelError {
  return violation.rule === 'class-missing'
    ? CLASS_ERRORS[violation.characterClass]
    : RULE_ERRORS[violation.rule];
}

function describeUnsupportedHash(id: string): ZitadelError {
  const docs = 'https://zitadel.com/docs/concepts/architecture/secrets#hashed-secrets';
  const text = `Password hash encoding not supported. Check out ${docs}`;
  return error('invalidArgument', id, text);
}

const SESSION_ERRORS = {
  unknown: error('failedPrecondition', 'COMMAND-Flk38', 'Session does not exist'),
  expired: error('failedPrecondition', 'COMMAND-Hkl3d', 'Session has expired'),
  token: error('permissionDenied', 'COMMAND-sGr42', 'Session Token is invalid'),
  user: error('invalidArgument', null, 'user change not possible'),
  metadata: error('resourceExhausted', null, 'Session metadata is too large'),
} as const;

const SEND_ERRORS = {
  'no-delivery': error('failedPrecondition', null, 'No delivery is configured'),
  'no-email': error('failedPrecondition', null, 'User has no email address'),
  'no-phone': error('failedPrecondition', null, 'User has no phone number'),
  malformed: error('invalidArgument', 'DOMAIN-oGh5e', 'URL Template is invalid'),
  'unknown-field': error('invalidArgument', 'DOMAIN-ieYa7', 'URL Template is invalid'),
  origin: error('invalidArgument', null, 'URL Template leads to a foreign address'),
} as const;

const FAILURES = {
  'caller-refused': () => error('unauthenticated', 'AUTH-7fs1e', 'Errors.Token.Invalid'),
  'organisation-unknown': () =>
    error('permissionDenied', 'AUTH-Bs7Ds', "Organisation doesn't exist"),
  'not-permitted': (failure) =>
    failure.member
      ? error('permissionDenied', 'AUTH-AWfge', 'No matching permissions found')
      : error('notFound', 'AUTHZ-cdgFk', 'membership not found'),
  'proof-refused': ({ attempts }) =>
    attempts === undefined ? WRONG_PASSWORD : { ...WRONG_PASSWORD, failedAttempts: attempts },
  'user-unknown': () => error('notFound', 'COMMAND-G8dh3', 'Password not found'),
  'password-not-set': () =>
    error('failedPrecondition', 'COMMAND-Fds3s', 'User has not set a password'),
  'code-refused': (failure) => CODE_ERRORS[failure.fault],
  'password-malformed': (failure) =>
    failure.field === 'current'
      ? WRONG_PASSWORD
      : error('invalidArgument', null, 'Password must be Unicode text without control characters'),
  'password-unchanged': () =>
    error(
      'failedPrecondition',
      'COMMAND-Aesh5',
      'New password cannot be the same as your current password',
    ),
  'policy-broken': (failure) => {
    const [first] = failure.violations;
    return {
      ...(first === undefined ? TOO_SHORT : describeRule(first)),
      violations: listViolations(failure),
    };
  },
  'choice-refused': () =>
    error(
      'permissionDenied',
      'REKEY-choice',
      'Passwords of users are not chosen by administrators here: send a code',
    ),
  throttled: (failure) => ({
    ...error('resourceExhausted', null, 'Too many attempts'),
    retryAfter: failure.retryAfter,
  }),
  busy: (failure) => ({
    ...error('unavailable', null, 'Too many requests at once'),
    retryAfter: failure.retryAfter,
  }),
  outpaced: () => error('aborted', null, 'The password was changed meanwhile'),
  'temporary-password-expired': () =>
    error('failedPrecondition', null, 'The temporary password has expired'),
  'password-reset-required': () => error('failedPrecondition', null, 'The password must be reset'),
  'rate-limited': () => INTERNAL,
  'not-deployed': () => INTERNAL,
  'hash-unsupported': () => describeUnsupportedHash('USER-oz74onzvqr'),
  'name-malformed': ({ field }) =>
    describeBrokenRule(`invalid ${field}: value is not a plain name`),
  'already-exists': ({ what }) =>
    what === 'user'
      ? error('failedPrecondition', 'COMMAND-7yiox1isql', 'Errors.User.AlreadyExisting')
      : error('alreadyExists', 'V3-DKcYh', 'User already exists'),
  'user-barred': () => error('failedPrecondition', 'SESSION-Gj4ko', 'Errors.User.NotActive'),
  'session-refused': ({ fault }) => SESSION_ERRORS[fault],
  'send-refused': ({ fault }) => SEND_ERRORS[fault],
  'search-refused': () => describeUnserved('a search that reads every user'),
  'too-late': () => error('deadlineExceeded', null, 'the deadline has passed: nothing was changed'),
  'state-refused': () => INTERNAL,
  'password-change-required': () => INTERNAL,
  'otp-refused': () => INTERNAL,
  'not-found': () => INTERNAL,
  misplaced: () => INTERNAL,
} satisfies {
  readonly [Kind in Failure['kind']]: (failure: Extract<Failure, { kind: Kind }>) => ZitadelError;
};

export function describeFailure(failure: Failure, special: Special = {}): ZitadelError {
  return (
    special[failure.kind] ?? (FAILURES[failure.kind] as (failure: Failure) => ZitadelError)(failure)
  );
}
