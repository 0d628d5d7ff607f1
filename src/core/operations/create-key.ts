// The operator makes an API key. The key itself is shown this once; its hash stays.
import { toBase64Url } from '../bytes.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { drawOpaque, hashOpaque } from '../opaque.ts';
import { findOrganisationPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Scope } from '../store.ts';

export interface CreateKey {
  readonly organisationId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

const ID_BYTES = 9;

export async function createKey(
  core: Core,
  command: CreateKey,
): Promise<Result<{ readonly keyId: string; readonly key: string }, Failure>> {
  const { random, store, clock } = core.ports;
  const { organisationId, name, scopes } = command;
  const place = findOrganisationPlace(core.config.placement, organisationId);
  if (place === null) return fail({ kind: 'not-found', what: 'tenant' });
  const keyId = toBase64Url(random.bytes(ID_BYTES));
  const key = drawOpaque('api-key', place, random);
  const inserted = await store.insertKey(
    {
      place,
      tenantId: organisationId,
      id: keyId,
      keyHash: await hashOpaque(key),
      name,
      scopes,
      now: clock.now(),
    },
    {
      type: 'key.created',
      actor: { kind: 'operator' },
      facts: { keyId, name, scopes: scopes.join(' ') },
    },
  );
  if (inserted !== 'inserted') return fail({ kind: 'not-found', what: 'tenant' });
  return ok({ keyId, key });
}
