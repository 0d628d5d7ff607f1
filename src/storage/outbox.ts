// The store's outbox: messages are claimed by whoever sends them, and settled.

import type { ClaimedMessage, DeadLetter } from '../core/outbox.ts';
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

interface ReportRow {
  readonly waiting: number;
  readonly delivered: number;
  readonly failed: number;
}

interface DeadLetterRow {
  readonly id: string;
  readonly user_id: string;
  readonly kind: DeadLetter['kind'];
  readonly attempts: number;
  readonly created_at: number;
  readonly failed_at: number;
}

export function createOutbox(
  run: Run,
): Pick<Store, 'claimMessages' | 'settleMessage' | 'readMessages'> {
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
        delivery: readDelivery(row.settings),
      }));
    },

    readMessages: async (place, tenantId, atMost) => {
      const [counted, listed] = await run(place, [
        { sql: OUTBOX.report, values: [tenantId] },
        { sql: OUTBOX.deadLetters, values: [tenantId, atMost] },
      ]);
      const counts = counted?.results[0] as ReportRow | undefined;
      if (counts === undefined) return null;
      const { waiting, delivered, failed } = counts;
      const rows = (listed?.results ?? []) as DeadLetterRow[];
      return { waiting, delivered, failed, deadLetters: rows.map(readDeadLetter) };
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

/** Settings that somebody broke by hand must not keep the messages of others, claimed with theirs, from being sent. */
function readDelivery(settings: string): ClaimedMessage['delivery'] {
  try {
    return (JSON.parse(settings) as Settings).delivery ?? null;
  } catch {
    return null;
  }
}

function readDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind,
    attempts: row.attempts,
    createdAt: row.created_at,
    failedAt: row.failed_at,
  };
}
