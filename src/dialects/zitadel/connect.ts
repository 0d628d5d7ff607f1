// The library of Connect and gRPC-Web, between a decoded message and the answer's bytes. It reads back only what is
// written here. Native gRPC is off: over HTTP/1.1 it would run the call and give no status.
import {
  create,
  type DescMethod,
  type DescMethodUnary,
  type Message,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import {
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
} from '@connectrpc/connect';
import {
  createAsyncIterable,
  encodeEnvelope,
  type UniversalHandler,
  type UniversalServerRequest,
  universalServerResponseToFetch,
} from '@connectrpc/connect/protocol';
import { utf8 } from '../../core/bytes.ts';
import { fail, type Result } from '../../core/result.ts';
import { SERVICES, UserService } from './descriptors.ts';
import { describeError } from './error-answer.ts';
import { INTERNAL, type ZitadelError } from './failure.ts';
import { encodeText, respellTrailers } from './grpc-web.ts';
import type { RpcMedia } from './media.ts';

type Serve = (request: Message) => Promise<Result<Message, ZitadelError>>;

/** What a request brings to its method, through the library, beside its message. */
interface Exchange {
  readonly serve: Serve;
  readonly acceptLanguage: string | null;
}

const EXCHANGE = createContextKey<Exchange>({
  serve: async () => fail(INTERNAL),
  acceptLanguage: null,
});

const HANDLERS: readonly UniversalHandler[] = createHandlers();
const HANDLER_OF = new Map(HANDLERS.map((handler) => [handler.method, handler]));

function createHandlers(): readonly UniversalHandler[] {
  const router = createConnectRouter({ grpc: false, grpcWeb: true, connect: true });
  for (const method of SERVICES.flatMap((service) => service.methods)) {
    router.rpc(method as DescMethodUnary, async (request, { values, responseHeader }) => {
      const { serve, acceptLanguage } = values.get(EXCHANGE);
      const result = await serve(request);
      if (result.ok) return result.value;
      const { code, message, details, headers } = describeError(result.failure, acceptLanguage);
      for (const [name, value] of Object.entries(headers)) responseHeader.set(name, value);
      throw new ConnectError(message, code, undefined, [...details]);
    });
  }
  return router.handlers;
}

/** Every method with the path of its RPC. */
export function listRpcPaths(): readonly { readonly path: string; readonly method: DescMethod }[] {
  return HANDLERS.map(({ requestPath, method }) => ({ path: requestPath, method }));
}

export interface RpcCall {
  readonly method: DescMethod;
  readonly media: RpcMedia;
  readonly serve: Serve;
  readonly request: Request;
}

/** Serves a message, and writes the answer in the words of the call's protocol. */
export async function serveOverConnect(call: RpcCall, message: Message): Promise<Response> {
  const handler = HANDLER_OF.get(call.method);
  if (handler === undefined) throw new Error('a method without a handler');
  const thrown: unknown[] = [];
  const serve: Serve = async (request) => {
    try {
      return await call.serve(request);
    } catch (error) {
      // The library would answer for it by itself, and nobody would learn of it.
      thrown.push(error);
      return fail(INTERNAL);
    }
  };
  const acceptLanguage = call.request.headers.get('accept-language');
  const answered = await handler({
    ...writeRequest(call, message),
    contextValues: createContextValues().set(EXCHANGE, { serve, acceptLanguage }),
  });
  if (thrown.length > 0) throw thrown[0];
  return writeAnswer(call.media, universalServerResponseToFetch(answered));
}

/** An error that no method gave. */
export function failOverConnect(
  media: RpcMedia,
  request: Request,
  error: ZitadelError,
): Promise<Response> {
  // Any would do: an error looks the same from every method.
  const method = UserService.method.setPassword;
  const serve: Serve = async () => fail(error);
  return serveOverConnect({ method, media, serve, request }, create(method.input));
}

/** Of the headers only the content type goes along: whatever else they say to a transport is dealt with before. */
function writeRequest(
  { method, media, request }: RpcCall,
  message: Message,
): UniversalServerRequest {
  const bytes =
    media.codec === 'json'
      ? utf8(toJsonString(method.input, message))
      : toBinary(method.input, message);
  const isConnect = media.protocol === 'connect';
  const type = isConnect ? `application/${media.codec}` : `application/grpc-web+${media.codec}`;
  return {
    httpVersion: '',
    method: 'POST',
    url: request.url,
    header: new Headers({ 'content-type': type }),
    body: createAsyncIterable([isConnect ? bytes : encodeEnvelope(0, bytes)]),
    signal: request.signal,
  };
}

async function writeAnswer(media: RpcMedia, answered: Response): Promise<Response> {
  const { status, headers } = answered;
  const body = new Uint8Array(await answered.arrayBuffer());
  if (media.protocol === 'connect') return new Response(body, { status, headers });
  const framed = respellTrailers(body);
  if (!media.isText) return new Response(stream(framed), { status, headers });
  headers.set('content-type', 'application/grpc-web-text+proto');
  return new Response(stream(utf8(encodeText(framed))), { status, headers });
}

/** A body of known length would get a Content-Length, and an edge then leaves gRPC-Web as it is. */
function stream(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}
