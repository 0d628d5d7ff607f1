// SetPassword and PasswordReset.
import { create } from '@bufbuild/protobuf';
import type { SendPasswordResetLink } from '@zitadel/proto/zitadel/user/v2/password_pb.js';
import type {
  PasswordResetRequest,
  SetPasswordRequest,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type { Failure } from '../../core/failure.ts';
import { fail, ok } from '../../core/result.ts';
import { type Call, enter } from './call.ts';
import { UserService } from './descriptors.ts';
import {
  describeFailure,
  EMPTY_PASSWORD,
  EMPTY_PASSWORD_WITH_CODE,
  SPECIAL,
  type ZitadelError,
} from './failure.ts';
import {
  changePassword,
  fromChanged,
  fromIssuedCode,
  toDetails,
  toSetPassword,
} from './translate.ts';

export async function setPassword(request: SetPasswordRequest, call: Call) {
  const fault = findEmptyPassword(request);
  const entered = await enter(UserService.method.setPassword, request, call, fault);
  if (!entered.ok) return entered;
  const changed = await changePassword(call.gateway, toSetPassword(entered.value, request));
  return changed.ok ? ok(fromChanged(changed.value)) : fail(describeFailure(changed.failure));
}

export async function passwordReset(request: PasswordResetRequest, call: Call) {
  const method = UserService.method.passwordReset;
  const entered = await enter(method, request, call);
  if (!entered.ok) return entered;
  const { userId, medium } = request;
  const wanted = { caller: entered.value, userId };
  if (medium.case === 'returnCode') {
    const issued = await call.gateway.issueCode({ ...wanted, purpose: 'reset', format: 'letters' });
    return issued.ok ? ok(fromIssuedCode(issued.value)) : refuseReset(issued.failure);
  }
  const sent = await call.gateway.sendCode({ ...wanted, ...toLetter(medium.value) });
  if (!sent.ok) return refuseReset(sent.failure);
  return ok(create(method.output, { details: toDetails(sent.value) }));
}

function refuseReset(failure: Failure) {
  return fail(describeFailure(failure, SPECIAL.passwordReset));
}

/** NOTIFICATION_TYPE_SMS: zitadel/user/v2/password.proto. Any other type is a mail, and so is none. */
const BY_SMS = 2;

function toLetter(link: SendPasswordResetLink | undefined) {
  const channel = link?.notificationType === BY_SMS ? ('sms' as const) : ('email' as const);
  return { channel, format: 'letters' as const, urlTemplate: link?.urlTemplate ?? null };
}

/** An absent password must never become an empty one. */
function findEmptyPassword({ newPassword, verification }: SetPasswordRequest): ZitadelError | null {
  if (newPassword !== undefined) return null;
  return verification.case === 'verificationCode' ? EMPTY_PASSWORD_WITH_CODE : EMPTY_PASSWORD;
}
