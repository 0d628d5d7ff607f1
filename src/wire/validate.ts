// What a request may hold, by zod: of a query behind Hono's validator, of a body behind our own reader of it. The failure
// hook cannot be forgotten: the default answer would echo the input.
import { zValidator } from '@hono/zod-validator';
import type { MiddlewareHandler } from 'hono';
import * as z from 'zod/mini';
import { isCleanText } from './clean-text.ts';
import type { AppContext, AppEnv } from './dialect.ts';

/** A field that broke its rule; `path` names it, and nothing of its value is here. */
export interface FieldFault {
  readonly path: string;
  readonly fault: 'missing' | 'wrong-type' | 'empty' | 'invalid' | 'unknown-field';
  /** The bound of a number that is outside. */
  readonly min?: number;
  readonly max?: number;
}

type Refuse = (c: AppContext, faults: readonly FieldFault[]) => Response;

const FAULT_TEXTS: Record<FieldFault['fault'], string> = {
  missing: 'is required',
  'wrong-type': 'has the wrong type',
  empty: 'must not be empty',
  invalid: 'is not valid',
  'unknown-field': 'holds a field that is not known',
};

/** One sentence a field. */
export function describeFieldFaults(faults: readonly FieldFault[]): string {
  return faults.map((fault) => `${fault.path} ${describeFault(fault)}.`).join(' ');
}

function describeFault({ fault, min, max }: FieldFault): string {
  if (min !== undefined) return `must be at least ${min}`;
  return max === undefined ? FAULT_TEXTS[fault] : `must be at most ${max}`;
}

type Target = 'json' | 'query';

/** `json`: behind `readBody`, whose fields it checks. */
export function validateInput<Schema extends z.ZodMiniType>(
  target: Target,
  schema: Schema,
  refuse: Refuse,
): MiddlewareHandler<AppEnv> {
  return target === 'json' ? validateFields(schema, refuse) : validateQuery(schema, refuse);
}

function validateFields(schema: z.ZodMiniType, refuse: Refuse): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const fields: unknown = c.req.valid('json' as never);
    // Not by zod's own door, which makes an error of the issues: dear, and nobody reads it.
    const result = await schema['~standard'].validate(fields);
    if (result.issues !== undefined) {
      return refuse(c, readFaults(result.issues as readonly z.core.$ZodIssue[], fields));
    }
    c.req.addValidatedData('json', result.value as object);
    return next();
  };
}

function validateQuery(schema: z.ZodMiniType, refuse: Refuse): MiddlewareHandler<AppEnv> {
  const validator = zValidator('query', schema, (result, c) => {
    if (result.success) return undefined;
    return refuse(c as unknown as AppContext, readFaults(result.error.issues, result.data));
  });
  // The library types a validator by what it adds to the context; `readValid` gives that type instead.
  return validator as unknown as MiddlewareHandler<AppEnv>;
}

/** What `validateInput` of the same target and schema passed. */
export function readValid<Schema extends z.ZodMiniType>(
  c: AppContext,
  target: Target,
  _schema: Schema,
): z.output<Schema> {
  return c.req.valid(target as never) as z.output<Schema>;
}

/** One fault a field, the first that was found. */
function readFaults(issues: readonly z.core.$ZodIssue[], input: unknown): FieldFault[] {
  const faults = new Map<string, FieldFault>();
  for (const issue of issues) {
    const path = issue.path.join('.');
    if (faults.has(path)) continue;
    const fault = isMissing(input, issue.path) ? 'missing' : readFault(issue);
    faults.set(path, { path, fault, ...readBound(issue) });
  }
  return [...faults.values()];
}

function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return true;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return false;
}

function readFault(issue: z.core.$ZodIssue): FieldFault['fault'] {
  if (issue.code === 'invalid_type') return 'wrong-type';
  if (issue.code === 'unrecognized_keys') return 'unknown-field';
  const isEmpty = issue.code === 'too_small' && issue.origin !== 'number' && issue.minimum === 1;
  return isEmpty ? 'empty' : 'invalid';
}

function readBound(issue: z.core.$ZodIssue): Pick<FieldFault, 'min' | 'max'> {
  if (issue.code === 'too_small' && issue.origin === 'number') {
    return { min: Number(issue.minimum) };
  }
  return issue.code === 'too_big' && issue.origin === 'number'
    ? { max: Number(issue.maximum) }
    : {};
}

/** Text that may be stored and compared: no control characters, no lone surrogates, nothing invisible. */
export function cleanText(max: number) {
  return z.string().check(
    z.minLength(1),
    z.maxLength(max * 2),
    z.refine((text) => isCleanText(text, max)),
  );
}
