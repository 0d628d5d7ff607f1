// Clients by hand, on nothing but fetch: the REST gateway's, and an old gRPC-Web client's in text mode.
import {
  create,
  type DescMethodUnary,
  fromBinary,
  getOption,
  hasOption,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { http } from '@zitadel/proto/google/api/annotations_pb.js';
import { type Client, type Detail, listHeaders, type Reply } from './client.ts';
import { readStatusDetails } from './status.ts';

type Fields = Record<string, JsonValue>;

const STRUCT = 'type.googleapis.com/google.protobuf.Struct';

/** As the contract has them (3.4), for the methods whose descriptors have no binding. */
const UNBOUND: Readonly<Record<string, readonly [verb: string, path: string]>> = {
  createUser: ['POST', '/v2/users/new'],
  updateUser: ['PATCH', '/v2/users/{user_id}'],
};

export function makeRestClient(url: string): Client {
  return {
    name: 'REST',
    alwaysBearer: false,
    call: async (method, request, options) => {
      const [verb, template] = findBinding(method);
      const fields = toJson(method.input, create(method.input, request)) as Fields;
      const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        const field = name.replace(/_(\w)/g, (__, letter: string) => letter.toUpperCase());
        const value = String(fields[field] ?? '');
        delete fields[field];
        return encodeURIComponent(value);
      });
      const isQuery = verb === 'GET';
      const query = isQuery ? `?${new URLSearchParams(flatten(fields))}` : '';
      const answer = await fetch(`${url}${path}${query}`, {
        method: verb,
        headers: { 'content-type': 'application/json', ...listHeaders(options) },
        ...(isQuery ? {} : { body: JSON.stringify(fields) }),
      });
      const body = (await answer.json()) as Fields;
      const { headers } = answer;
      if (answer.ok) return { ok: true, value: body, headers };
      return { ok: false, ...readError(body), headers };
    },
  };
}

function findBinding(method: DescMethodUnary): readonly [verb: string, path: string] {
  const unbound = UNBOUND[method.localName];
  if (unbound !== undefined) return unbound;
  const pattern = hasOption(method, http) ? getOption(method, http).pattern : null;
  if (typeof pattern?.value !== 'string' || pattern.case === undefined) {
    throw new Error(`${method.name} has no path`);
  }
  return [pattern.case.toUpperCase(), pattern.value];
}

function flatten(fields: Fields, prefix = ''): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]): [string, string][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? flatten(value as Fields, `${prefix}${name}.`)
      : [[`${prefix}${name}`, String(value)]],
  );
}

function readError(body: Fields) {
  const details = (body['details'] ?? []) as Fields[];
  return {
    code: Number(body['code']),
    message: String(body['message']),
    details: details.map(
      ({ '@type': type, ...rest }): Detail => ({
        type: String(type).replace('type.googleapis.com/', ''),
        // Of a well-known type the JSON is in a field of its own.
        ...(type === STRUCT ? (rest['value'] as Fields) : rest),
      }),
    ),
  };
}

const TRAILER = 0x80;

export function makeTextClient(url: string): Client {
  return {
    name: 'gRPC-Web in text mode',
    alwaysBearer: false,
    call: async (method, request, options): Promise<Reply> => {
      const message = toBinary(method.input, create(method.input, request));
      const answer = await fetch(`${url}/${method.parent.typeName}/${method.name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web-text', ...listHeaders(options) },
        body: frame(message).toString('base64'),
      });
      const { message: bytes, trailers } = readFrames(Buffer.from(await answer.text(), 'base64'));
      const headers = new Headers([...answer.headers, ...trailers]);
      const status = Number(headers.get('grpc-status') ?? -1);
      if (status === 0 && bytes !== null) {
        return {
          ok: true,
          value: toJson(method.output, fromBinary(method.output, bytes)) as Fields,
          headers,
        };
      }
      const text = decodeURIComponent(headers.get('grpc-message') ?? '');
      const details = readStatusDetails(
        Buffer.from(headers.get('grpc-status-details-bin') ?? '', 'base64'),
      );
      return { ok: false, code: status, message: text, details, headers };
    },
  };
}

function frame(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function readFrames(body: Buffer) {
  let message: Buffer | null = null;
  let trailers: [string, string][] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    const content = body.subarray(at + 5, end);
    if (((body[at] ?? 0) & TRAILER) === 0) message = content;
    else trailers = readTrailers(content.toString('latin1'));
    at = end;
  }
  return { message, trailers };
}

function readTrailers(text: string): [string, string][] {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
}
