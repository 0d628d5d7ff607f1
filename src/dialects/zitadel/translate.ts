// ZITADEL's messages into the core's commands, and the core's answers into ZITADEL's messages. Pure.
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { SetPasswordRequest } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import { UserService } from './descriptors.ts';

type Caller = Parameters<Gateway['changeByAuthority']>[0]['caller'];
type Success<Operation extends keyof Gateway> = Extract<
  Awaited<ReturnType<Gateway[Operation]>>,
  { ok: true }
>['value'];

/** Which operation a SetPassword asks for, by the proof that it brings. */
export type SetPasswordCommand =
  | { readonly proof: 'password'; readonly command: Parameters<Gateway['changeByPassword']>[0] }
  | { readonly proof: 'code'; readonly command: Parameters<Gateway['changeByCode']>[0] }
  | { readonly proof: 'authority'; readonly command: Parameters<Gateway['changeByAuthority']>[0] };

export function toSetPassword(caller: Caller, request: SetPasswordRequest): SetPasswordCommand {
  const { userId, verification, newPassword } = request;
  const wanted = {
    caller,
    userId,
    newPassword: newPassword?.password ?? '',
    mustChange: newPassword?.changeRequired ?? false,
  };
  switch (verification.case) {
    case 'currentPassword':
      return {
        proof: 'password',
        command: { ...wanted, currentPassword: verification.value, actors: 'anyone' },
      };
    case 'verificationCode':
      return { proof: 'code', command: { ...wanted, code: verification.value } };
    default:
      return { proof: 'authority', command: wanted };
  }
}

export function fromChanged(changed: Success<'changeByPassword'>) {
  return create(UserService.method.setPassword.output, {
    details: toDetails(changed.sequence, changed.changedAt, changed.tenantId),
  });
}

export function fromIssuedCode(issued: Success<'issueCode'>) {
  return create(UserService.method.passwordReset.output, {
    details: toDetails(issued.sequence, issued.issuedAt, issued.tenantId),
    verificationCode: issued.code,
  });
}

function toDetails(sequence: number, at: number, organisationId: string) {
  return {
    sequence: BigInt(sequence),
    changeDate: timestampFromMs(at),
    resourceOwner: organisationId,
  };
}
