// Answers in the words of Connect and of gRPC-Web. Of their library only the codes are taken: its router and handlers
// would decode a second time what is decoded here, strictly, and its errors bring descriptors that nothing else needs.
import { type DescMethod, type Message, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { codeToHttpStatus, codeToString } from '@connectrpc/connect/protocol-connect';
import { toBase64, utf8 } from '../../core/bytes.ts';
import { describeError, type ErrorAnswer } from './error-answer.ts';
import type { ZitadelError } from './failure.ts';
import { encodeText, writeFrames } from './grpc-web.ts';
import type { RpcMedia } from './media.ts';
import { toJson } from './to-json.ts';

export function answerMessage(media: RpcMedia, { output }: DescMethod, message: Message): Response {
  const bytes =
    media.codec === 'json'
      ? utf8(JSON.stringify(toJson(output, message)))
      : toBinary(output, message);
  return media.protocol === 'connect'
    ? answerConnect(`application/${media.codec}`, bytes)
    : answerGrpcWeb(media, writeFrames(bytes, { 'grpc-status': '0' }));
}

/** `status`: instead of the one that Connect has for the error's code, and gRPC-Web has for all. */
export function answerRpcError(
  media: RpcMedia,
  error: ZitadelError,
  acceptLanguage: string | null,
  status: number | null = null,
): Response {
  const described = describeError(error, acceptLanguage);
  const { code, headers } = described;
  if (media.protocol === 'connect') {
    const bytes = utf8(JSON.stringify(describeInConnect(described)));
    return answerConnect('application/json', bytes, status ?? codeToHttpStatus(code), headers);
  }
  const frames = writeFrames(null, describeInTrailers(described));
  return answerGrpcWeb(media, frames, status ?? HTTP_OK, headers);
}

/** https://connectrpc.com/docs/protocol#error-end-stream */
function describeInConnect({ code, message, details }: ErrorAnswer) {
  const told = details.map(({ desc, value, json }) => ({
    type: desc.typeName,
    debug: json,
    value: toBase64(toBinary(desc, value)),
  }));
  return {
    code: codeToString(code),
    message,
    ...(told.length === 0 ? {} : { details: told }),
  };
}

function describeInTrailers(error: ErrorAnswer): Readonly<Record<string, string>> {
  const { code, message, details } = error;
  return {
    'grpc-message': message,
    'grpc-status': String(code),
    ...(details.length === 0 ? {} : { 'grpc-status-details-bin': toBase64(writeStatus(error)) }),
  };
}

/** A google.rpc.Status: the code, the message, and each detail as an Any, its type and its bytes. */
function writeStatus({ code, message, details }: ErrorAnswer): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Varint).int32(code);
  writer.tag(2, WireType.LengthDelimited).string(message);
  for (const { desc, value } of details) {
    writer.tag(3, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(`type.googleapis.com/${desc.typeName}`);
    writer.tag(2, WireType.LengthDelimited).bytes(toBinary(desc, value)).join();
  }
  return writer.finish();
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
