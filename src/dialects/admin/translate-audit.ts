// The operator's requests for the audit into the core's commands, and its pages into JSON. Pure.
import type { Gateway } from '../../core/gateway.ts';
import type { ListCheckpointsQuery, ListEventsQuery } from './schema.ts';
import { type Success, toTime } from './translate.ts';

type ListEvents = Parameters<Gateway['listEvents']>[0];
type ExportAudit = Parameters<Gateway['exportEvents']>[0];
type EventRecord = Success<'exportEvents'>['rows'][number];

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

export function toListEvents(organisationId: string, query: ListEventsQuery): ListEvents {
  return { ...toExportAudit(organisationId, query), userId: query.userId ?? null };
}

export function toExportAudit(organisationId: string, query: ListCheckpointsQuery): ExportAudit {
  return {
    organisationId,
    after: Number(query.after ?? 0),
    limit: Math.min(MAX_PAGE, Number(query.limit ?? DEFAULT_PAGE)),
  };
}

export function fromEventPage({ events, next }: Success<'listEvents'>) {
  return {
    events: events.map((event) => ({
      userId: event.userId === '' ? null : event.userId,
      sequence: String(event.sequence),
      at: fromTime(event.at),
      type: event.type,
      actor: openJson(event.actor),
      dialect: event.dialect,
      activityId: event.activityId,
      facts: openJson(event.facts),
    })),
    next: next === null ? null : String(next),
  };
}

/** As it is stored, whatever became of it there: what somebody put there must not stop its export. */
export function fromEventRecord(record: EventRecord) {
  const { tenantId, id, userId, sequence, at, actor, facts, ...rest } = record;
  return {
    ...{ kind: 'event', id: String(id), orgId: tenantId, userId: userId === '' ? null : userId },
    ...{ sequence: String(sequence), at: fromTime(at) },
    ...rest,
    ...{ actor: openJson(actor), facts: openJson(facts) },
  };
}

export function fromCheckpointPage({ rows, next }: Success<'listCheckpoints'>) {
  return {
    checkpoints: rows.map(({ tenantId, number, at, through, heads, root }) => ({
      ...{ kind: 'checkpoint', orgId: tenantId, number: String(number) },
      ...{ at: fromTime(at), through: String(through), heads, root },
    })),
    next: next === null ? null : String(next),
  };
}

const LAST_TIME = 8.64e15;

/** The number itself, when it is no time. */
function fromTime(milliseconds: number): string | number {
  return Math.abs(milliseconds) <= LAST_TIME ? toTime(milliseconds) : milliseconds;
}

/** The object, when it is written as we write it: then the text can be made again. Else the text. */
function openJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && JSON.stringify(value) === text ? value : text;
  } catch {
    return text;
  }
}
