// Requests that would be taken, one of each kind, of every door.

import { env } from 'cloudflare:workers';
import { create, fromJson, toBinary } from '@bufbuild/protobuf';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import { SessionService, UserService } from '../../src/dialects/zitadel/descriptors.ts';
import { openDoors } from '../input/doors.ts';
import { ORIGIN } from '../support/rekey.ts';
import * as t from '../support/tenant.ts';
import { rpcPath, toBase64 } from '../support/zitadel-doors.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Sample {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as fields, so that its shape can be changed. */
  readonly body: Uint8Array<ArrayBuffer> | Fields | null;
}

const JSON_TYPE = { 'content-type': 'application/json' };

export async function listSamples(): Promise<readonly Sample[]> {
  const doors = Object.entries(await openDoors()).map(([name, door]) => ({
    name,
    method: door.method ?? 'POST',
    url: door.path.startsWith('http') ? door.path : `${ORIGIN}${door.path}`,
    headers: door.headers,
    body: door.valid,
  }));
  const tenant = await t.makeTenant();
  const user = await t.makeUser(tenant);
  const admin = await t.makeUser(tenant, { role: 'admin' });
  const code = await t.resetCode(tenant, user.userId);
  return [
    ...doors,
    ...(await listVba(tenant, user, admin)),
    ...(await listZap(tenant, user, admin, code)),
    ...listZitadel(tenant, user),
    ...listAdmin(tenant, user),
  ];
}

type Tenant = t.TestTenant;
type User = t.TestUser;

async function listVba(tenant: Tenant, user: User, admin: User): Promise<Sample[]> {
  const signedIn = await t.vbaSignIn(tenant, admin.userId, admin.password);
  const { idToken, refreshToken } = signedIn.body.data.authenticationResult;
  const headers = t.vbaHeaders(tenant);
  const member = { ...headers, authorization: `Bearer ${idToken}` };
  const post = { method: 'POST', body: null };
  return [
    {
      ...post,
      name: 'VBA sign-in',
      url: `${ORIGIN}/user-authentication`,
      headers: { ...headers, authorization: t.basic(user.userId, user.password) },
    },
    {
      ...post,
      name: 'VBA refresh',
      url: `${ORIGIN}/vbasoftware/user-refresh-tokens`,
      headers: { ...headers, 'expired-id-token': idToken, 'refresh-token': refreshToken },
    },
    {
      ...post,
      name: 'VBA enable',
      url: `${ORIGIN}/users/${user.userId}/admin-enable`,
      headers: member,
    },
    {
      ...post,
      name: 'VBA change by password',
      url: `${ORIGIN}/users/${user.userId}/change-password`,
      headers: { ...member, ...JSON_TYPE },
      body: { currentPassword: user.password, newPassword: t.newPassword() },
    },
    {
      ...post,
      name: 'VBA forgotten',
      url: `${ORIGIN}/forgot-password`,
      headers: { ...headers, ...JSON_TYPE },
      body: { userID: user.userId },
    },
  ];
}

async function listZap(tenant: Tenant, user: User, admin: User, code: string): Promise<Sample[]> {
  const host = `http://${tenant.host}:8787`;
  const headers = { authorization: `Bearer ${await t.zapToken(tenant, admin)}` };
  const form = new URLSearchParams({ identity: user.email, password: user.password }).toString();
  return [
    {
      name: 'ZAP login by form',
      method: 'POST',
      url: `${host}/api/v1/login/`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'vbasoftware-client-id': tenant.clientId,
        'vbasoftware-client-code': tenant.clientCode,
        'vbasoftware-database': tenant.database,
      },
      body: new Uint8Array(new TextEncoder().encode(form)),
    },
    {
      name: 'ZAP users',
      method: 'GET',
      url: `${host}/v1/users?offset=0&limit=10`,
      headers,
      body: null,
    },
    { name: 'ZAP user', method: 'GET', url: `${host}/v1/users/token`, headers, body: null },
    {
      name: 'ZAP code',
      method: 'POST',
      url: `${host}/v1/otp/verify`,
      headers: JSON_TYPE,
      body: { identity: user.email, otp: code },
    },
    {
      name: 'ZAP update',
      method: 'PUT',
      url: `${host}/v1/users/${user.userId}`,
      headers: { ...headers, ...JSON_TYPE },
      body: { name: 'Ann', email: user.email, roleId: 'user' },
    },
  ];
}

