// SetPassword and PasswordReset.
import type {
  PasswordResetRequest,
  SetPasswordRequest,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { fail, ok } from '../../core/result.ts';
import { type Call, enter } from './call.ts';
import { UserService } from './descriptors.ts';
import {
  describeFailure,
  describeUnserved,
  EMPTY_PASSWORD,
  EMPTY_PASSWORD_WITH_CODE,
  SPECIAL,
  type ZitadelError,
} from './failure.ts';
import { changePassword, fromChanged, fromIssuedCode, toSetPassword } from './translate.ts';

export async function setPassword(request: SetPasswordRequest, call: Call) {
  const fault = findEmptyPassword(request);
  const entered = await enter(UserService.method.setPassword, request, call, fault);
  if (!entered.ok) return entered;
  const changed = await changePassword(call.gateway, toSetPassword(entered.value, request));
  return changed.ok ? ok(fromChanged(changed.value)) : fail(describeFailure(changed.failure));
}

export async function passwordReset(request: PasswordResetRequest, call: Call) {
  // Sending needs a delivery, which is not there yet: nothing is made that nobody would receive.
  const fault = request.medium.case === 'returnCode' ? null : describeUnserved('sending a link');
  const entered = await enter(UserService.method.passwordReset, request, call, fault);
  if (!entered.ok) return entered;
  const issued = await call.gateway.issueCode({
    caller: entered.value,
    userId: request.userId,
    purpose: 'reset',
  });
  if (issued.ok) return ok(fromIssuedCode(issued.value));
  return fail(describeFailure(issued.failure, SPECIAL.passwordReset));
}

/** An absent password must never become an empty one. */
function findEmptyPassword({ newPassword, verification }: SetPasswordRequest): ZitadelError | null {
  if (newPassword !== undefined) return null;
  return verification.case === 'verificationCode' ? EMPTY_PASSWORD_WITH_CODE : EMPTY_PASSWORD;
}
