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

export interface TokenPair {
  readonly idToken: string;
  readonly refreshToken: string;
}

/** Of the answer to a sign-in or a refresh. */
export function readTokens(body: string): TokenPair {
  const { data } = JSON.parse(body) as { data: { authenticationResult: TokenPair } };
  return data.authenticationResult;
}

export function refresh(tenant: Tenant, index: number, tokens: TokenPair): Call {
  const headers = {
    ...vbaHeaders(tenant, index),
    'expired-id-token': tokens.idToken,
    'refresh-token': tokens.refreshToken,
  };
  return { method: 'POST', path: '/user-refresh-tokens', headers };
}

export function readUser(tenant: Tenant, userId: string): Call {
  const headers = { authorization: `Bearer ${tenant.serviceToken}` };
  return { method: 'GET', path: `/v2/users/${userId}`, headers };
}

/** Over ZAP; the answer's `data.token` is what `signOutAll` takes. */
export function logIn(tenant: Tenant, identity: string, password: string): Call {
  const headers = { ...JSON_TYPE, host: tenant.host };
  const body = JSON.stringify({ identity, password });
  return { method: 'POST', path: '/v1/login', headers, body };
}

/** Every session of another user, by an admin. */
export function signOutAll(tenant: Tenant, adminToken: string, userId: string): Call {
  const headers = { host: tenant.host, authorization: `Bearer ${adminToken}` };
  return { method: 'PUT', path: `/v1/users/logout/${userId}`, headers };
}

/** What the database did since it was last asked: of bench/baseline/counted.js. */
export function readBatches(): Call {
  return get('/bench/batches');
}

export function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
