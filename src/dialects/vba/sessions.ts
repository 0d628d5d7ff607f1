// Sign-in, refresh, and the two ways to end a session.
import type { AppContext } from '../../wire/dialect.ts';
import { answerData, answerError, answerNothing } from './answer.ts';
import { answerFailure, answerMemberFailure, UNAUTHORIZED } from './failure.ts';
import { type Client, fromSession, fromSignedIn, type Member, readBasic } from './translate.ts';

export async function authenticate(c: AppContext, client: Client): Promise<Response> {
  const basic = readBasic(c.req.header('authorization'));
  if (basic === null) return answerError(c, UNAUTHORIZED);
  const result = await c.env.gateway.signIn({
    caller: client,
    user: { userId: basic.userId },
    password: basic.password,
    canChallenge: true,
  });
  return result.ok ? answerData(c, fromSignedIn(result.value)) : answerFailure(c, result.failure);
}

export async function refreshTokens(c: AppContext, client: Client): Promise<Response> {
  const expiredIdToken = c.req.header('expired-id-token') ?? '';
  const refreshToken = c.req.header('refresh-token') ?? '';
  if (expiredIdToken === '' || refreshToken === '') {
    const header = expiredIdToken === '' ? 'expired-id-token' : 'refresh-token';
    return answerError(c, { status: 400, detail: `The header ${header} is required.` });
  }
  const result = await c.env.gateway.refresh({ caller: client, refreshToken, expiredIdToken });
  return result.ok ? answerData(c, fromSession(result.value)) : answerFailure(c, result.failure);
}

export function logOut(c: AppContext, member: Member): Promise<Response> {
  return signOut(c, member, 'this');
}

export function kick(c: AppContext, member: Member): Promise<Response> {
  return signOut(c, member, 'oldest');
}

async function signOut(c: AppContext, member: Member, which: 'this' | 'oldest'): Promise<Response> {
  const result = await c.env.gateway.signOut({ caller: member, userId: null, which });
  return result.ok ? answerNothing(c) : answerMemberFailure(c, result.failure);
}
