// The ZITADEL dialect: one service, and its transports.
import { cors } from 'hono/cors';
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

/** Seconds; no browser keeps a preflight's answer longer. */
const PREFLIGHT_LIFE = 7200;

export const zitadelDialect: Dialect = {
  name: 'zitadel',
  owns: (path) => /^\/v2(?:\/|$)/.test(path) || path.startsWith(RPC_PREFIX),
  /** Any page may ask: a call is worth what its Bearer token is, and there is no cookie that a page could borrow. */
  cors: cors({
    origin: '*',
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'origin',
      'content-type',
      'accept',
      'accept-language',
      'authorization',
      'x-zitadel-orgid',
      'x-user-agent',
      'x-grpc-web',
      'x-requested-with',
      'connect-protocol-version',
      'connect-timeout-ms',
      'grpc-timeout',
    ],
    exposeHeaders: [
      'location',
      'content-length',
      'grpc-status',
      'grpc-message',
      'grpc-status-details-bin',
      'retry-after',
      'x-request-id',
      'www-authenticate',
      'server-timing',
    ],
    maxAge: PREFLIGHT_LIFE,
  }),
  readDeadline,
  mount: (routes) => {
    mountRpc(routes, refuse);
    mountRest(routes, refuse);
  },
  refuse,
};
