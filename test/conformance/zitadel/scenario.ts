// A scenario: what is done through one client, and what must come of it, whichever client that is.
import type { DescMethodUnary } from '@bufbuild/protobuf';
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { expect } from 'vitest';
import type { CallOptions, Client, Detail, Reply } from './client.ts';
import type { World } from './world.ts';

export interface Scene extends World {
  readonly client: Client;
  /** A call by the tenant's service, unless told otherwise. */
  readonly call: (
    method: DescMethodUnary,
    request: Readonly<Record<string, unknown>>,
    options?: Partial<CallOptions>,
  ) => Promise<Reply>;
}

export interface Scenario {
  readonly name: string;
  /** Where the contract says so. */
  readonly contract: string;
  /** For clients that can send a call without a Bearer token. */
  readonly bare?: true;
  readonly run: (scene: Scene) => Promise<void>;
}

export function setScene(world: World, client: Client): Scene {
  return {
    ...world,
    client,
    call: (method, request, options) =>
      client.call(method, request, { token: world.tenant.serviceToken, ...options }),
  };
}

const ERROR_DETAIL = 'zitadel.v1.ErrorDetail';
/** Holds the broken rules of a password, for programs. */
const STRUCT = 'google.protobuf.Struct';

/** An error of table 3.6: with an id, message and detail hold it; without one there is no detail. */
export function expectError(
  reply: Reply,
  code: number,
  id: string | null,
  text: string,
  violations?: readonly Record<string, string | number>[],
): void {
  const details: Detail[] = id === null ? [] : [{ type: ERROR_DETAIL, id, message: text }];
  if (violations !== undefined) details.push({ type: STRUCT, violations: [...violations] });
  expect(describeReply(reply)).toEqual({
    code,
    message: id === null ? text : `${text} (${id})`,
    details,
  });
}

function describeReply(reply: Reply): object {
  if (reply.ok) return reply.value;
  const { code, message, details } = reply;
  return { code, message, details };
}

export function expectOk(reply: Reply): Readonly<Record<string, never>> {
  expect(describeReply(reply)).not.toHaveProperty('code');
  return reply.ok ? (reply.value as Record<string, never>) : {};
}

const users = UserService.method;

export function change(
  { call }: Pick<Scene, 'call'>,
  userId: string,
  newPassword: string | null,
  proof: { readonly currentPassword: string } | { readonly verificationCode: string } | null,
  options?: Partial<CallOptions>,
): Promise<Reply> {
  const [[name, value] = []] = Object.entries(proof ?? {});
  const request = {
    userId,
    ...(newPassword === null ? {} : { newPassword: { password: newPassword } }),
    ...(name === undefined ? {} : { verification: { case: name, value } }),
  };
  return call(users.setPassword, request, options);
}
