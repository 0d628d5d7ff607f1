// The three ways to another password: by the session of a challenge, by a confirmation code, by the present password.
import type { AppContext } from '../../wire/dialect.ts';
import { readValid } from '../../wire/validate.ts';
import { answerData, answerMessage } from './answer.ts';
import { answerFailure, answerMemberFailure } from './failure.ts';
import {
  changePasswordSchema,
  changeTemporaryPasswordSchema,
  confirmForgotPasswordSchema,
  forgotPasswordSchema,
} from './schema.ts';
import { type Client, fromSession, type Member } from './translate.ts';

export async function changeTemporaryPassword(c: AppContext, client: Client): Promise<Response> {
  const body = readValid(c, 'json', changeTemporaryPasswordSchema);
  const result = await c.env.gateway.changeByChallenge({
    caller: client,
    userId: body.userID,
    newPassword: body.newPassword,
    session: body.session,
  });
  return result.ok ? answerData(c, fromSession(result.value)) : answerFailure(c, result.failure);
}

export async function forgotPassword(c: AppContext, client: Client): Promise<Response> {
  const body = readValid(c, 'json', forgotPasswordSchema);
  const result = await c.env.gateway.requestCode({
    caller: client,
    user: { userId: body.userID },
    purpose: 'reset',
    format: 'digits',
  });
  return result.ok
    ? answerMessage(c, 'A confirmation code was sent, if the user is there and can be reached.')
    : answerFailure(c, result.failure);
}

export async function confirmForgotPassword(c: AppContext, client: Client): Promise<Response> {
  const body = readValid(c, 'json', confirmForgotPasswordSchema);
  const result = await c.env.gateway.changeByCode({
    caller: client,
    user: { userId: body.userID },
    code: body.confirmationCode,
    newPassword: { kind: 'password', text: body.newPassword },
    mustChange: false,
    actors: 'anyone',
  });
  return result.ok
    ? answerMessage(c, 'The password was changed. Sign in with the new one.')
    : answerFailure(c, result.failure);
}

export async function changePassword(
  c: AppContext,
  member: Member,
  userId: string,
): Promise<Response> {
  const body = readValid(c, 'json', changePasswordSchema);
  const result = await c.env.gateway.changeByPassword({
    caller: member,
    userId,
    currentPassword: body.currentPassword,
    newPassword: { kind: 'password', text: body.newPassword },
    mustChange: false,
    actors: 'self-or-admin',
    honoursSecureOtp: false,
  });
  return result.ok
    ? answerMessage(c, 'The password was changed. Sign in with the new one.')
    : answerMemberFailure(c, result.failure);
}
