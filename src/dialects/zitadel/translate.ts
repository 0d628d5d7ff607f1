// ZITADEL's messages about passwords into the core's commands, and what all answers share. Pure but for the one call.
import { create } from '@bufbuild/protobuf';
import type { HashedPassword, Password } from '@zitadel/proto/zitadel/user/v2/password_pb.js';
import type { SetPasswordRequest } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import type { Caller, Success } from './call.ts';
import { UserService } from './descriptors.ts';
import { toTimestamp } from './timestamp.ts';

/** Which operation changes a password, by the proof that the request brings. */
export type PasswordCommand =
  | { readonly proof: 'password'; readonly command: Parameters<Gateway['changeByPassword']>[0] }
  | { readonly proof: 'code'; readonly command: Parameters<Gateway['changeByCode']>[0] }
  | { readonly proof: 'authority'; readonly command: Parameters<Gateway['changeByAuthority']>[0] };

type Wanted = Parameters<Gateway['changeByAuthority']>[0];
type Actors = Parameters<Gateway['changeByPassword']>[0]['actors'];
type Verification = SetPasswordRequest['verification'];

export function toSetPassword(caller: Caller, request: SetPasswordRequest): PasswordCommand {
  const { userId, verification, newPassword } = request;
  const wanted: Wanted = {
    caller,
    userId,
    newPassword: { kind: 'password', text: newPassword?.password ?? '' },
    mustChange: newPassword?.changeRequired ?? false,
  };
  return withProof(wanted, verification, 'anyone');
}

export function withProof(
  wanted: Wanted,
  { case: proof, value }: Verification,
  actors: Actors,
): PasswordCommand {
  switch (proof) {
    case 'currentPassword':
      return {
        proof: 'password',
        command: { ...wanted, currentPassword: value, actors, honoursSecureOtp: false },
      };
    case 'verificationCode':
      return { proof: 'code', command: toChangeByCode(wanted, value, actors) };
    default:
      return { proof: 'authority', command: wanted };
  }
}

function toChangeByCode({ userId, ...wanted }: Wanted, code: string, actors: Actors) {
  return { ...wanted, user: { userId }, code, actors };
}

export function changePassword(gateway: Gateway, asked: PasswordCommand) {
  switch (asked.proof) {
    case 'password':
      return gateway.changeByPassword(asked.command);
    case 'code':
      return gateway.changeByCode(asked.command);
    case 'authority':
      return gateway.changeByAuthority(asked.command);
  }
}

type PasswordType =
  | { readonly case: 'password'; readonly value: Password }
  | { readonly case: 'hashedPassword'; readonly value: HashedPassword }
  | { readonly case: undefined };

/** null when neither a password nor a hash is given. */
export function toSecret(given: PasswordType): Pick<Wanted, 'newPassword' | 'mustChange'> | null {
  switch (given.case) {
    case 'password': {
      const { password, changeRequired } = given.value;
      return { newPassword: { kind: 'password', text: password }, mustChange: changeRequired };
    }
    case 'hashedPassword': {
      const { hash, changeRequired } = given.value;
      return { newPassword: { kind: 'hash', encoded: hash }, mustChange: changeRequired };
    }
    default:
      return null;
  }
}

export function fromChanged(changed: Success<'changeByPassword'>) {
  return create(UserService.method.setPassword.output, { details: toDetails(changed) });
}

export function fromIssuedCode(issued: Success<'issueCode'>) {
  const { issuedAt: changedAt, code: verificationCode } = issued;
  return create(UserService.method.passwordReset.output, {
    details: toDetails({ ...issued, changedAt }),
    verificationCode,
  });
}

/** Times in milliseconds. */
export function toDetails(of: {
  readonly tenantId: string;
  readonly sequence: number;
  readonly changedAt: number;
  readonly createdAt?: number;
}) {
  return {
    sequence: BigInt(of.sequence),
    changeDate: toTimestamp(of.changedAt),
    resourceOwner: of.tenantId,
    ...(of.createdAt === undefined ? {} : { creationDate: toTimestamp(of.createdAt) }),
  };
}

/** Times in milliseconds. */
export function toListDetails(of: { readonly total: number; readonly readAt: number }) {
  return { totalResult: BigInt(of.total), timestamp: toTimestamp(of.readAt) };
}

const DEFAULT_LIMIT = 100;
/** The vendor's own. */
export const MAX_LIMIT = 1000;

export function toPage(
  query: { readonly offset: bigint; readonly limit: number; readonly asc: boolean } | undefined,
) {
  return {
    // Beyond it a number is not exact, and the database takes it for no offset at all.
    offset: Math.min(Number(query?.offset ?? 0n), Number.MAX_SAFE_INTEGER),
    limit: query?.limit || DEFAULT_LIMIT,
    ascending: query?.asc ?? false,
  };
}
