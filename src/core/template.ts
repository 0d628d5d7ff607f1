// Templates with fields such as {{.Code}}: of Go's text/template so much and no more. Pure.
import { fail, ok, type Result } from './result.ts';

export type TemplateFault = 'malformed' | 'unknown-field';

/** What stands in a template one after the other: words, or the name of a field. */
export type Part<Field extends string> =
  | { readonly kind: 'words'; readonly words: string }
  | { readonly kind: 'field'; readonly field: Field };

/** What Go would look up in the data; anything else between the braces is a program. */
const FIELD = /^\s*((?:\.[A-Za-z_]\w*)+)\s*$/;

export function parseTemplate<Field extends string>(
  template: string,
  fields: readonly Field[],
): Result<readonly Part<Field>[], TemplateFault> {
  // A line break inside an action is a blank to Go as well.
  const [words = '', ...actions] = template.split('{{');
  const parts: Part<Field>[] = [{ kind: 'words', words }];
  for (const action of actions) {
    const end = action.indexOf('}}');
    const path = end < 0 ? undefined : FIELD.exec(action.slice(0, end))?.[1];
    if (path === undefined) return fail('malformed');
    const field = fields.find((name) => `.${name}` === path);
    if (field === undefined) return fail('unknown-field');
    parts.push({ kind: 'field', field }, { kind: 'words', words: action.slice(end + 2) });
  }
  return ok(parts);
}

/** One pass: what a value brings is never read as a template. */
export function fillTemplate<Field extends string>(
  parts: readonly Part<Field>[],
  show: (field: Field) => string,
): string {
  return parts.map((part) => (part.kind === 'field' ? show(part.field) : part.words)).join('');
}
