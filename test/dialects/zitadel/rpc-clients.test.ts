// The clients that people have: Connect's own, over both of its web transports.
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { ErrorDetailSchema, UserService } from '../../../src/dialects/zitadel/descriptors.ts';
import { ORIGIN } from '../../support/rekey.ts';
import { makeTenant, makeUser, newPassword, type TestTenant } from '../../support/tenant.ts';
import { callWorker } from '../../support/zitadel-doors.ts';

let tenant: TestTenant;

beforeAll(async () => {
  tenant = await makeTenant();
});

const OPTIONS = {
  baseUrl: ORIGIN,
  fetch: ((url, init) => callWorker(String(url), withoutPage(init))) as typeof fetch,
};

/** workerd has no pages, and no options of theirs. */
function withoutPage({ method, headers, body }: RequestInit = {}): RequestInit {
  return { method: method ?? 'GET', headers: headers ?? {}, body: body ?? null };
}

const TRANSPORTS: Readonly<Record<string, Transport>> = {
  'Connect JSON': createConnectTransport(OPTIONS),
  'Connect binary': createConnectTransport({ ...OPTIONS, useBinaryFormat: true }),
  'gRPC-Web': createGrpcWebTransport(OPTIONS),
  'gRPC-Web JSON': createGrpcWebTransport({ ...OPTIONS, useBinaryFormat: false }),
};

describe.each(Object.entries(TRANSPORTS))('the client of %s', (_, transport) => {
  const client = createClient(UserService, transport);
  const headers = () => ({ authorization: `Bearer ${tenant.serviceToken}` });

  it('changes a password', async () => {
    const user = await makeUser(tenant);
    const { details } = await client.setPassword(
      {
        userId: user.userId,
        newPassword: { password: newPassword() },
        verification: { case: 'currentPassword', value: user.password },
      },
      { headers: headers(), timeoutMs: 60_000 },
    );
    expect(details?.sequence).toBeGreaterThan(0n);
    expect(details?.resourceOwner).toBe(tenant.orgId);
  });

  it('understands an error, its detail and its headers', async () => {
    const call = client.setPassword(
      { userId: 'nobody', newPassword: { password: newPassword() } },
      { headers: headers() },
    );
    const error = ConnectError.from(await call.catch((reason: unknown) => reason));
    expect([error.code, error.rawMessage]).toEqual([
      Code.NotFound,
      'Password not found (COMMAND-G8dh3)',
    ]);
    expect(error.findDetails(ErrorDetailSchema)[0]?.id).toBe('COMMAND-G8dh3');
    const unnamed = client.setPassword({ userId: 'nobody' });
    const { code, metadata } = ConnectError.from(await unnamed.catch((reason: unknown) => reason));
    expect([code, metadata.get('www-authenticate')]).toEqual([
      Code.Unauthenticated,
      'Bearer realm="zitadel"',
    ]);
  });

  it('understands what is not served', async () => {
    const call = client.addOTPSMS({ userId: 'u' }, { headers: headers() });
    expect(ConnectError.from(await call.catch((reason: unknown) => reason)).code).toBe(
      Code.Unimplemented,
    );
    const { listUsers } = UserService.method;
    const renamed = { ...listUsers, name: 'Nothing', input: listUsers.input };
    const lost = transport.unary(renamed, undefined, undefined, headers(), {});
    expect(ConnectError.from(await lost.catch((reason: unknown) => reason)).code).toBe(
      Code.Unimplemented,
    );
  });
});
