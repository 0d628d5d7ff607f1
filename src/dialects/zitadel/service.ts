// The one implementation of UserService, on the vendor's messages. Transports decode, call, and encode.
import type { DescMessage, DescMethod, Message, MessageShape } from '@bufbuild/protobuf';
import type {
  PasswordResetRequest,
  SetPasswordRequest,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { readBearer } from '../../wire/bearer.ts';
import { UserService } from './descriptors.ts';
import {
  describeBrokenRule,
  describeFailure,
  EMPTY_PASSWORD,
  EMPTY_PASSWORD_WITH_CODE,
  INVALID_AUTH,
  MISSING_AUTH,
  RESET_OF_UNKNOWN_USER,
  UNIMPLEMENTED,
  type ZitadelError,
} from './failure.ts';
import { findBrokenRule } from './schema.ts';
import { fromChanged, fromIssuedCode, toSetPassword } from './translate.ts';

/** What a call brings besides its message. */
export interface Call {
  readonly gateway: Gateway;
  readonly authorization: string | undefined;
  /** Header x-zitadel-orgid. */
  readonly organisationId: string | undefined;
}

type Answer<Output> = Promise<Result<Output, ZitadelError>>;
type Methods = (typeof UserService)['method'];

/** A method that the service serves; whatever is not here is unimplemented. */
type Implementation = {
  readonly [Name in keyof Methods]?: (
    request: MessageShape<Methods[Name]['input']>,
    call: Call,
  ) => Answer<MessageShape<Methods[Name]['output']>>;
};

const implementation = { setPassword, passwordReset } satisfies Implementation;

export type AnyMethod = (request: Message, call: Call) => Answer<Message>;

/** What serves the method; null when nothing does. */
export function findMethod(method: DescMethod): AnyMethod | null {
  if (method.parent !== UserService || !Object.hasOwn(implementation, method.localName))
    return null;
  // The transports pass the message of the method's own input type, which the descriptor gave them.
  return implementation[method.localName as keyof typeof implementation] as unknown as AnyMethod;
}

async function setPassword(request: SetPasswordRequest, call: Call) {
  const entered = await enter(
    UserService.method.setPassword.input,
    request,
    call,
    findEmptyPassword(request),
  );
  if (!entered.ok) return entered;
  const asked = toSetPassword(entered.value, request);
  const changed =
    asked.proof === 'password'
      ? await call.gateway.changeByPassword(asked.command)
      : asked.proof === 'code'
        ? await call.gateway.changeByCode(asked.command)
        : await call.gateway.changeByAuthority(asked.command);
  if (changed.ok) return ok(fromChanged(changed.value));
  return fail(describeFailure(changed.failure));
}

async function passwordReset(request: PasswordResetRequest, call: Call) {
  // Sending needs a delivery, which is not there yet: nothing is made that nobody would receive.
  const fault = request.medium.case === 'returnCode' ? null : UNIMPLEMENTED;
  const entered = await enter(UserService.method.passwordReset.input, request, call, fault);
  if (!entered.ok) return entered;
  const issued = await call.gateway.issueCode({
    caller: entered.value,
    userId: request.userId,
    purpose: 'reset',
  });
  if (issued.ok) return ok(fromIssuedCode(issued.value));
  if (issued.failure.kind === 'user-unknown') return fail(RESET_OF_UNKNOWN_USER);
  return fail(describeFailure(issued.failure));
}

/** An absent password must never become an empty one. */
function findEmptyPassword({ newPassword, verification }: SetPasswordRequest): ZitadelError | null {
  if (newPassword !== undefined) return null;
  return verification.case === 'verificationCode' ? EMPTY_PASSWORD_WITH_CODE : EMPTY_PASSWORD;
}

type Caller = Parameters<Gateway['authenticate']>[0]['caller'];

/** Who calls comes first, then what is wrong with the message. */
async function enter<Schema extends DescMessage>(
  schema: Schema,
  request: MessageShape<Schema>,
  call: Call,
  fault: ZitadelError | null,
): Promise<Result<Caller, ZitadelError>> {
  if (call.authorization === undefined) return fail(MISSING_AUTH);
  const token = readBearer(call.authorization);
  if (token === null) return fail(INVALID_AUTH);
  const caller: Caller = { kind: 'bearer', token, organisationId: call.organisationId ?? null };
  const rule = findBrokenRule(schema, request);
  const refused = rule === null ? fault : describeBrokenRule(rule);
  if (refused === null) return ok(caller);
  const known = await call.gateway.authenticate({ caller });
  return fail(known.ok ? refused : describeFailure(known.failure));
}
