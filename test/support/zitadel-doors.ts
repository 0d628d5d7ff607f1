// ZITADEL's calls over every transport that the Worker serves, framed by hand, and their answers in one shape.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import {
  create,
  type DescMethod,
  fromBinary,
  type JsonValue,
  type MessageInitShape,
  toBinary,
  toJson,
  toJsonString,
} from '@bufbuild/protobuf';
import { StructSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import { errorFromJsonBytes } from '@connectrpc/connect/protocol-connect';
import { findTrailerError } from '@connectrpc/connect/protocol-grpc';
import { ErrorDetailSchema, UserService } from '../../src/dialects/zitadel/descriptors.ts';
import worker from '../../src/index.ts';
import { type Env, ORIGIN } from './rekey.ts';
import { watchRequest } from './secret-watch.ts';

interface Door {
  readonly type: string;
  readonly codec: 'json' | 'proto';
  readonly framing: 'none' | 'frames' | 'text';
  readonly path: 'rest' | 'rpc';
}

export const DOORS = {
  REST: { type: 'application/json', codec: 'json', framing: 'none', path: 'rest' },
  'Connect JSON': { type: 'application/json', codec: 'json', framing: 'none', path: 'rpc' },
  'Connect binary': { type: 'application/proto', codec: 'proto', framing: 'none', path: 'rpc' },
  'gRPC-Web': { type: 'application/grpc-web', codec: 'proto', framing: 'frames', path: 'rpc' },
  'gRPC-Web +proto': {
    type: 'application/grpc-web+proto',
    codec: 'proto',
    framing: 'frames',
    path: 'rpc',
  },
  'gRPC-Web +json': {
    type: 'application/grpc-web+json',
    codec: 'json',
    framing: 'frames',
    path: 'rpc',
  },
  'gRPC-Web text': {
    type: 'application/grpc-web-text',
    codec: 'proto',
    framing: 'text',
    path: 'rpc',
  },
  'gRPC-Web text +proto': {
    type: 'application/grpc-web-text+proto',
    codec: 'proto',
    framing: 'text',
    path: 'rpc',
  },
  'gRPC-Web under the REST path': {
    type: 'application/grpc-web+proto',
    codec: 'proto',
    framing: 'frames',
    path: 'rest',
  },
  'gRPC-Web +json under the REST path': {
    type: 'application/grpc-web+json',
    codec: 'json',
    framing: 'frames',
    path: 'rest',
  },
  'gRPC-Web text under the REST path': {
    type: 'application/grpc-web-text',
    codec: 'proto',
    framing: 'text',
    path: 'rest',
  },
} as const satisfies Record<string, Door>;

export type DoorName = keyof typeof DOORS;
export const DOOR_NAMES = Object.keys(DOORS) as DoorName[];
export const WEB_DOORS = DOOR_NAMES.filter((name) => DOORS[name].framing !== 'none');

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export async function callWorker(
  url: string,
  init: RequestInit,
  on: Env = env as unknown as Env,
): Promise<Response> {
  watchRequest(url, init);
  const context = createExecutionContext();
  const request = new Request(url, init) as Request<unknown, IncomingRequestCfProperties>;
  const response = await worker.fetch(request, on as never, context);
  await waitOnExecutionContext(context);
  return response;
}

export async function sendRaw(path: string, init: RequestInit, on?: Env): Promise<RawAnswer> {
  const response = await callWorker(`${ORIGIN}${path}`, init, on);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

export interface Outcome extends RawAnswer {
  /** 0: success. */
  readonly code: number;
  readonly message: string;
  readonly detail: { readonly id: string; readonly message: string } | null;
  /** Of a success, as JSON. */
  readonly output: JsonValue | null;
  /** Of gRPC-Web. */
  readonly trailers: Headers;
}

export type SetPassword = MessageInitShape<typeof UserService.method.setPassword.input>;

export interface CallOptions {
  readonly headers?: Record<string, string>;
  readonly on?: Env;
  /** Instead of the message: bytes, framed as the door frames them. */
  readonly payload?: Uint8Array;
}

export async function setPassword(
  name: DoorName,
  request: SetPassword,
  { headers = {}, on, payload }: CallOptions = {},
): Promise<Outcome> {
  const door: Door = DOORS[name];
  const method = UserService.method.setPassword;
  const message = create(method.input, request);
  const bytes = payload ?? encodeMessage(door, method, message);
  const answer = await sendRaw(
    door.path === 'rest'
      ? `/v2/users/${encodeURIComponent(message.userId)}/password`
      : rpcPath(method),
    { method: 'POST', headers: { 'content-type': door.type, ...headers }, body: wrap(door, bytes) },
    on,
  );
  return readOutcome(door, method, answer);
}

/** A method without a message, over the path of its RPC. */
export async function callEmpty(
  name: DoorName,
  method: DescMethod,
  headers: Record<string, string>,
  on?: Env,
): Promise<Outcome> {
  const door: Door = DOORS[name];
  const bytes = encodeMessage(door, method, create(method.input));
  const answer = await sendRaw(
    rpcPath(method),
    { method: 'POST', headers: { 'content-type': door.type, ...headers }, body: wrap(door, bytes) },
    on,
  );
  return readOutcome(door, method, answer);
}

export function rpcPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function encodeMessage(
  door: Door,
  method: DescMethod,
  message: ReturnType<typeof create>,
): Uint8Array {
  if (door.codec === 'proto') return toBinary(method.input, message);
  return new TextEncoder().encode(toJsonString(method.input, message));
}

function wrap(door: Door, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (door.framing === 'none') return new Uint8Array(bytes);
  const framed = encodeEnvelope(0, bytes);
  return new Uint8Array(
    door.framing === 'frames' ? framed : new TextEncoder().encode(toBase64(framed)),
  );
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function readOutcome(door: Door, method: DescMethod, answer: RawAnswer): Outcome {
  if (door.framing !== 'none') return readWebOutcome(door, method, answer);
  const { status, bytes } = answer;
  const none = { ...answer, code: 0, message: '', detail: null, trailers: new Headers() };
  if (status >= 200 && status < 300) {
    return { ...none, output: readOutput(door, method, bytes) };
  }
  if (door.path === 'rest') {
    const { code, message, details } = JSON.parse(new TextDecoder().decode(bytes));
    const { '@type': type, ...detail } = details[0] ?? {};
    if (type !== undefined && !type.endsWith(ErrorDetailSchema.typeName)) throw new Error(type);
    return { ...none, code, message, detail: type === undefined ? null : detail, output: null };
  }
  const unread = new ConnectError('not an error of Connect', Code.Unknown);
  return { ...none, ...readError(errorFromJsonBytes(bytes, undefined, unread)), output: null };
}

function readWebOutcome(door: Door, method: DescMethod, answer: RawAnswer): Outcome {
  const body =
    door.framing === 'text' ? fromBase64(new TextDecoder().decode(answer.bytes)) : answer.bytes;
  const frames = splitFrames(body);
  const last = frames.at(-1);
  if (last?.flags !== 0x80) throw new Error('no trailers');
  const trailers = readTrailers(last.data);
  const error = findTrailerError(trailers);
  if (error !== undefined) {
    if (frames.length !== 1) throw new Error('a message beside an error');
    return { ...answer, ...readError(error), output: null, trailers };
  }
  const [first] = frames;
  if (frames.length !== 2 || first?.flags !== 0) throw new Error('not one message');
  if (trailers.get('grpc-status') !== '0') throw new Error('no status');
  const output = readOutput(door, method, first.data);
  return { ...answer, code: 0, message: '', detail: null, output, trailers };
}

function readOutput(door: Door, method: DescMethod, bytes: Uint8Array): JsonValue {
  if (door.codec === 'json') return JSON.parse(new TextDecoder().decode(bytes));
  return toJson(method.output, fromBinary(method.output, bytes));
}

function readError(error: ConnectError) {
  const [detail] = error.findDetails(ErrorDetailSchema);
  // The broken rules of a password stand beside it, for programs.
  const others = error.details.length - error.findDetails(StructSchema).length;
  if (others > 1) throw new Error('more than one detail');
  return {
    code: error.code as number,
    message: error.rawMessage,
    detail: detail === undefined ? null : { id: detail.id, message: detail.message },
  };
}

export function splitFrames(body: Uint8Array) {
  const frames: { readonly flags: number; readonly data: Uint8Array }[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let start = 0; start < body.length; ) {
    const end = start + 5 + view.getUint32(start + 1);
    if (end > body.length) throw new Error('a frame is cut short');
    frames.push({ flags: view.getUint8(start), data: body.subarray(start + 5, end) });
    start = end;
  }
  return frames;
}

/** Strictly as an edge reads them: "name:value", no space. */
function readTrailers(bytes: Uint8Array): Headers {
  const text = new TextDecoder().decode(bytes);
  if (!/^(?:[a-z-]+:(?! )[ -~]*\r\n)+$/.test(text)) throw new Error(`trailers: ${text}`);
  return new Headers(
    text
      .trimEnd()
      .split('\r\n')
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
  );
}
