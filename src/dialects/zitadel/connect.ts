// Answers in the words of Connect and of gRPC-Web, by the encoders of their library. Its router and handlers stay away:
// they would decode a second time what is decoded here, strictly, and be a tenth of the Worker.
import { type DescMethod, type Message, toBinary, toJsonString } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { codeToHttpStatus, errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc-web';
import { utf8 } from '../../core/bytes.ts';
import { describeError } from './error-answer.ts';
import type { ZitadelError } from './failure.ts';
import { encodeText, writeFrames } from './grpc-web.ts';
import type { RpcMedia } from './media.ts';

export function answerMessage(media: RpcMedia, { output }: DescMethod, message: Message): Response {
  const bytes =
    media.codec === 'json' ? utf8(toJsonString(output, message)) : toBinary(output, message);
  return media.protocol === 'connect'
    ? answerConnect(`application/${media.codec}`, bytes)
    : answerGrpcWeb(media, writeFrames(bytes, setTrailerStatus(new Headers(), undefined)));
}

/** `status`: instead of the one that Connect has for the error's code, and gRPC-Web has for all. */
export function answerRpcError(
  media: RpcMedia,
  error: ZitadelError,
  acceptLanguage: string | null,
  status: number | null = null,
): Response {
  const { code, message, details, headers } = describeError(error, acceptLanguage);
  const described = new ConnectError(message, code, undefined, [...details]);
  if (media.protocol === 'connect') {
    const bytes = errorToJsonBytes(described, undefined);
    return answerConnect('application/json', bytes, status ?? codeToHttpStatus(code), headers);
  }
  const trailers = setTrailerStatus(new Headers(), described);
  return answerGrpcWeb(media, writeFrames(null, trailers), status ?? HTTP_OK, headers);
}

const HTTP_OK = 200;

function answerConnect(
  type: string,
  body: Uint8Array,
  status = HTTP_OK,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const length = String(body.length);
  return new Response(body, {
    status,
    headers: { ...headers, 'content-type': type, 'content-length': length },
  });
}

function answerGrpcWeb(
  { codec, isText }: RpcMedia,
  body: Uint8Array,
  status = HTTP_OK,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const type = isText ? 'application/grpc-web-text+proto' : `application/grpc-web+${codec}`;
  return new Response(stream(isText ? utf8(encodeText(body)) : body), {
    status,
    headers: { ...headers, 'content-type': type },
  });
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
