// The ZAP dialect.
import type { Dialect } from '../../wire/dialect.ts';
import { answerRefusal } from './failure.ts';
import { mountRoutes } from './routes.ts';

export const zapDialect: Dialect = {
  name: 'zap',
  owns: (path) => /^\/(?:api\/)?v1(?:\/|$)/.test(path) || /^\/api(?:\/|$)/.test(path),
  mount: mountRoutes,
  refuse: answerRefusal,
};
