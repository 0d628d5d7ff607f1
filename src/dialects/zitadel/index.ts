// The ZITADEL dialect: one service, and its transports.
import type { Dialect } from '../../wire/dialect.ts';
import { answerRefusal, mountRest } from './rest.ts';

export const zitadelDialect: Dialect = {
  name: 'zitadel',
  owns: (path) => /^\/v2(?:\/|$)/.test(path) || path.startsWith('/zitadel.'),
  mount: mountRest,
  refuse: answerRefusal,
};
