// Any bytes under any of the RPC transports: an answer of the transport, never a bug, never an execution.
import { create, toBinary, toJsonString } from '@bufbuild/protobuf';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserService } from '../../../src/dialects/zitadel/descriptors.ts';
import { watchLogs } from '../../support/logs.ts';
import {
  makeTenant,
  makeUser,
  readUser,
  type TestTenant,
  type TestUser,
} from '../../support/tenant.ts';
import { DOORS, rpcPath, sendRaw, toBase64, WEB_DOORS } from '../../support/zitadel-doors.ts';

const { setPassword } = UserService.method;
const TYPES = [...new Set(Object.values(DOORS).map(({ type }) => type))];

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant, { withoutPassword: true });
});

/** What would change the password, if it were understood. */
function encode(codec: 'json' | 'proto'): Uint8Array<ArrayBuffer> {
  const { input } = setPassword;
  const message = create(input, {
    userId: user.userId,
    newPassword: { password: 'a password that is long' },
  });
  const text = new TextEncoder();
  return new Uint8Array(
    codec === 'json' ? text.encode(toJsonString(input, message)) : toBinary(input, message),
  );
}

async function expectRefused(path: string, type: string, body: Uint8Array<ArrayBuffer> | string) {
  const logs = watchLogs();
  const answer = await sendRaw(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.serviceToken}`, 'content-type': type },
    body,
  });
  logs.stop();
  expect(logs.troubles()).toEqual([]);
  if (!type.includes('grpc-web')) {
    expect(answer.status).toBe(400);
    return;
  }
  const text = new TextDecoder().decode(answer.bytes);
  const trailers = type.includes('text') ? atob(text) : text;
  expect([answer.status, trailers]).toEqual([
    200,
    expect.stringMatching(/grpc-status:(?:3|12)\r\n/),
  ]);
}

async function expectUntouched(work: () => Promise<void>): Promise<void> {
  const before = await readUser(tenant, user.userId);
  await work();
  expect(await readUser(tenant, user.userId)).toEqual(before);
}

const paths = () => fc.constantFrom(rpcPath(setPassword), `/v2/users/${user.userId}/password`);

describe('no bytes', () => {
  it('that are drawn at random do anything', async () => {
    await expectUntouched(() =>
      fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...TYPES),
          fc.uint8Array({ minLength: 1, maxLength: 300 }),
          // Behind a tag that no field has, so that no drawing is a message by chance.
          (type, bytes) => expectRefused(rpcPath(setPassword), type, new Uint8Array([7, ...bytes])),
        ),
        { numRuns: 300 },
      ),
    );
  });

  it('that are a frame cut short, or with a prefix that is not right, do anything', async () => {
    await expectUntouched(() =>
      fc.assert(
        fc.asyncProperty(
          paths(),
          fc.constantFrom(...WEB_DOORS),
          fc.nat({ max: 4 }),
          fc.integer({ min: 1, max: 255 }),
          fc.nat(),
          fc.boolean(),
          async (path, name, at, difference, length, isCut) => {
            const { codec, framing, type } = DOORS[name];
            const whole = new Uint8Array(encodeEnvelope(0, encode(codec)));
            const spoilt = isCut
              ? whole.subarray(0, length % whole.length)
              : whole.with(at, (whole[at] ?? 0) ^ difference);
            await expectRefused(path, type, framing === 'text' ? toBase64(spoilt) : spoilt);
          },
        ),
        { numRuns: 300 },
      ),
    );
  });

  it('that are a binary message cut short do anything', async () => {
    await expectUntouched(async () => {
      const whole = encode('proto');
      for (let length = 1; length < whole.length; length += 1) {
        const part = whole.slice(0, length);
        await expectRefused(rpcPath(setPassword), 'application/proto', part);
        await expectRefused(
          rpcPath(setPassword),
          'application/grpc-web',
          new Uint8Array(encodeEnvelope(0, part)),
        );
      }
    });
  });
});
