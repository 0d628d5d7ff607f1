// The operator ends an API key: refused from the next request on, since every request asks the primary.

import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findOrganisationPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';

export interface RevokeKey {
  readonly organisationId: string;
  readonly keyId: string;
}

export async function revokeKey(core: Core, command: RevokeKey): Promise<Result<null, Failure>> {
  const { organisationId, keyId } = command;
  const place = findOrganisationPlace(core.config.placement, organisationId);
  const revoked =
    place !== null &&
    (await core.ports.store.revokeKey(place, organisationId, keyId, core.ports.clock.now(), {
      type: 'key.revoked',
      actor: { kind: 'operator' },
      facts: { keyId },
    }));
  return revoked ? ok(null) : fail({ kind: 'not-found', what: 'key' });
}
