// The ZAP dialect.
import type { Dialect } from '../../wire/dialect.ts';

export const zapDialect: Dialect = {
  name: 'zap',
  owns: (path) => /^\/(?:api\/)?v1(?:\/|$)/.test(path) || /^\/api(?:\/|$)/.test(path),
  crossOrigin: {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    requestHeaders: [
      'accept',
      'authorization',
      'content-type',
      'vbasoftware-client-code',
      'vbasoftware-client-id',
      'vbasoftware-database',
    ],
    responseHeaders: ['retry-after', 'server-timing', 'www-authenticate', 'x-request-id'],
  },
  load: () => import('./routes.ts'),
};
