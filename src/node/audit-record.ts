// A line of the audit as it is exported, and what it is in the core's words. Whoever wrote it is not trusted.
import type { Checkpoint } from '../core/audit-chain.ts';
import type { EventRecord } from '../core/audit-store.ts';
import { Refusal } from './refusal.ts';

/** What an export begins with: whose it is, and when it was read (milliseconds). What is older than that is sealed. */
export interface ExportStart {
  readonly kind: 'audit';
  readonly orgId: string;
  readonly at: number;
}

export type AuditLine =
  | ExportStart
  | { readonly kind: 'event'; readonly id: number; readonly event: EventRecord }
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** It is whole. */
  | { readonly kind: 'end' };

type Fields = Readonly<Record<string, unknown>>;

/** @throws Refusal when it is no line of an export. */
export function readAuditLine(text: string): AuditLine {
  const fields = parse(text);
  switch (fields['kind']) {
    case 'audit':
      return { kind: 'audit', orgId: readText(fields, 'orgId'), at: readTime(fields) };
    case 'event': {
      const event = readEvent(fields);
      return { kind: 'event', id: event.id, event };
    }
    case 'checkpoint':
      return { kind: 'checkpoint', checkpoint: readCheckpoint(fields) };
    case 'end':
      return { kind: 'end' };
    default:
      throw new Refusal('There is a line that is neither an event nor a checkpoint');
  }
}

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // Told below, without its text.
  }
  throw new Refusal('There is a line that is not JSON');
}

function readEvent(fields: Fields): EventRecord {
  const { userId, link } = fields;
  return {
    id: readNumber(fields, 'id'),
    tenantId: readText(fields, 'orgId'),
    // The tenant itself.
    userId: userId === null ? '' : readText(fields, 'userId'),
    sequence: readNumber(fields, 'sequence'),
    at: readTime(fields),
    type: readText(fields, 'type'),
    actor: readJson(fields, 'actor'),
    dialect: readText(fields, 'dialect'),
    activityId: readText(fields, 'activityId'),
    facts: readJson(fields, 'facts'),
    mac: readText(fields, 'mac'),
    link: link === null ? null : readText(fields, 'link'),
  };
}

function readCheckpoint(fields: Fields): Checkpoint {
  return {
    tenantId: readText(fields, 'orgId'),
    number: readNumber(fields, 'number'),
    at: readTime(fields),
    through: readNumber(fields, 'through'),
    heads: readText(fields, 'heads'),
    root: readText(fields, 'root'),
  };
}

function readText(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new Refusal(`There is a line without ${name}`);
  return value;
}

function readNumber(fields: Fields, name: string): number {
  const value = Number(readText(fields, name));
  if (!Number.isSafeInteger(value)) throw new Refusal(`There is a line whose ${name} is no number`);
  return value;
}

/** Milliseconds, from a time that has them; a number where it is none that a calendar has. */
function readTime({ at }: Fields): number {
  const value = typeof at === 'string' ? Date.parse(at) : at;
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new Refusal('There is a line without a time');
  }
  return value;
}

/** The text again that was stored; it was stored otherwise than we write it when it comes as a text. */
function readJson(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
