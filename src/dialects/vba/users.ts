// What an administrator does to users.
import type { AppContext } from '../../wire/dialect.ts';
import { readValid } from '../../wire/validate.ts';
import { answerCreated, answerMessage } from './answer.ts';
import { answerAdminFailure } from './failure.ts';
import { createUserSchema } from './schema.ts';
import { fromCreatedUser, type Member, toNewUser } from './translate.ts';

export async function createUser(c: AppContext, member: Member): Promise<Response> {
  const body = readValid(c, 'json', createUserSchema);
  const result = await c.env.gateway.createUser(toNewUser(member, body));
  return result.ok
    ? answerCreated(c, fromCreatedUser(result.value))
    : answerAdminFailure(c, result.failure);
}

export async function resetPassword(
  c: AppContext,
  member: Member,
  userId: string,
): Promise<Response> {
  const result = await c.env.gateway.requireReset({ caller: member, userId, format: 'digits' });
  return result.ok
    ? answerMessage(c, 'The current password is invalidated and must be changed.')
    : answerAdminFailure(c, result.failure);
}

export function disableUser(c: AppContext, member: Member, userId: string): Promise<Response> {
  return setState(c, member, userId, 'deactivate');
}

export function enableUser(c: AppContext, member: Member, userId: string): Promise<Response> {
  return setState(c, member, userId, 'reactivate');
}

const STATE_MESSAGES = {
  deactivate: 'The user is disabled.',
  reactivate: 'The user is enabled.',
} as const;

async function setState(
  c: AppContext,
  member: Member,
  userId: string,
  step: keyof typeof STATE_MESSAGES,
): Promise<Response> {
  const result = await c.env.gateway.setUserState({ caller: member, userId, step });
  // A user who was in the state before is in it now, which is all that was asked for.
  return result.ok || result.failure.kind === 'state-refused'
    ? answerMessage(c, STATE_MESSAGES[step])
    : answerAdminFailure(c, result.failure);
}
