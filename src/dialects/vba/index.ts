// The VBA dialect. Its paths stand at the root, so that every path that no other dialect owns is its own.
import type { Dialect } from '../../wire/dialect.ts';

export const vbaDialect: Dialect = {
  name: 'vba',
  owns: () => true,
  crossOrigin: {
    methods: ['POST'],
    requestHeaders: [
      'accept',
      'authorization',
      'content-type',
      'expired-id-token',
      'refresh-token',
      'vbasoftware-client-code',
      'vbasoftware-client-id',
      'vbasoftware-database',
      'x-api-key',
    ],
    responseHeaders: [
      'ratelimit',
      'ratelimit-policy',
      'retry-after',
      'server-timing',
      'www-authenticate',
      'x-request-id',
    ],
  },
  load: () => import('./routes.ts'),
};
