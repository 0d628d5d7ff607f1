// UserService, as far as it makes and changes users.
import { create, type DescMethod, type Message } from '@bufbuild/protobuf';
import type { SetPassword } from '@zitadel/proto/zitadel/user/v2/password_pb.js';
import type {
  AddHumanUserRequest,
  CreateUserRequest,
  CreateUserRequest_Human,
  DeactivateUserRequest,
  DeleteUserRequest,
  LockUserRequest,
  ReactivateUserRequest,
  UnlockUserRequest,
  UpdateHumanUserRequest,
  UpdateUserRequest,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import { fail, ok } from '../../core/result.ts';
import { type Answer, type Call, type Caller, enter, type Success } from './call.ts';
import { UserService } from './descriptors.ts';
import {
  describeFailure,
  describeUnserved,
  NO_SECRET,
  SPECIAL,
  type Special,
  type ZitadelError,
} from './failure.ts';
import { toTimestamp } from './timestamp.ts';
import { changePassword, toDetails, toSecret, withProof } from './translate.ts';
import { findUnservedVerification, type Person, toPatch } from './translate-users.ts';

type Created = Success<'createUser'>;
type Changed = Success<'setUserState'>;

export async function addHumanUser(request: AddHumanUserRequest, call: Call) {
  const { organization } = request;
  const fault =
    organization?.org.case === 'orgDomain'
      ? describeUnserved('an organization by its domain')
      : findUnservedPart(request);
  const method = UserService.method.addHumanUser;
  const entered = await enter(method, request, call, fault);
  if (!entered.ok) return entered;
  const organisationId = organization?.org.value || null;
  const made = await make(call, entered.value, organisationId, request, SPECIAL.addHumanUser);
  if (!made.ok) return made;
  const { userId, createdAt } = made.value.account;
  const details = toDetails({ ...made.value, changedAt: createdAt, createdAt });
  return ok(create(method.output, { userId, details }));
}

export async function createUser(request: CreateUserRequest, call: Call) {
  const { organizationId, userId, username, userType } = request;
  const fault =
    userType.case === 'human' ? findUnservedPart(userType.value) : describeUnserved('a machine');
  const method = UserService.method.createUser;
  const entered = await enter(method, request, call, fault);
  if (!entered.ok) return entered;
  const human = userType.value as CreateUserRequest_Human;
  const person = { ...human, userId, username };
  const made = await make(call, entered.value, organizationId, person, {});
  if (!made.ok) return made;
  const { userId: id, createdAt } = made.value.account;
  return ok(create(method.output, { id, creationDate: toTimestamp(createdAt) }));
}

type NewHuman = Person &
  Pick<AddHumanUserRequest, 'passwordType'> & { readonly userId?: string | undefined };

/** The email is the user name of who has no other, as the vendor has it. */
async function make(
  call: Call,
  caller: Caller,
  organisationId: string | null,
  human: NewHuman,
  special: Special,
): Answer<Created> {
  const { username = null, email = null, phone = null, name = null, profile = {} } = toPatch(human);
  const secret = toSecret(human.passwordType);
  const made = await call.gateway.createUser({
    caller,
    organisationId,
    ...(human.userId === undefined ? {} : { userId: human.userId }),
    username: username ?? email,
    email,
    phone,
    name,
    profile,
    role: 'user',
    initial:
      secret === null
        ? { kind: 'none' }
        : { kind: 'given', secret: secret.newPassword, mustChange: secret.mustChange },
  });
  return made.ok ? made : fail(describeFailure(made.failure, special));
}

function findUnservedPart(
  human: Person &
    Pick<CreateUserRequest_Human, 'idpLinks' | 'totpSecret'> & {
      readonly metadata: readonly unknown[];
    },
): ZitadelError | null {
  if (human.idpLinks.length > 0) return describeUnserved('idp_links');
  if (human.totpSecret !== undefined) return describeUnserved('totp_secret');
  if (human.metadata.length > 0) return describeUnserved('metadata');
  return findUnservedVerification(human);
}

export async function updateHumanUser(request: UpdateHumanUserRequest, call: Call) {
  const method = UserService.method.updateHumanUser;
  const changed = await update(method, request, call, request, request.password);
  return changed.ok ? ok(create(method.output, { details: toDetails(changed.value) })) : changed;
}

export async function updateUser(request: UpdateUserRequest, call: Call) {
  const { username, userType } = request;
  const method = UserService.method.updateUser;
  const human = userType.case === 'human' ? userType.value : undefined;
  const person: Person = { ...human, username };
  const fault = userType.case === 'machine' ? describeUnserved('a machine') : null;
  const changed = await update(method, request, call, person, human?.password, fault);
  if (!changed.ok) return changed;
  return ok(create(method.output, { changeDate: toTimestamp(changed.value.changedAt) }));
}

/** Names, profile and password change together, or not at all. */
async function update(
  method: DescMethod,
  request: Message & { readonly userId: string },
  call: Call,
  person: Person,
  password: SetPassword | undefined,
  unserved: ZitadelError | null = null,
): Answer<Changed> {
  const secret = password === undefined ? null : toSecret(password.passwordType);
  const isEmpty = password !== undefined && secret === null;
  const fault = unserved ?? findUnservedVerification(person) ?? (isEmpty ? NO_SECRET : null);
  const entered = await enter(method, request, call, fault);
  if (!entered.ok) return entered;
  const wanted = { caller: entered.value, userId: request.userId, patch: toPatch(person) };
  const changed =
    secret === null || password === undefined
      ? await call.gateway.updateUser(wanted)
      : await changePassword(
          call.gateway,
          withProof({ ...wanted, ...secret }, password.verification, 'self-or-admin'),
        );
  if (!changed.ok) return fail(describeFailure(changed.failure, SPECIAL.updateUser));
  const { tenantId, sequence, changedAt } = changed.value;
  return ok({ tenantId, sequence, changedAt });
}

type Step = Parameters<Gateway['setUserState']>[0]['step'];

export function lockUser(request: LockUserRequest, call: Call) {
  return step(UserService.method.lockUser, request, call, 'lock');
}

export function unlockUser(request: UnlockUserRequest, call: Call) {
  return step(UserService.method.unlockUser, request, call, 'unlock');
}

export function deactivateUser(request: DeactivateUserRequest, call: Call) {
  return step(UserService.method.deactivateUser, request, call, 'deactivate');
}

export function reactivateUser(request: ReactivateUserRequest, call: Call) {
  return step(UserService.method.reactivateUser, request, call, 'reactivate');
}

async function step<Method extends (typeof UserService)['method'][`${Step}User`]>(
  method: Method,
  request: Message & { readonly userId: string },
  call: Call,
  name: Step,
) {
  const entered = await enter(method, request, call);
  if (!entered.ok) return entered;
  const { userId } = request;
  const changed = await call.gateway.setUserState({ caller: entered.value, userId, step: name });
  if (!changed.ok) return fail(describeFailure(changed.failure, SPECIAL[`${name}User`]));
  return ok(
    create<Method['output']>(method.output, { details: toDetails(changed.value) } as never),
  );
}

export async function deleteUser(request: DeleteUserRequest, call: Call) {
  const method = UserService.method.deleteUser;
  const entered = await enter(method, request, call);
  if (!entered.ok) return entered;
  const { userId } = request;
  const deleted = await call.gateway.deleteUser({ caller: entered.value, userId });
  if (!deleted.ok) return fail(describeFailure(deleted.failure, SPECIAL.deleteUser));
  return ok(create(method.output, { details: toDetails(deleted.value) }));
}
