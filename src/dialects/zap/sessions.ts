// ZAP's sessions: login, refresh, logout.
import type { AppContext } from '../../wire/dialect.ts';
import { readValid } from '../../wire/validate.ts';
import {
  answerData,
  answerLoginFailure,
  answerRefreshFailure,
  answerUserFailure,
} from './failure.ts';
import { loginSchema, refreshSchema } from './schema.ts';
import { type Caller, fromAccount, fromSession } from './translate.ts';

export async function logIn(c: AppContext, caller: Caller): Promise<Response> {
  const body = readValid(c, 'json', loginSchema);
  const result = await c.env.gateway.signIn({
    caller,
    user: { loginName: body.identity },
    password: body.password,
    canChallenge: false,
  });
  if (!result.ok) return answerLoginFailure(c, result.failure);
  if (result.value.kind !== 'session') throw new Error('a challenge at a door that has none');
  const { account, session } = result.value;
  return answerData(c, { ...fromAccount(account), ...fromSession(session) });
}

export async function refresh(c: AppContext, caller: Caller): Promise<Response> {
  const { refreshToken } = readValid(c, 'json', refreshSchema);
  const result = await c.env.gateway.refresh({ caller, refreshToken, expiredIdToken: null });
  if (!result.ok) return answerRefreshFailure(c, result.failure);
  return answerData(c, fromSession(result.value));
}

/** The caller's own session, or all of a user whom the caller may write. */
export async function logOut(c: AppContext, caller: Caller, userId: string): Promise<Response> {
  const result = await c.env.gateway.signOut({ caller, userId, which: 'this' });
  if (!result.ok) return answerUserFailure(c, result.failure);
  // As the vendor spells it.
  return answerData(c, 'Logout Successfull');
}
