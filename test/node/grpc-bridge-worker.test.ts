// gRPC for real: npm start, the printed call as it is pasted, and the clients that people use, through the bridge to the
// Worker and its database.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { createServerTransport } from '@zitadel/client/node';
import { UserService } from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Demo } from '../../src/node/demo.ts';
import { MESSAGE, openClient } from '../support/grpc-bridge.ts';
import { findFreePort, Instance, makeHome, runInShell } from '../support/instance.ts';

const NEW_PASSWORD = 'seven calm otters cross the fjord';

let home: string;
let instance: Instance;
let demo: Demo;
let printed: string;

beforeAll(async () => {
  home = makeHome();
  instance = new Instance('dev', home, await findFreePort());
  printed = await instance.ready();
  demo = JSON.parse(readFileSync(join(home, '.rekey/demo.json'), 'utf8'));
});

afterAll(async () => {
  await instance.stop('SIGINT');
  rmSync(home, { recursive: true, force: true });
});

async function signIn(userId: string, password: string): Promise<number> {
  const [, tenant] = demo.tenants;
  const answer = await fetch(`${demo.url}/user-authentication`, {
    method: 'POST',
    headers: {
      'x-api-key': tenant.apiKey,
      'vbasoftware-client-id': tenant.clientId,
      'vbasoftware-client-code': tenant.clientCode,
      'vbasoftware-database': tenant.database,
      authorization: `Basic ${btoa(`${userId}:${password}`)}`,
    },
  });
  return answer.status;
}

function readUser(): { readonly userId: string; readonly password: string } {
  const [, user] = demo.tenants[1].users;
  if (user?.password === undefined) throw new Error('the demo has no such user');
  return { userId: user.userId, password: user.password };
}

it('prints a call that changes a password over gRPC as it is pasted', async () => {
  const call = /^# 4\. [\s\S]*(?=^Ready: )/m.exec(printed)?.[0] ?? '';
  const [, userId = '', after = ''] =
    /userId: "([^"]+)", newPassword: { password: "([^"]+)"/.exec(call) ?? [];
  const [, before = ''] = /value: "([^"]+)"/.exec(call) ?? [];
  expect(await signIn(userId, before)).toBe(200);
  const { stdout, stderr } = runInShell(call);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    details: { sequence: expect.any(String), resourceOwner: demo.tenants[1].orgId },
  });
  expect(await signIn(userId, before)).toBe(401);
  expect(await signIn(userId, after)).toBe(200);
});

it('changes a password by the vendor client, once, and tells what is wrong with a second try', async () => {
  const [, { serviceToken }] = demo.tenants;
  const { userId, password } = readUser();
  const transport = createServerTransport(serviceToken, { baseUrl: demo.grpcUrl });
  const client = createClient(UserService, transport);
  const request = {
    userId,
    newPassword: { password: NEW_PASSWORD },
    verification: { case: 'currentPassword', value: password },
  } as const;
  expect((await client.setPassword(request)).details?.resourceOwner).toBe(demo.tenants[1].orgId);
  expect(await signIn(userId, NEW_PASSWORD)).toBe(200);

  const wrong = { ...request, newPassword: { password: `${NEW_PASSWORD} again` } };
  const error = await client.setPassword(wrong).catch(ConnectError.from);
  expect(error).toMatchObject({
    code: Code.InvalidArgument,
    rawMessage: expect.stringContaining('Password is invalid'),
  });
});

it('refuses a caller without a token, and a method that is not served', async () => {
  const transport = createGrpcTransport({ baseUrl: demo.grpcUrl });
  const users = createClient(UserService, transport);
  expect(await users.setPassword({ userId: 'x' }).catch(ConnectError.from)).toMatchObject({
    code: Code.Unauthenticated,
  });
  const [, { serviceToken }] = demo.tenants;
  const headers = { authorization: `Bearer ${serviceToken}` };
  const link = users.createPasskeyRegistrationLink({ userId: 'x' }, { headers });
  expect(await link.catch(ConnectError.from)).toMatchObject({ code: Code.Unimplemented });
});

it('answers what is no message of the method with a status', async () => {
  const answer = await openClient(demo.grpcUrl).call(MESSAGE);
  expect(['3', '16']).toContain(answer.status);
});
