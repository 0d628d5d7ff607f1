// The operator looks at a tenant's messages: how many wait, and which were given up. Never what is in them.
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import type { MessageReport } from '../outbox.ts';
import { findOrganisationPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';

const MAX_DEAD_LETTERS = 50;

export async function readMessages(
  core: Core,
  { organisationId }: { readonly organisationId: string },
): Promise<Result<MessageReport, Failure>> {
  const place = findOrganisationPlace(core.config.placement, organisationId);
  const report =
    place === null
      ? null
      : await core.ports.store.readMessages(place, organisationId, MAX_DEAD_LETTERS);
  return report === null ? fail({ kind: 'not-found', what: 'tenant' }) : ok(report);
}