function listZitadel(tenant: Tenant, user: User): Sample[] {
  const { setPassword, listUsers } = UserService.method;
  const authorization = `Bearer ${tenant.serviceToken}`;
  const { userId } = user;
  const change = new Uint8Array(
    toBinary(
      setPassword.input,
      create(setPassword.input, { userId, newPassword: { password: t.newPassword() } }),
    ),
  );
  const query = { inUserIdsQuery: { userIds: [userId] } };
  const queries = [query, { notQuery: { query } }];
  const search = new Uint8Array(
    toBinary(listUsers.input, fromJson(listUsers.input, { query: { limit: 5 }, queries })),
  );
  const rpc = (name: string, type: string, path: string, body: Sample['body']): Sample => ({
    name,
    method: 'POST',
    url: `${ORIGIN}${path}`,
    headers: { authorization, 'content-type': type, 'connect-timeout-ms': '60000' },
    body,
  });
  const framed = new Uint8Array(encodeEnvelope(0, change));
  const text = new Uint8Array(new TextEncoder().encode(toBase64(framed)));
  const checks = { user: { userId }, password: { password: user.password } };
  return [
    rpc('Connect change', 'application/proto', rpcPath(setPassword), change),
    rpc('Connect search', 'application/proto', rpcPath(listUsers), search),
    rpc('gRPC-Web change', 'application/grpc-web+proto', rpcPath(setPassword), framed),
    rpc('gRPC-Web text', 'application/grpc-web-text', rpcPath(setPassword), text),
    rpc('gRPC-Web under REST', 'application/grpc-web', `/v2/users/${userId}/password`, framed),
    rpc('Connect session', 'application/json', rpcPath(SessionService.method.createSession), {
      checks,
      lifetime: '300s',
      metadata: { a: 'YQ==' },
    }),
    rpc('REST session', 'application/json', '/v2/sessions', {
      checks,
      userAgent: { ip: '127.0.0.1', description: 'a browser' },
    }),
    rpc('REST search', 'application/json', '/v2/users', {
      query: { offset: '0', limit: 5, asc: true },
      queries: [{ orQuery: { queries: [{ userNameQuery: { userName: user.username } }] } }],
    }),
    rpc('REST user', 'application/json', '/v2/users/human', {
      profile: { givenName: 'Ann', familyName: 'Ash' },
      email: { email: 'fuzzed@mail.example', isVerified: true },
      hashedPassword: { hash: `$pbkdf2-sha256$1000$c2FsdHNhbHQ$${'A'.repeat(43)}` },
    }),
    {
      name: 'REST read',
      method: 'GET',
      url: `${ORIGIN}/v2/users/${userId}`,
      headers: { authorization, 'accept-language': 'de-CH, en;q=0.5' },
      body: null,
    },
    {
      name: 'REST settings',
      method: 'GET',
      url: `${ORIGIN}/v2/settings/password/complexity?ctx.orgId=${tenant.orgId}`,
      headers: { authorization, 'x-zitadel-orgid': tenant.orgId },
      body: null,
    },
  ];
}

function listAdmin(tenant: Tenant, user: User): Sample[] {
  const headers = { authorization: `Bearer ${env.ADMIN_KEY}`, ...JSON_TYPE };
  const base = `${ORIGIN}/admin/tenants`;
  const own = `${base}/${tenant.orgId}`;
  const names = { clientId: 'fuzz', clientCode: 'fuzz', database: 'acme_fuzz' };
  return [
    {
      name: 'admin tenant',
      method: 'POST',
      url: base,
      headers,
      body: { name: 'Fuzz', ...names, hosts: ['fuzz.localhost'], settings: { codeLife: 700 } },
    },
    {
      name: 'admin key',
      method: 'POST',
      url: `${own}/keys`,
      headers,
      body: { name: 'another', scopes: ['signin', 'user.read'] },
    },
    {
      name: 'admin events',
      method: 'GET',
      url: `${own}/events?userId=${user.userId}&after=0&limit=10`,
      headers,
      body: null,
    },
    {
      name: 'admin templates',
      method: 'PATCH',
      url: own,
      headers,
      body: {
        settings: {
          templates: { 'password.reset': { en: { subject: 'S', text: 'T {{.Code}}' } } },
          resetUrl: 'https://login.example/{{.Code}}',
        },
      },
    },
    {
      name: 'metadata',
      method: 'GET',
      url: `${ORIGIN}/.well-known/jwks.json`,
      headers: {},
      body: null,
    },
  ];
}
