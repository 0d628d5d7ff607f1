// ZAP's users: made, read, changed and deleted.
import type { AppContext } from '../../wire/dialect.ts';
import { readValid } from '../../wire/validate.ts';
import { answerCreated, answerData, answerError, answerUserFailure, FORBIDDEN } from './failure.ts';
import { createUserSchema, listUsersSchema, updateUserSchema } from './schema.ts';
import { type Caller, fromAccount, toCreateUser, toFindUsers, toPatch } from './translate.ts';

export async function createUser(c: AppContext, caller: Caller): Promise<Response> {
  const body = readValid(c, 'json', createUserSchema);
  const result = await c.env.gateway.createUser(toCreateUser(caller, body));
  if (!result.ok) return answerUserFailure(c, result.failure);
  return answerCreated(c, fromAccount(result.value.account));
}

/** A search would show a plain user the one that it may see; this door has a route for that. */
export async function listUsers(c: AppContext, caller: Caller): Promise<Response> {
  const query = readValid(c, 'query', listUsersSchema);
  const gateway = c.env.gateway;
  const known = await gateway.authenticate({ caller });
  if (!known.ok) return answerUserFailure(c, known.failure);
  const { principal } = known.value;
  if (principal.kind !== 'user' || principal.role !== 'admin') return answerError(c, FORBIDDEN);
  const result = await gateway.findUsers(toFindUsers(caller, query));
  if (!result.ok) return answerUserFailure(c, result.failure);
  return answerData(
    c,
    result.value.users.map(({ account }) => fromAccount(account)),
  );
}

/** Where an id stands, the caller's own: the documentation's name for it. */
const OWN = 'token';

export async function readUser(c: AppContext, caller: Caller, id: string): Promise<Response> {
  const userId = id === OWN ? null : id;
  const result = await c.env.gateway.readAccount({ caller, userId });
  if (!result.ok) return answerUserFailure(c, result.failure);
  return answerData(c, fromAccount(result.value));
}

export async function updateUser(c: AppContext, caller: Caller, userId: string): Promise<Response> {
  const patch = toPatch(readValid(c, 'json', updateUserSchema));
  const result = await c.env.gateway.updateUser({ caller, userId, patch });
  if (!result.ok) return answerUserFailure(c, result.failure);
  return answerData(c, fromAccount(result.value.account));
}

export async function deleteUser(c: AppContext, caller: Caller, userId: string): Promise<Response> {
  const result = await c.env.gateway.deleteUser({ caller, userId });
  if (!result.ok) return answerUserFailure(c, result.failure);
  return answerData(c, 'User deleted successfully');
}
