// The operator's door, a small dialect of its own.
import type { Dialect } from '../../wire/dialect.ts';
import { answerProblem } from '../../wire/problem.ts';
import { mountRoutes } from './routes.ts';

export const adminDialect: Dialect = {
  name: 'admin',
  owns: (path) => /^\/admin(?:\/|$)/.test(path),
  mount: mountRoutes,
  refuse: answerProblem,
};
