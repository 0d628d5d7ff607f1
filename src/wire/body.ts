// Reads a body once, strictly, and hands its fields on: nobody reads it a second time, in another way.
import type { MiddlewareHandler } from 'hono';
import { readUtf8 } from '../core/bytes.ts';
import type { AppContext, AppEnv } from './dialect.ts';
import { parseStrictJson } from './json.ts';
import { readMediaType } from './media-type.ts';

/** Beyond this nothing is read, and no password is so long. Bytes. */
export const MAX_BODY_BYTES = 16 * 1024;

export type BodyFault = 'unsupported-media-type' | 'malformed';

export interface BodyOptions {
  /** Bare media types in lower case that are read as JSON; `+json` suffixes of application/ when `suffixed`. */
  readonly json: readonly string[];
  readonly suffixed?: boolean;
  /** Whether application/x-www-form-urlencoded is read too. */
  readonly form?: boolean;
  /** The name that a field's spelling stands for. Two spellings of one field are the field given twice. */
  readonly canonical?: (name: string) => string;
  readonly refuse: (c: AppContext, fault: BodyFault) => Response;
}

/**
 * The body must be an object; a missing, repeated or ambiguous one is refused in the dialect's words. Its fields, each by
 * its canonical name, are what `c.req.valid('json')` gives, for the schema behind to check.
 */
export function readBody(options: BodyOptions): MiddlewareHandler<AppEnv> {
  const canonical = options.canonical ?? ((name: string) => name);
  return async (c, next) => {
    const kind = findKind(readMediaType(c.req.header('content-type')), options);
    if (kind === null) return options.refuse(c, 'unsupported-media-type');
    const bytes = new Uint8Array(await c.req.raw.arrayBuffer());
    const fields =
      kind === 'json' ? readJsonFields(bytes, canonical) : readFormFields(bytes, canonical);
    if (fields === null) return options.refuse(c, 'malformed');
    c.req.addValidatedData('json', Object.fromEntries(fields));
    return next();
  };
}

function findKind(type: string | null, options: BodyOptions): 'json' | 'form' | null {
  if (type === null) return null;
  if (options.json.includes(type)) return 'json';
  if (options.suffixed && /^application\/[\w.!#$&^-]+\+json$/.test(type)) return 'json';
  return options.form && type === 'application/x-www-form-urlencoded' ? 'form' : null;
}

type Fields = Map<string, unknown>;

function readJsonFields(bytes: Uint8Array, canonical: (name: string) => string): Fields | null {
  const value = parseStrictJson(bytes, canonical);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value).map(([name, field]) => [canonical(name), field]));
}

function readFormFields(bytes: Uint8Array, canonical: (name: string) => string): Fields | null {
  const text = readUtf8(bytes);
  if (text === null || !hasCleanEscapes(text)) return null;
  const fields: Fields = new Map();
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(canonical(name))) return null;
    fields.set(canonical(name), value);
  }
  return fields;
}

/** URLSearchParams replaces ill-formed bytes silently; a password must not be replaced. */
export function hasCleanEscapes(text: string): boolean {
  try {
    decodeURIComponent(text.replaceAll('+', ' '));
    return true;
  } catch {
    return false;
  }
}
