// The operator's door, a small dialect of its own.
import type { Dialect } from '../../wire/dialect.ts';

export const adminDialect: Dialect = {
  name: 'admin',
  owns: (path) => /^\/admin(?:\/|$)/.test(path),
  load: () => import('./routes.ts'),
};
