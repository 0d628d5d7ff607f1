// The calls of Rekey's dialects, as their clients send them.
import type { Call } from './load.ts';
import type { Tenant, User } from './rekey.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export function get(path: string): Call {
  return { method: 'GET', path, headers: {} };
}

/** What VBA wants of a caller, with one of the tenant's keys after the other. */
function vbaHeaders(tenant: Tenant, index: number): Record<string, string> {
  return {
    'x-api-key': pick(tenant.apiKeys, index),
    'vbasoftware-client-id': tenant.clientId,
    'vbasoftware-client-code': tenant.clientCode,
    'vbasoftware-database': tenant.database,
  };
}

/** @param password another one than the user's is a wrong guess. */
export function signIn(
  tenant: Tenant,
  index: number,
  { userId, password }: Pick<User, 'userId' | 'password'>,
): Call {
  const credentials = Buffer.from(`${userId}:${password}`).toString('base64');
  const headers = { ...vbaHeaders(tenant, index), authorization: `Basic ${credentials}` };
  return { method: 'POST', path: '/user-authentication', headers };
}

/** With the current password; the user has the other one from then on. Two hashes, as each change. */
export function changeOverRest(tenant: Tenant, user: User): Call {
  const body = renew(user);
  return {
    method: 'POST',
    path: `/v2/users/${user.userId}/password`,
    headers: { ...JSON_TYPE, authorization: `Bearer ${tenant.serviceToken}` },
    body: JSON.stringify(body),
  };
}

function renew(user: User) {
  const { password, otherPassword } = user;
  Object.assign(user, { password: otherPassword, otherPassword: password });
  return { newPassword: { password: otherPassword }, currentPassword: password };
}

export function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
