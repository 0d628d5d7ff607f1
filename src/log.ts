// The log: one line of JSON a call, of the fields that are listed here. No other can be written, whatever is handed in.
import type { Failure } from './core/failure.ts';

/** The platform adds the time. Nothing here is a request's own text: paths, queries, headers and bodies hold secrets. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  /** Of the request or the run: in its answer and in the audit, too. */
  readonly activityId?: string;
  readonly dialect?: string;

  /* ---- a request that was answered ---- */
  readonly method?: Method;
  /** The pattern of the route: a path would name users. */
  readonly route?: string;
  readonly status?: number;
  /** Whole ones. The platform's clock stands still while it computes: of waiting alone. */
  readonly milliseconds?: number;
  /** D1 round trips. */
  readonly trips?: number;
  /** PBKDF2 links. */
  readonly links?: number;
  /** null: none that we know. */
  readonly tenantId?: string | null;
  /** What the core said to it; null when it did as it was told, or was not asked. Why a proof fails is the audit's. */
  readonly refusal?: Failure['kind'] | null;

  /* ---- what went wrong ---- */
  /** The name of the error. Its message may hold what it was about. */
  readonly error?: string;
  /** Where in the code. */
  readonly at?: string;
  /** Which variable is wrong, without its value. */
  readonly message?: string;

  /* ---- a message that did not arrive ---- */
  readonly messageId?: string;
  readonly attempt?: number;
  readonly outcome?: string;

  /* ---- a scheduled run ---- */
  /** Messages that arrived, and that did not. */
  readonly sent?: number;
  readonly unsent?: number;

  /* ---- a checkpoint of a tenant's audit ---- */
  readonly checkpoint?: number;
  readonly root?: string;
}

const FIELDS: Readonly<Record<keyof LogLine, true>> = {
  level: true,
  activityId: true,
  dialect: true,
  method: true,
  route: true,
  status: true,
  milliseconds: true,
  trips: true,
  links: true,
  tenantId: true,
  refusal: true,
  error: true,
  at: true,
  message: true,
  messageId: true,
  attempt: true,
  outcome: true,
  sent: true,
  unsent: true,
  checkpoint: true,
  root: true,
};
const NAMES: ReadonlySet<string> = new Set(Object.keys(FIELDS));

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number] | 'other';

/** JSON writes line breaks as \n, so that it is one line, whatever a value holds. */
export function writeLog(line: LogLine): void {
  // As JSON.stringify does with a list of names, at a fraction of its cost: each request pays for this.
  const listed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(line)) {
    if (NAMES.has(name) && isPlain(value)) listed[name] = value;
  }
  console[line.level](JSON.stringify(listed));
}

/** What holds nothing else. */
function isPlain(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** A method that nobody has heard of is a caller's text. */
export function nameMethod(method: string): Method {
  return METHODS.find((known) => known === method) ?? 'other';
}
