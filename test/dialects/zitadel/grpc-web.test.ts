// gRPC-Web to the byte: frames in, frames out, base64 in pieces, and whose user id counts under the REST path.
import { create, toBinary } from '@bufbuild/protobuf';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { UserService } from '../../../src/dialects/zitadel/descriptors.ts';
import { writeFrames } from '../../../src/dialects/zitadel/grpc-web.ts';
import {
  makeTenant,
  makeUser,
  newPassword,
  readUser,
  type TestTenant,
  type TestUser,
} from '../../support/tenant.ts';
import {
  fromBase64,
  type RawAnswer,
  rpcPath,
  sendRaw,
  splitFrames,
  toBase64,
} from '../../support/zitadel-doors.ts';

const PATH = rpcPath(UserService.method.setPassword);

let tenant: TestTenant;
let user: TestUser;

beforeAll(async () => {
  tenant = await makeTenant();
  user = await makeUser(tenant, { withoutPassword: true });
});

function encode(userId: string): Uint8Array {
  const { input } = UserService.method.setPassword;
  return toBinary(input, create(input, { userId, newPassword: { password: newPassword() } }));
}

function post(
  body: Uint8Array | string,
  type = 'application/grpc-web+proto',
  path = PATH,
): Promise<RawAnswer> {
  const headers = { authorization: `Bearer ${tenant.serviceToken}`, 'content-type': type };
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  return sendRaw(path, { method: 'POST', headers, body: bytes });
}

function readTrailers(answer: RawAnswer): string {
  return new TextDecoder().decode(splitFrames(answer.bytes).at(-1)?.data);
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

describe('an answer', () => {
  it('is one message and the trailers, without a space, in a stream of no stated length', async () => {
    const answer = await post(encodeEnvelope(0, encode(user.userId)));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/grpc-web+proto');
    expect(answer.headers.get('content-length')).toBeNull();
    expect(splitFrames(answer.bytes).map(({ flags }) => flags)).toEqual([0, 0x80]);
    expect(readTrailers(answer)).toBe('grpc-status:0\r\n');
  });

  it('is the trailers alone for an error', async () => {
    const answer = await post(encodeEnvelope(0, encode('nobody')));
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, null]);
    expect(splitFrames(answer.bytes).map(({ flags }) => flags)).toEqual([0x80]);
    expect(readTrailers(answer)).toMatch(
      /^grpc-message:Password not found \(COMMAND-G8dh3\)\r\ngrpc-status:5\r\ngrpc-status-details-bin:[\w+/=-]+\r\n$/,
    );
  });

  it('encodes no more of its message than gRPC asks for', async () => {
    const answer = await post(encodeEnvelope(0, encode('u'.repeat(201))));
    expect(readTrailers(answer)).toContain(
      'grpc-message:invalid SetPasswordRequest.UserId: value length must be between 1 and 200 runes, inclusive\r\n',
    );
  });

  it('encodes what no header may hold, and the percent sign', () => {
    const trailers = { 'grpc-message': '100% / gültig\n', 'grpc-status': '3' };
    const [frame] = splitFrames(writeFrames(null, trailers));
    expect(new TextDecoder().decode(frame?.data)).toBe(
      'grpc-message:100%25 / g%C3%BCltig%0A\r\ngrpc-status:3\r\n',
    );
  });

  it('in text is base64 in one piece', async () => {
    const framed = encodeEnvelope(0, encode(user.userId));
    const answer = await post(toBase64(framed), 'application/grpc-web-text');
    expect(answer.headers.get('content-type')).toBe('application/grpc-web-text+proto');
    expect(answer.headers.get('content-length')).toBeNull();
    const text = new TextDecoder().decode(answer.bytes);
    expect(text).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    const decoded = { ...answer, bytes: fromBase64(text) };
    expect(readTrailers(decoded)).toBe('grpc-status:0\r\n');
  });
});

