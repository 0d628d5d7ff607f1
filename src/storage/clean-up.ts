// The store's clean-up: one portion of everything that is over.
import type { CleanUpStore } from '../core/clean-up-store.ts';
import { CLEAN_UP } from './sql-clean-up.ts';
import type { Run } from './statement.ts';

export function createCleanUp(run: Run): CleanUpStore {
  return {
    cleanUp: async (place, limits, portion) => {
      const {
        challenges,
        codes,
        loginSessions,
        families,
        delivered,
        deadLetters,
        throttles,
        lanes,
        floods,
      } = limits;
      const results = await run(place, [
        { sql: CLEAN_UP.challenges, values: [challenges, portion] },
        { sql: CLEAN_UP.codes, values: [codes, portion] },
        { sql: CLEAN_UP.loginSessions, values: [loginSessions, portion] },
        { sql: CLEAN_UP.refreshTokens, values: [families, portion] },
        { sql: CLEAN_UP.families, values: [families, portion] },
        { sql: CLEAN_UP.delivered, values: [delivered, portion] },
        { sql: CLEAN_UP.deadLetters, values: [deadLetters, portion] },
        { sql: CLEAN_UP.throttles, values: [throttles, portion] },
        { sql: CLEAN_UP.lanes, values: [lanes, portion] },
        { sql: CLEAN_UP.floods, values: [floods, portion] },
      ]);
      return Math.max(...results.map(({ meta }) => meta.changes));
    },
  };
}
