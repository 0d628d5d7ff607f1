// What every method of the services shares: who calls, and the order in which a request is refused.
import type { DescMethod, Message, MessageShape } from '@bufbuild/protobuf';
import type { Gateway } from '../../core/gateway.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readBearer } from '../../wire/bearer.ts';
import {
  describeBrokenRule,
  describeFailure,
  INVALID_AUTH,
  MISSING_AUTH,
  type ZitadelError,
} from './failure.ts';
import { findBrokenRule } from './schema.ts';

/** What a call brings besides its message. */
export interface Call {
  readonly gateway: Gateway;
  readonly authorization: string | undefined;
  /** Header x-zitadel-orgid. */
  readonly organisationId: string | undefined;
}

export type Answer<Output> = Promise<Result<Output, ZitadelError>>;

/** Some methods of a service; whatever is not there is unimplemented. */
export type Implementation<Methods extends Readonly<Record<string, DescMethod>>> = {
  readonly [Name in keyof Methods]?: (
    request: MessageShape<Methods[Name]['input']>,
    call: Call,
  ) => Answer<MessageShape<Methods[Name]['output']>>;
};

export type AnyMethod = (request: Message, call: Call) => Answer<Message>;

export type Caller = Parameters<Gateway['authenticate']>[0]['caller'];
export type Success<Operation extends keyof Gateway> = Extract<
  Awaited<ReturnType<Gateway[Operation]>>,
  { ok: true }
>['value'];

/** Who calls comes first, then what is wrong with the message, by its rules or by `fault`. */
export async function enter(
  method: DescMethod,
  request: Message,
  call: Call,
  fault: ZitadelError | null = null,
): Promise<Result<Caller, ZitadelError>> {
  if (call.authorization === undefined) return fail(MISSING_AUTH);
  const token = readBearer(call.authorization);
  if (token === null) return fail(INVALID_AUTH);
  const caller: Caller = { kind: 'bearer', token, organisationId: call.organisationId ?? null };
  const rule = findBrokenRule(method.input, request);
  const refused = rule === null ? fault : describeBrokenRule(rule);
  if (refused === null) return ok(caller);
  const known = await call.gateway.authenticate({ caller });
  return fail(known.ok ? refused : describeFailure(known.failure));
}
