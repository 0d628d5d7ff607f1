// The VBA dialect. Its paths stand at the root, so that every path that no other dialect owns is its own.
import type { Dialect } from '../../wire/dialect.ts';
import { answerRefusal } from './failure.ts';
import { mountRoutes } from './routes.ts';

export const vbaDialect: Dialect = {
  name: 'vba',
  owns: () => true,
  mount: mountRoutes,
  refuse: answerRefusal,
};
