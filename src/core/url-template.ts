// The link of a message, from a template with {{.UserID}}, {{.Code}} and {{.OrgID}}: of Go's text/template so much and
// no more. Pure.
import { fail, ok, type Result } from './result.ts';
import { readSecureUrl } from './web-url.ts';

export interface LinkFields {
  readonly UserID: string;
  readonly Code: string;
  readonly OrgID: string;
}

/** `origin`: no secure address, or one elsewhere than the tenant's own. */
export type LinkFault = 'malformed' | 'unknown-field' | 'origin';

/** What Go would look up in the data; anything else between the braces is a program. */
const FIELD = /^\s*((?:\.[A-Za-z_]\w*)+)\s*$/;

/** `resetUrl` is the tenant's own template: a link of another origin would hand the code to whoever chose it. */
export function makeLink(
  template: string,
  resetUrl: string,
  fields: LinkFields,
): Result<string, LinkFault> {
  const link = renderTemplate(template, fields);
  if (!link.ok) return link;
  const own = renderTemplate(resetUrl, fields);
  const home = own.ok ? readSecureUrl(own.value) : null;
  const url = readSecureUrl(link.value);
  return url !== null && url.origin === home?.origin ? ok(url.href) : fail('origin');
}

/** Whether it makes a secure address, of one origin whatever the fields are. */
export function isLinkTemplate(template: string): boolean {
  const [one, other] = ['a', 'b'].map((value) => {
    const link = renderTemplate(template, { UserID: value, Code: value, OrgID: value });
    return link.ok ? readSecureUrl(link.value) : null;
  });
  return one?.origin !== undefined && one.origin === other?.origin;
}

/** Values are encoded for where they land: a path, a query or a fragment. */
function renderTemplate(template: string, fields: LinkFields): Result<string, LinkFault> {
  // A line break inside an action is a blank to Go as well.
  const [text = '', ...actions] = template.split('{{');
  let rendered = text;
  for (const action of actions) {
    const end = action.indexOf('}}');
    const path = end < 0 ? undefined : FIELD.exec(action.slice(0, end))?.[1];
    if (path === undefined) return fail('malformed');
    const name = path.slice(1);
    if (!Object.hasOwn(fields, name)) return fail('unknown-field');
    const value = fields[name as keyof LinkFields];
    rendered += encodeURIComponent(value) + action.slice(end + 2);
  }
  return ok(rendered);
}
