// The store's outbox: messages are claimed by whoever sends them, and settled.
import type { Store } from '../core/store.ts';
import type { Settings } from '../core/tenant.ts';
import { OUTBOX } from './sql-outbox.ts';
import type { Run } from './statement.ts';

interface MessageRow {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly id: string;
  readonly payload: string | null;
  readonly attempts: number;
  readonly expires_at: number;
  readonly settings: string;
}

export function createOutbox(run: Run): Pick<Store, 'claimMessages' | 'settleMessage'> {
  return {
    claimMessages: async ({ place, now, which, leaseUntil, maxAttempts, maxCodeTries }) => {
      const values = [now, leaseUntil, maxAttempts, maxCodeTries];
      const [taken] = await run(place, [
        'atMost' in which
          ? { sql: OUTBOX.claimSome, values: [...values, which.atMost] }
          : {
              sql: OUTBOX.claimOne,
              values: [...values, which.tenantId, which.userId, which.id],
            },
      ]);
      return ((taken?.results ?? []) as MessageRow[]).map((row) => ({
        place,
        tenantId: row.tenant_id,
        userId: row.user_id,
        id: row.id,
        payload: row.payload,
        attempts: row.attempts,
        expiresAt: row.expires_at,
        delivery: (JSON.parse(row.settings) as Settings).delivery ?? null,
      }));
    },

    settleMessage: async ({ place, tenantId, userId, id, attempts }, now, retryAt) => {
      const message = [tenantId, userId, id] as const;
      await run(place, [
        retryAt === null
          ? { sql: OUTBOX.receive, values: [...message, now] }
          : { sql: OUTBOX.postpone, values: [...message, retryAt, attempts] },
      ]);
    },
  };
}
