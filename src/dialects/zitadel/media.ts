// The content types of the RPC transports: which protocol, which codec. No protocol is guessed.
import { readMediaType } from '../../wire/media-type.ts';

/** How the paths of the RPC transports begin. */
export const RPC_PREFIX = '/zitadel.';

export interface RpcMedia {
  readonly protocol: 'connect' | 'grpc-web';
  readonly codec: 'proto' | 'json';
  /** gRPC-Web in base64, for clients that cannot read bytes. */
  readonly isText: boolean;
}

const GRPC_WEB: RpcMedia = { protocol: 'grpc-web', codec: 'proto', isText: false };
const GRPC_WEB_TEXT: RpcMedia = { ...GRPC_WEB, isText: true };

const MEDIA: ReadonlyMap<string, RpcMedia> = new Map([
  ['application/json', { protocol: 'connect', codec: 'json', isText: false }],
  ['application/proto', { protocol: 'connect', codec: 'proto', isText: false }],
  ['application/grpc-web', GRPC_WEB],
  ['application/grpc-web+proto', GRPC_WEB],
  ['application/grpc-web+json', { ...GRPC_WEB, codec: 'json' }],
  ['application/grpc-web-text', GRPC_WEB_TEXT],
  ['application/grpc-web-text+proto', GRPC_WEB_TEXT],
]);

/** For Accept-Post, where a content type is refused. */
export const RPC_CONTENT_TYPES = [...MEDIA.keys()].join(', ');

/** null for what is no content type of Connect's unary calls or of gRPC-Web: native gRPC, streams and other charsets. */
export function readRpcMedia(contentType: string | undefined): RpcMedia | null {
  const type = readMediaType(contentType);
  return type === null ? null : (MEDIA.get(type) ?? null);
}
