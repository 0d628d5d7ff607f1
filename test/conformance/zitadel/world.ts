// The running Worker and bridge, as npm start has them, and the tenants and users that the scenarios are about.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Demo } from '../../../src/node/demo.ts';
import { findFreePort, Instance, makeHome } from '../../support/instance.ts';

export interface Tenant {
  readonly orgId: string;
  readonly clientId: string;
  readonly clientCode: string;
  readonly database: string;
  readonly host: string;
  readonly apiKey: string;
  readonly serviceToken: string;
  readonly readerToken: string;
}

export interface User {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export interface World {
  readonly url: string;
  readonly grpcUrl: string;
  /** No classes, at least 15 characters. */
  readonly tenant: Tenant;
  /** At least 8 characters, of every class: the vendor's own default. */
  readonly strict: Tenant;
  /** A user with a password, unless told otherwise. */
  readonly makeUser: (
    tenant: Tenant,
    options?: { readonly withoutPassword?: true },
  ) => Promise<User>;
  /** An access token of the user's own. */
  readonly signIn: (tenant: Tenant, user: User, password?: string) => Promise<string>;
  /** The status of a VBA sign-in. */
  readonly tryVba: (tenant: Tenant, user: User, password: string) => Promise<number>;
  /** The status of a ZAP login. */
  readonly tryZap: (tenant: Tenant, user: User, password: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

let serial = 0;

/** One that no policy refuses, different at each call. */
export function newPassword(): string {
  serial += 1;
  return `Violet harbour ${serial} at ${process.pid}!`;
}

/** One that nobody has. */
export function newName(kind: string): string {
  serial += 1;
  return `${kind}-${process.pid}-${serial}`;
}

export async function startWorld(): Promise<World> {
  const home = makeHome();
  const instance = new Instance('dev', home, await findFreePort());
  await instance.ready();
  const demo: Demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
  const { url, grpcUrl, adminKey } = demo;

  const admin = async (path: string, body: object): Promise<Record<string, string>> => {
    const answer = await fetch(`${url}/admin/tenants${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, string>;
  };
  const makeTenant = async (policy: object): Promise<Tenant> => {
    const name = newName('tenant');
    const named = { clientId: name, clientCode: name, database: name, host: `${name}.localhost` };
    const { host, ...tenancy } = named;
    const made = await admin('', { name, ...tenancy, hosts: [host], settings: { policy } });
    const orgId = made['orgId'] ?? '';
    const key = async (scopes: readonly string[]) =>
      (await admin(`/${orgId}/keys`, { name: 'key', scopes }))['key'] ?? '';
    return {
      ...named,
      orgId,
      apiKey: await key(['signin']),
      serviceToken: await key(['user.read', 'user.write']),
      readerToken: await key(['user.read']),
    };
  };
  const vba = (tenant: Tenant, user: User, password: string) =>
    fetch(`${url}/user-authentication`, {
      method: 'POST',
      headers: {
        'x-api-key': tenant.apiKey,
        'vbasoftware-client-id': tenant.clientId,
        'vbasoftware-client-code': tenant.clientCode,
        'vbasoftware-database': tenant.database,
        authorization: `Basic ${btoa(`${user.userId}:${password}`)}`,
      },
    });

  return {
    url,
    grpcUrl,
    tenant: await makeTenant({}),
    strict: await makeTenant({
      minLength: 8,
      requireClasses: ['lower', 'upper', 'digit', 'symbol'],
    }),
    makeUser: async (tenant, options) => {
      const userId = newName('user');
      const names = { userId, username: `${userId}-login`, email: `${userId}@mail.example` };
      const password = newPassword();
      const secret = options?.withoutPassword ? {} : { password };
      await admin(`/${tenant.orgId}/users`, { ...names, ...secret });
      return { ...names, password };
    },
    signIn: async (tenant, user, password = user.password) => {
      const answer = await vba(tenant, user, password);
      const body = (await answer.json()) as {
        data: { authenticationResult: { accessToken: string } };
      };
      return body.data.authenticationResult.accessToken;
    },
    tryVba: async (tenant, user, password) => (await vba(tenant, user, password)).status,
    tryZap: async (tenant, user, password) => {
      const answer = await fetch(`${url}/v1/login`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'vbasoftware-client-id': tenant.clientId,
          'vbasoftware-client-code': tenant.clientCode,
          'vbasoftware-database': tenant.database,
        },
        body: JSON.stringify({ identity: user.email, password }),
      });
      return answer.status;
    },
    stop: async () => {
      await instance.stop('SIGINT');
      rmSync(home, { recursive: true, force: true });
    },
  };
}
