// ZITADEL's change of a password over Connect and gRPC-Web, as its clients send it.
import { create, toBinary } from '@bufbuild/protobuf';
import { SetPasswordRequestSchema } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { bearer, postJson, renew } from './calls.ts';
import type { Call } from './load.ts';
import type { Tenant, User } from './rekey.ts';

export const SET_PASSWORD = '/zitadel.user.v2.UserService/SetPassword';
/** Of gRPC: a byte of flags and four of length. */
const PREFIX_BYTES = 5;

/** What protobuf's `create` takes; the user has the other password from then on. */
export function describeChange(user: User) {
  const { current, next } = renew(user);
  return {
    userId: user.userId,
    newPassword: { password: next },
    verification: { case: 'currentPassword', value: current },
  } as const;
}

export function changeOverConnectJson(tenant: Tenant, user: User): Call {
  const { current, next } = renew(user);
  const { userId } = user;
  const body = { userId, newPassword: { password: next }, currentPassword: current };
  return postJson(SET_PASSWORD, bearer(tenant.serviceToken), body);
}

export function changeOverConnect(tenant: Tenant, user: User): Call {
  return postBytes(tenant, 'application/proto', encodeChange(user));
}

export function changeOverGrpcWeb(tenant: Tenant, user: User): Call {
  return postBytes(tenant, 'application/grpc-web+proto', frame(encodeChange(user)));
}

function encodeChange(user: User): Uint8Array {
  return toBinary(SetPasswordRequestSchema, create(SetPasswordRequestSchema, describeChange(user)));
}

export function frame(message: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function postBytes({ serviceToken }: Tenant, type: string, body: Uint8Array): Call {
  return {
    method: 'POST',
    path: SET_PASSWORD,
    headers: { 'content-type': type, ...bearer(serviceToken) },
    body,
  };
}
