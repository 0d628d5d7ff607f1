// The calls of Rekey's dialects, as their clients send them.
import type { Call } from './load.ts';
import type { Tenant, User } from './rekey.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A password that nobody has. */
export const WRONG_PASSWORD = 'seven wrong otters stay ashore';

/** Who is signing in, and with what. */
type Guess = Pick<User, 'userId' | 'password'>;

export function get(path: string): Call {
  return { method: 'GET', path, headers: {} };
}

export function postJson(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Call {
  return {
    method: 'POST',
    path,
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  };
}

/** What VBA wants of a caller, with one of the tenant's keys after the other. */
export function vbaHeaders(tenant: Tenant, index: number): Record<string, string> {
  return {
    'x-api-key': pick(tenant.apiKeys, index),
    'vbasoftware-client-id': tenant.clientId,
    'vbasoftware-client-code': tenant.clientCode,
    'vbasoftware-database': tenant.database,
  };
}

/** ZAP's tenant is the host that is called. */
export function zapHeaders({ host }: Tenant): Record<string, string> {
  return { host };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** An address for each request: strangers from one are stopped after some wrong guesses, whoever they are about. */
export function sourceHeaders(index: number): Record<string, string> {
  const address = [10, index >> 16, index >> 8, index].map((byte) => byte & 255).join('.');
  return { 'cf-connecting-ip': address };
}

/** @param guess another password than the user's is a wrong guess. */
export function signIn(tenant: Tenant, index: number, { userId, password }: Guess): Call {
  const credentials = Buffer.from(`${userId}:${password}`).toString('base64');
  const headers = { ...vbaHeaders(tenant, index), authorization: `Basic ${credentials}` };
  return { method: 'POST', path: '/user-authentication', headers };
}

export function signInOverZap(tenant: Tenant, { userId, password }: Guess): Call {
  return postJson('/v1/login', zapHeaders(tenant), { identity: emailOf(userId), password });
}

/** With the current password; the user has the other one from then on. Two hashes, as each change. */
export function changeOverRest(tenant: Tenant, user: User): Call {
  const { current, next } = renew(user);
  return changeByHand(tenant.serviceToken, { userId: user.userId, password: current }, next);
}

/** The same with whatever passwords are wanted: a wrong current one is a guess. */
export function changeByHand(token: string, { userId, password }: Guess, next: string): Call {
  return postJson(`/v2/users/${userId}/password`, bearer(token), {
    newPassword: { password: next },
    currentPassword: password,
  });
}

/** By an administrator who knows the password. @param idToken of VBA's sign-in */
export function changeOverVba(tenant: Tenant, index: number, idToken: string, user: User): Call {
  const { current, next } = renew(user);
  return postJson(
    `/users/${user.userId}/change-password`,
    { ...vbaHeaders(tenant, index), ...bearer(idToken) },
    { currentPassword: current, newPassword: next },
  );
}

/** The same. @param token of ZAP's login */
export function changeOverZap(tenant: Tenant, token: string, user: User): Call {
  const { current, next } = renew(user);
  return postJson(
    '/v1/changePassword',
    { ...zapHeaders(tenant), ...bearer(token) },
    {
      userId: user.userId,
      email: emailOf(user.userId),
      oldPassword: current,
      newPassword: next,
    },
  );
}

export function emailOf(userId: string): string {
  return `${userId}@mail.example`;
}

/** What the user has, and what it is about to have. */
export function renew(user: User): { readonly current: string; readonly next: string } {
  const { password: current, otherPassword: next } = user;
  Object.assign(user, { password: next, otherPassword: current });
  return { current, next };
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
  const headers = bearer(tenant.serviceToken);
  return { method: 'GET', path: `/v2/users/${userId}`, headers };
}

/** Every session of another user, by an admin. @param adminToken of ZAP's login */
export function signOutAll(tenant: Tenant, adminToken: string, userId: string): Call {
  const headers = { ...zapHeaders(tenant), ...bearer(adminToken) };
  return { method: 'PUT', path: `/v1/users/logout/${userId}`, headers };
}

/** Of one hash, at 100,000 rounds each. */
export const LINKS = 6;

/** So many links of the raw hash, in the product's process: of bench/baseline/hashing.js. */
export function rawHash(links: number): Call {
  return get(`/bench/hash/${links}`);
}

/** The same between two trips to D1. @param sizes statements of each: `4-5` */
export function rawHashBetween(sizes: string, links: number): Call {
  return get(`/bench/between/${sizes}/hash/${links}`);
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
