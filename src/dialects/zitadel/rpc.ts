// The RPC transports, Connect and gRPC-Web: their requests into messages, and what they refuse.
import type { DescMethod, Message } from '@bufbuild/protobuf';
import { fail, ok, type Result } from '../../core/result.ts';
import {
  type AppContext,
  addPath,
  type Refusal,
  type RoutedDialect,
  type Routes,
} from '../../wire/dialect.ts';
import { hasCleanPath } from '../../wire/sent-path.ts';
import { answerMessage, answerRpcError } from './connect.ts';
import { bindPath, decodeMessage } from './decode.ts';
import { SERVICES } from './descriptors.ts';
import {
  FLOODED,
  INSECURE,
  INTERNAL,
  MALFORMED,
  TOO_LARGE,
  UNIMPLEMENTED,
  WRONG_METHOD,
  type ZitadelError,
} from './failure.ts';
import { decodeText, readUnaryFrame } from './grpc-web.ts';
import { findFault, invoke } from './invoke.ts';
import { RPC_CONTENT_TYPES, type RpcMedia, readRpcMedia } from './media.ts';
import { answerWrongMediaType } from './rest-answer.ts';

const COMPRESSED: ZitadelError = {
  ...UNIMPLEMENTED,
  text: 'compression is not supported: send identity',
};

const WRONG_VERSION: ZitadelError = {
  ...MALFORMED,
  text: 'the version of the Connect protocol must be 1',
};

export function mountRpc(routes: Routes, refuse: RoutedDialect['refuse']): void {
  for (const method of SERVICES.flatMap(({ methods }) => methods)) {
    const path = `/${method.parent.typeName}/${method.name}`;
    addPath(routes, path, { POST: [(c: AppContext) => serve(c, method)] }, refuse);
  }
}

async function serve(c: AppContext, method: DescMethod): Promise<Response> {
  const media = readRpcMedia(c.req.header('content-type'));
  if (media !== null) return serveRpc(c, method, media);
  c.header('accept-post', RPC_CONTENT_TYPES);
  return answerWrongMediaType(c);
}

/** `parameters`: of a REST path, under which gRPC-Web is served too. */
export async function serveRpc(
  c: AppContext,
  method: DescMethod,
  media: RpcMedia,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const request = c.req.raw;
  const { headers } = request;
  const acceptLanguage = headers.get('accept-language');
  const read = await readMessage(request, method, media);
  if (!read.ok) return answerRpcError(media, read.failure, acceptLanguage);
  const message = bindPath(method.input, read.value, parameters);
  const result = await invoke(method, message, { gateway: c.env.gateway, headers });
  return result.ok
    ? answerMessage(media, method, result.value)
    : answerRpcError(media, result.failure, acceptLanguage);
}

async function readMessage(
  request: Request,
  method: DescMethod,
  media: RpcMedia,
): Promise<Result<Message, ZitadelError>> {
  const fault = findFault(method, request.headers);
  if (fault !== null) return fail(fault);
  if (media.protocol === 'connect' && hasOtherVersion(request.headers)) return fail(WRONG_VERSION);
  if (isCompressed(request.headers)) return fail(COMPRESSED);
  // Of a REST path: others have no part that a caller chooses.
  if (!hasCleanPath(request.url)) return fail(MALFORMED);
  const sent = new Uint8Array(await request.arrayBuffer());
  const bytes = media.protocol === 'connect' ? sent : readFrame(media, sent);
  if (bytes === 'compressed') return fail(COMPRESSED);
  const message = bytes === 'malformed' ? null : decodeMessage(method.input, media.codec, bytes);
  return message === null ? fail(MALFORMED) : ok(message);
}

/** Who says none, as plain HTTP clients do, means the one that there is. */
function hasOtherVersion(headers: Headers): boolean {
  return (headers.get('connect-protocol-version') || '1') !== '1';
}

/** Of the body, and of the message in it. */
function isCompressed(headers: Headers): boolean {
  return ['content-encoding', 'grpc-encoding'].some(
    (name) => (headers.get(name) ?? 'identity').toLowerCase() !== 'identity',
  );
}

function readFrame({ isText }: RpcMedia, sent: Uint8Array<ArrayBuffer>) {
  const body = isText ? decodeText(sent) : sent;
  return body === null ? 'malformed' : readUnaryFrame(body);
}

/** `status`: where HTTP has a word of its own, which clients know as well as the protocol's. */
const REFUSALS: Record<
  Refusal['kind'],
  { readonly error: ZitadelError; readonly status: number | null }
> = {
  'not-found': { error: UNIMPLEMENTED, status: 404 },
  'method-not-allowed': { error: WRONG_METHOD, status: 405 },
  insecure: { error: INSECURE, status: null },
  flooded: { error: FLOODED, status: null },
  'too-large': { error: TOO_LARGE, status: null },
  internal: { error: INTERNAL, status: null },
};

export function refuseRpc(c: AppContext, media: RpcMedia, { kind }: Refusal): Response {
  const { error, status } = REFUSALS[kind];
  return answerRpcError(media, error, c.req.header('accept-language') ?? null, status);
}
