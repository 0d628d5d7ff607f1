// The link of a message, from a template with {{.UserID}}, {{.Code}} and {{.OrgID}}. Pure.
import { fail, ok, type Result } from './result.ts';
import { fillTemplate, parseTemplate, type TemplateFault } from './template.ts';
import { readSecureUrl } from './web-url.ts';

export interface LinkFields {
  readonly UserID: string;
  readonly Code: string;
  readonly OrgID: string;
}

/** `origin`: no secure address, or one elsewhere than the tenant's own. */
export type LinkFault = TemplateFault | 'origin';

const FIELDS = ['UserID', 'Code', 'OrgID'] as const;

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
  const parts = parseTemplate(template, FIELDS);
  if (!parts.ok) return parts;
  return ok(fillTemplate(parts.value, (field) => encodeURIComponent(fields[field])));
}
