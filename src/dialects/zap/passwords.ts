// ZAP's two changes of a password: by the old one, and by a code.
import type { AppContext } from '../../wire/dialect.ts';
import { readValid } from '../../wire/validate.ts';
import { answerChangeFailure, answerCodeFailure, answerData } from './failure.ts';
import { changePasswordSchema, resetPasswordSchema } from './schema.ts';
import { type Caller, toChangePassword } from './translate.ts';

export async function changePassword(c: AppContext, caller: Caller): Promise<Response> {
  const body = readValid(c, 'json', changePasswordSchema);
  const result = await c.env.gateway.changeByPassword(toChangePassword(caller, body));
  if (!result.ok) return answerChangeFailure(c, result.failure);
  return answerData(c, 'Password updated successfully');
}

export async function resetPassword(c: AppContext, caller: Caller): Promise<Response> {
  const { identity, otp, newPassword } = readValid(c, 'json', resetPasswordSchema);
  const result = await c.env.gateway.changeByCode({
    caller,
    user: { loginName: identity },
    code: otp,
    newPassword: { kind: 'password', text: newPassword },
    mustChange: false,
    actors: 'anyone',
  });
  if (!result.ok) return answerCodeFailure(c, result.failure);
  // The vendor's text, though nothing is sent here and the password is changed.
  return answerData(c, "Password reset link sent to user's email address");
}
