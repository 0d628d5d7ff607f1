// The ZITADEL dialect: one service, and its transports.
import type { AppContext, Dialect, Refusal } from '../../wire/dialect.ts';
import { readDeadline } from './deadline.ts';
import { readRpcMedia } from './media.ts';
import { mountRest } from './rest.ts';
import { refuseRest } from './rest-answer.ts';
import { mountRpc, refuseRpc } from './rpc.ts';

const RPC_PREFIX = '/zitadel.';

/** In the words of the transport that the request came by. */
function refuse(c: AppContext, refusal: Refusal): Response | Promise<Response> {
  const media = readRpcMedia(c.req.header('content-type'));
  const isRpc = media?.protocol === 'grpc-web' || c.req.path.startsWith(RPC_PREFIX);
  return media !== null && isRpc ? refuseRpc(c, media, refusal) : refuseRest(c, refusal);
}

export const zitadelDialect: Dialect = {
  name: 'zitadel',
  owns: (path) => /^\/v2(?:\/|$)/.test(path) || path.startsWith(RPC_PREFIX),
  crossOrigin: {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    requestHeaders: [
      'accept',
      'accept-language',
      'authorization',
      'connect-protocol-version',
      'connect-timeout-ms',
      'content-type',
      'grpc-timeout',
      'x-grpc-web',
      'x-requested-with',
      'x-user-agent',
      'x-zitadel-orgid',
    ],
    responseHeaders: [
      'content-length',
      'grpc-message',
      'grpc-status',
      'grpc-status-details-bin',
      'retry-after',
      'server-timing',
      'www-authenticate',
      'x-request-id',
    ],
  },
  readDeadline,
  mount: (routes) => {
    mountRpc(routes, refuse);
    mountRest(routes, refuse);
  },
  refuse,
};
