// The operator reads the audit of a tenant or of one user, oldest first.

import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findOrganisationPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';
import type { EventPage } from '../store.ts';

export interface ListEvents {
  readonly organisationId: string;
  readonly userId: string | null;
  /** The cursor of the page before, of the same filter; 0 for the first page. */
  readonly after: number;
  readonly limit: number;
}

export async function listEvents(
  core: Core,
  command: ListEvents,
): Promise<Result<EventPage, Failure>> {
  const { organisationId, userId, after, limit } = command;
  const place = findOrganisationPlace(core.config.placement, organisationId);
  const page =
    place === null
      ? null
      : await core.ports.store.listEvents(place, organisationId, { userId, after, limit });
  return page === null ? fail({ kind: 'not-found', what: 'tenant' }) : ok(page);
}
