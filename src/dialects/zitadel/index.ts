// The ZITADEL dialect: one service, and its transports.
import type { Dialect } from '../../wire/dialect.ts';
import { RPC_PREFIX } from './media.ts';

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
  load: () => import('./transports.ts'),
};
