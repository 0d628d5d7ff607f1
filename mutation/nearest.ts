// Which tests are about a file of the core, where the choice among all that reach it may have missed them: what every
// request passes is reached by every test, and few of those say something of it.

const ZITADEL = 'test/dialects/zitadel';
const VBA = 'test/dialects/vba';
const ZAP = 'test/dialects/zap';
const ADMIN = 'test/dialects/admin';
const INVARIANTS = 'test/invariants';

const CALLERS = [
  `${ZITADEL}/{callers,users-read,users-state,set-password}`,
  `${VBA}/{unauthorized,members,rate-limit}`,
  `${ZAP}/{token,tenancy,users}`,
  `${ADMIN}/{users,tenants,keys}`,
  'test/attack/{isolation,tokens}',
];
const MESSAGES = [
  `${INVARIANTS}/notices*`,
  `${INVARIANTS}/outbox*`,
  `${ADMIN}/{delivery,settings-messages,messages}`,
  `${ZITADEL}/password-reset*`,
  `${ZAP}/{codes,reset}`,
  `${VBA}/forgot-password`,
];
const CHANGES = [
  `${INVARIANTS}/{administrator-passwords,password-history,password-age,races,deadlines,faults,faults-zitadel,notices-causes,audit-acts,audit-sign-ins}`,
  `${VBA}/{challenge,change-password,confirm-forgot-password,retry,users}`,
  `${ZAP}/{change,retry,reset,secure-otp,users-write}`,
  `${ZITADEL}/{set-password,users-update-password,hashed-passwords,codes,guesses}`,
];
const GUESSES = [
  `${INVARIANTS}/{flood,lanes,throttle,closing,states,states-zitadel,enumeration,audit-acts,audit-sign-ins}`,
  `${VBA}/{throttle,challenge,sign-in}`,
  `${ZAP}/{throttle,guesses,login}`,
  `${ZITADEL}/{guesses,codes,session-checks}`,
  'test/attack/{guessing,enumeration}',
];
const USERS = [
  `${ZITADEL}/{users-create,users-create-refusals,users-update,users-update-password,users-state,users-delete,users-find,users-read,hashed-passwords}`,
  `${ZAP}/{users,users-write}`,
  `${VBA}/{users,users-state,members}`,
  `${ADMIN}/users`,
  `${INVARIANTS}/{states,states-zitadel,faults-zitadel}`,
];
const SESSIONS = [
  `${ZITADEL}/{sessions,sessions-find,session-checks,guesses}`,
  `${VBA}/{refresh,sign-out,sign-in,flow}`,
  `${ZAP}/{refresh,logout,login}`,
  `${INVARIANTS}/{sessions,states-zitadel,faults-zitadel,rotation,audit-acts}`,
  'test/attack/sessions',
];
const OPERATOR = [
  `${ADMIN}/*`,
  `${INVARIANTS}/{audit-chain,audit-tampering,clean-up,rewrap,rewrap-history,rotation,outage}`,
];

/** The first whose beginning a file's path below src/core has. */
const NEAREST: readonly (readonly [string, readonly string[]])[] = [
  ['caller', CALLERS],
  ['code-message', MESSAGES],
  ['message', MESSAGES],
  ['outbox', MESSAGES],
  ['email-address', [...MESSAGES, ...USERS]],
  ['gateway', [...OPERATOR, `${INVARIANTS}/{outbox,flood,costs}`, `${VBA}/throttle`]],
  ['flood', GUESSES],
  ['guess', GUESSES],
  ['refusal', GUESSES],
  ['password-check', GUESSES],
  ['session', SESSIONS],
  ['login-session', SESSIONS],
  ['user-filter', [`${ZITADEL}/users-find`]],
  ['signing-keys', ['test/config*', `${INVARIANTS}/rotation`]],
  ['keyring', ['test/config*', `${INVARIANTS}/{rotation,rewrap}`]],
  ['rewrap', OPERATOR],
  ['operations/change-by', CHANGES],
  ['operations/check-code', [...GUESSES, `${ZAP}/{codes,secure-otp}`]],
  ['operations/request-code', MESSAGES],
  ['operations/send-code', MESSAGES],
  ['operations/issue-code', [...MESSAGES, `${ADMIN}/users`, `${ZITADEL}/codes`]],
  ['operations/deliver', MESSAGES],
  ['operations/refresh', SESSIONS],
  ['operations/sign', [...SESSIONS, ...GUESSES]],
  ['operations/create-login-session', SESSIONS],
  ['operations/update-login-session', SESSIONS],
  ['operations/end-login-session', SESSIONS],
  ['operations/find-login-sessions', SESSIONS],
  ['operations/create-user', USERS],
  ['operations/update-user', USERS],
  ['operations/delete-user', USERS],
  ['operations/find-users', USERS],
  ['operations/read', [...USERS, ...OPERATOR]],
  ['operations/set-user-state', USERS],
  ['operations/require-reset', [...USERS, `${VBA}/forgot-password`]],
  ['operations', OPERATOR],
  ['', [...CHANGES, ...MESSAGES]],
];

/** @param file as `src/core/operations/sign-in.ts` @returns patterns of test files */
export function findNearest(file: string): readonly string[] {
  const own = file.replace(/^src\/core\/(.*)\.ts$/, '$1');
  const found = NEAREST.find(([beginning]) => own.startsWith(beginning));
  return [`test/core/${own}*`, ...(found?.[1] ?? [])].map((pattern) => `${pattern}.test.ts`);
}
