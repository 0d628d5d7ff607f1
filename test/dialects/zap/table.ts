// Every route of ZAP with a request that it takes once, and what the answer to that holds.
import { expect } from 'vitest';
import * as t from '../../support/tenant.ts';
import type { Receiver } from '../../support/webhook.ts';
import type { Call } from './call.ts';
import { logIn, makePerson, sentReset } from './people.ts';

export interface Ready {
  readonly path: string;
  readonly call: Call & { readonly body?: Readonly<Record<string, string>> };
  readonly data: unknown;
}

export interface World {
  readonly receiver: Receiver;
  readonly adminToken: string;
}

export interface Route {
  readonly name: string;
  /** As 405 names them. */
  readonly allow: string;
  readonly status: 200 | 201;
  /** PBKDF2 calls of a success. */
  readonly links: number;
  /** Whether it reads a body, a token, or neither. */
  readonly reads: readonly ('body' | 'token')[];
  readonly prepare: (world: World) => Promise<Ready>;
}

const HASH = 6;
const USER = expect.objectContaining({ id: expect.any(String), roleId: 'user' });
const TOKENS = expect.objectContaining({
  token: expect.any(String),
  refreshToken: expect.any(String),
});

const post = { method: 'POST' } as const;

export const ROUTES: readonly Route[] = [
  {
    name: 'login',
    allow: 'POST',
    status: 200,
    links: HASH,
    reads: ['body'],
    prepare: async ({ receiver }) => {
      const { email: identity, password } = await makePerson(receiver.tenant);
      return { path: '/v1/login', call: { ...post, body: { identity, password } }, data: TOKENS };
    },
  },
  {
    name: 'refresh',
    allow: 'POST',
    status: 200,
    links: 0,
    reads: ['body'],
    prepare: async ({ receiver: { tenant } }) => {
      const { refreshToken } = await logIn(tenant, await makePerson(tenant));
      return { path: '/v1/refresh', call: { ...post, body: { refreshToken } }, data: TOKENS };
    },
  },
  ...(['PUT', 'GET'] as const).map((method) => ({
    name: `logout by ${method}`,
    allow: 'PUT, GET',
    status: 200 as const,
    links: 0,
    reads: ['token'] as const,
    prepare: async ({ receiver: { tenant } }: World) => {
      const person = await makePerson(tenant);
      const { token } = await logIn(tenant, person);
      const path = `/v1/users/logout/${person.userId}`;
      return { path, call: { method, token }, data: 'Logout Successfull' };
    },
  })),
  {
    name: 'change of a password',
    allow: 'POST',
    status: 200,
    links: 2 * HASH,
    reads: ['token', 'body'],
    prepare: async ({ receiver, adminToken }) => {
      const { userId, email, password } = await makePerson(receiver.tenant);
      const body = { userId, email, oldPassword: password, newPassword: t.newPassword() };
      const call = { ...post, token: adminToken, body };
      return { path: '/v1/changePassword', call, data: 'Password updated successfully' };
    },
  },
  {
    name: 'otp',
    allow: 'POST',
    status: 200,
    links: 0,
    reads: ['body'],
    prepare: async ({ receiver }) => {
      const { userId, email } = await makePerson(receiver.tenant);
      return { path: '/v1/otp', call: { ...post, body: { userId, email } }, data: 'OTP Generated' };
    },
  },
  {
    name: 'otp once more',
    allow: 'POST',
    status: 200,
    links: 0,
    reads: ['body'],
    prepare: async ({ receiver }) => {
      const { username } = await makePerson(receiver.tenant);
      return { path: '/v1/otp/resend', call: { ...post, body: { username } }, data: 'OTP ReSent' };
    },
  },
  {
    name: 'reset code',
    allow: 'POST',
    status: 200,
    links: 0,
    reads: ['body'],
    prepare: async ({ receiver }) => {
      const { email: identity } = await makePerson(receiver.tenant);
      const path = '/v1/otp/forgotPassword';
      return { path, call: { ...post, body: { identity } }, data: 'Reset Email sent' };
    },
  },
  {
    name: 'check of a code',
    allow: 'POST',
    status: 200,
    links: 0,
    reads: ['body'],
    prepare: async ({ receiver }) => {
      const person = await makePerson(receiver.tenant);
      const body = { identity: person.username, otp: await sentReset(receiver, person) };
      return { path: '/v1/otp/verify', call: { ...post, body }, data: 'OTP verified' };
    },
  },
  {
    name: 'reset',
    allow: 'POST',
    status: 200,
    links: HASH,
    reads: ['body'],
    prepare: async ({ receiver }) => {
      const person = await makePerson(receiver.tenant);
      const otp = await sentReset(receiver, person);
      const body = { identity: person.phone, otp, newPassword: t.newPassword() };
      const data = "Password reset link sent to user's email address";
      return { path: '/v1/forgotPassword', call: { ...post, body }, data };
    },
  },
  {
    name: 'new user',
    allow: 'GET, POST, HEAD',
    status: 201,
    links: HASH,
    reads: ['token', 'body'],
    prepare: async ({ adminToken }) => {
      const n = t.nextSerial();
      const names = { username: `new-${n}`, email: `new-${n}@mail.example` };
      const body = { ...names, password: t.newPassword() };
      return { path: '/v1/users', call: { ...post, token: adminToken, body }, data: USER };
    },
  },
  {
    name: 'list of users',
    allow: 'GET, POST, HEAD',
    status: 200,
    links: 0,
    reads: ['token'],
    prepare: async ({ adminToken }) => ({
      path: '/v1/users',
      call: { method: 'GET', token: adminToken },
      data: expect.any(Array),
    }),
  },
  {
    name: 'own user',
    allow: 'GET, PUT, DELETE, HEAD',
    status: 200,
    links: 0,
    reads: ['token'],
    prepare: async ({ receiver: { tenant } }) => {
      const { token } = await logIn(tenant, await makePerson(tenant));
      return { path: '/v1/users/token', call: { method: 'GET', token }, data: USER };
    },
  },
  {
    name: 'user',
    allow: 'GET, PUT, DELETE, HEAD',
    status: 200,
    links: 0,
    reads: ['token'],
    prepare: async ({ receiver, adminToken }) => {
      const { userId } = await makePerson(receiver.tenant);
      const path = `/v1/users/${userId}`;
      return { path, call: { method: 'GET', token: adminToken }, data: USER };
    },
  },
  {
    name: 'change of a user',
    allow: 'GET, PUT, DELETE, HEAD',
    status: 200,
    links: 0,
    reads: ['token', 'body'],
    prepare: async ({ receiver, adminToken }) => {
      const { userId } = await makePerson(receiver.tenant);
      const call = { method: 'PUT', token: adminToken, body: { name: 'Ann Other' } };
      return { path: `/v1/users/${userId}`, call, data: USER };
    },
  },
  {
    name: 'end of a user',
    allow: 'GET, PUT, DELETE, HEAD',
    status: 200,
    links: 0,
    reads: ['token'],
    prepare: async ({ receiver, adminToken }) => {
      const { userId } = await makePerson(receiver.tenant);
      const call = { method: 'DELETE', token: adminToken };
      return { path: `/v1/users/${userId}`, call, data: 'User deleted successfully' };
    },
  },
];
