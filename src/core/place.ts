// Where a tenant lives: one D1 database of several. A place is named by what the request carries or by
// configuration, so that no directory is ever asked.

/** Slug of a database binding: lower case letters, digits and dashes. */
export type Place = string;

/** One rule of a map; `pattern` is exact, or holds one `*` for any text. */
export interface PlaceRule {
  readonly pattern: string;
  readonly place: Place;
}

export interface Placement {
  readonly places: readonly Place[];
  readonly databases: readonly PlaceRule[];
  readonly hosts: readonly PlaceRule[];
  readonly organisations: readonly PlaceRule[];
}

/** The place of the first rule that matches; null when none does. */
export function findPlace(rules: readonly PlaceRule[], name: string): Place | null {
  return rules.find((rule) => matchesPattern(rule.pattern, name))?.place ?? null;
}

/**
 * Whether a rule of its own puts the name in another place. The rule for all others does not count: it also catches
 * the names of the deployment itself, which are no tenant's.
 */
export function isMappedElsewhere(
  rules: readonly PlaceRule[],
  name: string,
  place: Place,
): boolean {
  const rule = rules.find(({ pattern }) => matchesPattern(pattern, name));
  return rule !== undefined && rule.pattern !== '*' && rule.place !== place;
}

export function matchesPattern(pattern: string, name: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === name;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail);
}

/** An id that we made begins with its place; one that the operator chose is mapped by configuration. */
export function findOrganisationPlace(placement: Placement, organisationId: string): Place | null {
  const named = /^([a-z0-9-]+)_/.exec(organisationId)?.[1];
  if (named !== undefined && placement.places.includes(named)) return named;
  return findPlace(placement.organisations, organisationId);
}
