// Calls that must be refused for little: those that nothing need be asked about, and those that D1 alone tells.
import { bearer, pick, postJson, signIn, vbaHeaders, WRONG_PASSWORD, zapHeaders } from './calls.ts';
import type { Call } from './load.ts';
import type { Rekey } from './rekey.ts';
import { frame, SET_PASSWORD } from './rpc-calls.ts';
import { throttle } from './wrong-guesses.ts';

export interface RefusedCall {
  /** As a reader finds it. */
  readonly name: string;
  readonly status: number;
  readonly makeCall: (index: number) => Call;
  /** Before calls are made: what makes them refused does not last. */
  readonly prepare?: () => Promise<void>;
}

const NO_SECRET = 'A'.repeat(43);
/** Of the form of a key, which nobody has. */
const NO_KEY = `rk_db_${NO_SECRET}`;
const NO_TENANT = {
  'x-api-key': NO_KEY,
  'vbasoftware-client-id': 'nobody',
  'vbasoftware-client-code': 'nobody',
  'vbasoftware-database': 'nothing',
};
const MALFORMED = '{"newPassword": ';

function always(name: string, status: number, call: Call): RefusedCall {
  return { name, status, makeCall: () => call };
}

function withBody(call: Call, body: string | Uint8Array): Call {
  return { ...call, body };
}

/** Nobody need be asked: they are refused where there is no database. */
export function listUnreadable(): RefusedCall[] {
  const vba = postJson('/change-temporary-password', NO_TENANT, {
    userID: 'user',
    newPassword: 7,
    session: 'session',
  });
  const zap = postJson('/v1/login', {}, { identity: 'user' });
  const rest = postJson('/v2/users/user/password', bearer(NO_KEY), { newPassword: 7 });
  const connect = postJson(SET_PASSWORD, bearer(NO_KEY), { newPassword: 7 });
  const binary = (type: string, body: Uint8Array): Call => ({
    method: 'POST',
    path: SET_PASSWORD,
    headers: { ...bearer(NO_KEY), 'content-type': type },
    body,
  });
  // A length that the message does not have.
  const broken = new Uint8Array([0x0a, 0x7f]);
  return [
    always('VBA, malformed', 400, withBody(vba, MALFORMED)),
    always('VBA, invalid', 400, vba),
    always('ZAP, malformed', 400, withBody(zap, MALFORMED)),
    always('ZAP, invalid', 400, zap),
    always('ZITADEL REST, malformed', 400, withBody(rest, MALFORMED)),
    always('ZITADEL REST, invalid', 400, rest),
    always('Connect JSON, malformed', 400, withBody(connect, MALFORMED)),
    always('Connect JSON, invalid', 400, connect),
    always('Connect binary, malformed', 400, binary('application/proto', broken)),
    always('gRPC-Web, malformed', 200, binary('application/grpc-web+proto', frame(broken))),
  ];
}

/** D1 tells that they are refused, and nothing is hashed. */
export function listUnproven(rekey: Rekey): RefusedCall[] {
  const { tenant } = rekey;
  const newPassword = pick(tenant.users, 0).otherPassword;
  const foreign = { ...tenant, clientCode: 'nobody' };
  const guess = (userId: string) => ({ userId, password: WRONG_PASSWORD });
  const session = `rks_db_${NO_SECRET}`;
  // A name that was guessed at often comes under the throttle: a fresh one each time.
  let strangers = 0;
  const nameNobody = () => {
    strangers += 1;
    return `nobody-${strangers}`;
  };
  let blocked = '';
  const block = () => {
    blocked = nameNobody();
    return throttle(rekey, blocked);
  };
  return [
    {
      name: 'VBA, unknown tenant',
      status: 401,
      makeCall: (index) => signIn(foreign, index, guess('user-0')),
    },
    {
      name: 'ZITADEL, unknown key',
      status: 401,
      makeCall: () =>
        postJson('/v2/users/user-0/password', bearer(NO_KEY), {
          newPassword: { password: newPassword },
        }),
    },
    {
      name: 'VBA, throttled account',
      status: 429,
      makeCall: (index) => signIn(tenant, index, guess(blocked)),
      prepare: block,
    },
    {
      name: 'VBA, unknown challenge',
      status: 401,
      makeCall: (index) =>
        postJson('/change-temporary-password', vbaHeaders(tenant, index), {
          userID: nameNobody(),
          newPassword,
          session,
        }),
    },
    {
      name: 'VBA, unknown code',
      status: 401,
      makeCall: (index) =>
        postJson('/confirm-forgot-password', vbaHeaders(tenant, index), {
          userID: nameNobody(),
          confirmationCode: '00000000',
          newPassword,
        }),
    },
    {
      name: 'ZAP, unknown code',
      status: 400,
      makeCall: () =>
        postJson('/v1/forgotPassword', zapHeaders(tenant), {
          identity: nameNobody(),
          otp: '00000000',
          newPassword,
        }),
    },
    {
      name: 'ZITADEL, unknown code',
      status: 404,
      makeCall: () =>
        postJson(`/v2/users/${nameNobody()}/password`, bearer(tenant.serviceToken), {
          newPassword: { password: newPassword },
          verificationCode: 'NOSUCH',
        }),
    },
  ];
}