describe('a request in text', () => {
  it.each([1, 2, 4, 5, 7])('may come in padded pieces of %i bytes', async (size) => {
    const framed = encodeEnvelope(0, encode(user.userId));
    const pieces: string[] = [];
    for (let at = 0; at < framed.length; at += size) {
      pieces.push(toBase64(framed.subarray(at, at + size)));
    }
    const answer = await post(pieces.join(''), 'application/grpc-web-text+proto');
    const bytes = fromBase64(new TextDecoder().decode(answer.bytes));
    expect(readTrailers({ ...answer, bytes })).toBe('grpc-status:0\r\n');
  });

  it.each<[string, (text: string) => string]>([
    ['a character that is none of base64', (text) => `${text.slice(0, -4)}!AAA`],
    ['a line break', (text) => `${text.slice(0, 4)}\n${text.slice(4)}`],
    ['the alphabet of URLs', () => '--__'],
    ['a length that is none', (text) => `${text}A`],
    ['padding alone', (text) => `${text}====`],
    ['three signs of padding', (text) => `${text}A===`],
    ['bytes that are no text', () => '\ud800'],
    ['nothing', () => ''],
  ])('is refused with %s', async (_, spoil) => {
    const before = await readUser(tenant, user.userId);
    const text = toBase64(encodeEnvelope(0, encode(user.userId)));
    const answer = await post(spoil(text), 'application/grpc-web-text');
    const bytes = fromBase64(new TextDecoder().decode(answer.bytes));
    expect(readTrailers({ ...answer, bytes })).toContain('grpc-status:3\r\n');
    expect(await readUser(tenant, user.userId)).toEqual(before);
  });
});

describe('a request that is not one plain message is refused', () => {
  it.each<[string, (message: Uint8Array) => Uint8Array, number]>([
    ['no frame', () => new Uint8Array(), 3],
    ['half a prefix', (message) => encodeEnvelope(0, message).subarray(0, 4), 3],
    ['a frame cut short', (message) => encodeEnvelope(0, message).subarray(0, -1), 3],
    ['a length of four gigabytes', () => new Uint8Array([0, 255, 255, 255, 255, 1]), 3],
    ['two frames', (message) => join(encodeEnvelope(0, message), encodeEnvelope(0, message)), 3],
    ['a byte too many', (message) => join(encodeEnvelope(0, message), new Uint8Array(1)), 3],
    [
      'trailers behind it',
      (message) => join(encodeEnvelope(0, message), encodeEnvelope(0x80, new Uint8Array())),
      3,
    ],
    ['trailers alone', (message) => encodeEnvelope(0x80, message), 3],
    ['a flag that is none', (message) => encodeEnvelope(2, message), 3],
    ['a compressed message', (message) => encodeEnvelope(1, message), 12],
  ])('%s', async (_, frame, code) => {
    const before = await readUser(tenant, user.userId);
    const answer = await post(frame(encode(user.userId)));
    expect(answer.status).toBe(200);
    expect(readTrailers(answer)).toContain(`grpc-status:${code}\r\n`);
    expect(await readUser(tenant, user.userId)).toEqual(before);
  });
});

describe('under the REST path', () => {
  it("the path's user id counts, whatever the message says", async () => {
    const named = await makeUser(tenant, { withoutPassword: true });
    const told = await makeUser(tenant, { withoutPassword: true });
    const before = await readUser(tenant, told.userId);
    const path = `/v2/users/${named.userId}/password`;
    const answer = await post(
      encodeEnvelope(0, encode(told.userId)),
      'APPLICATION/GRPC-WEB+PROTO; x=y',
      path,
    );
    expect(readTrailers(answer)).toBe('grpc-status:0\r\n');
    expect((await readUser(tenant, named.userId)).passwordVersion).toBe(before.passwordVersion + 1);
    expect(await readUser(tenant, told.userId)).toEqual(before);
  });

  it('an escape that is none reaches nobody', async () => {
    const body = encodeEnvelope(0, encode(user.userId));
    const answer = await post(body, 'application/grpc-web', '/v2/users/%ff/password');
    expect(readTrailers(answer)).toBe(
      'grpc-message:the request body is malformed\r\ngrpc-status:3\r\n',
    );
  });

  it('what is no path, or not by this method, is told over gRPC-Web with the HTTP status', async () => {
    const body = encodeEnvelope(0, encode(user.userId));
    const lost = await post(body, 'application/grpc-web', `/v2/users/${user.userId}/nothing`);
    expect([lost.status, readTrailers(lost)]).toEqual([404, expect.stringContaining('status:12')]);
    const put = await sendRaw(`/v2/users/${user.userId}/password`, {
      method: 'PUT',
      headers: { 'content-type': 'application/grpc-web' },
      body: new Uint8Array(body),
    });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST']);
    expect(readTrailers(put)).toContain('grpc-status:12\r\n');
  });
});
