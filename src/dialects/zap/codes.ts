// ZAP's codes: sent to who says to be a user, sent once more, and looked at before they are used.
import type { Failure } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import type { AppContext } from '../../wire/dialect.ts';
import { readValid } from '../../wire/validate.ts';
import { answerCodeFailure, answerData } from './failure.ts';
import {
  requestOtpSchema,
  requestResetSchema,
  resendOtpSchema,
  verifyOtpSchema,
} from './schema.ts';
import { type Caller, toRequestOtp, toResendOtp } from './translate.ts';

export async function requestOtp(c: AppContext, caller: Caller): Promise<Response> {
  const body = readValid(c, 'json', requestOtpSchema);
  return answer(c, await c.env.gateway.requestCode(toRequestOtp(caller, body)), 'OTP Generated');
}

export async function resendOtp(c: AppContext, caller: Caller): Promise<Response> {
  const body = readValid(c, 'json', resendOtpSchema);
  return answer(c, await c.env.gateway.requestCode(toResendOtp(caller, body)), 'OTP ReSent');
}

export async function requestReset(c: AppContext, caller: Caller): Promise<Response> {
  const { identity } = readValid(c, 'json', requestResetSchema);
  const result = await c.env.gateway.requestCode({
    caller,
    user: { loginName: identity },
    purpose: 'reset',
    format: 'digits',
  });
  return answer(c, result, 'Reset Email sent');
}

/** The code stays as good as it was. */
export async function verifyOtp(c: AppContext, caller: Caller): Promise<Response> {
  const { identity, otp } = readValid(c, 'json', verifyOtpSchema);
  const user = { loginName: identity };
  const result = await c.env.gateway.checkCode({ caller, user, code: otp });
  return answer(c, result, 'OTP verified');
}

function answer(c: AppContext, result: Result<null, Failure>, data: string): Response {
  return result.ok ? answerData(c, data) : answerCodeFailure(c, result.failure);
}
