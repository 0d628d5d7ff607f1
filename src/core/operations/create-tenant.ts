// The operator makes a tenant. Its database decides its place; all that names it must lead to the same place.

import { toBase64Url } from '../bytes.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findOrganisationPlace, findPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';
import { sealText } from '../seal.ts';
import {
  completeSettings,
  type Delivery,
  type SettingsChoice,
  type Tenancy,
  type Tenant,
} from '../tenant.ts';

export interface CreateTenant extends Tenancy {
  readonly name: string;
  /** Made by us when absent. */
  readonly organisationId?: string;
  /** Lower case, without port. */
  readonly hosts: readonly string[];
  readonly settings: SettingsChoice;
  readonly webhook?: { readonly url: string; readonly secret: string };
}

const ID_BYTES = 12;

export async function createTenant(
  core: Core,
  command: CreateTenant,
): Promise<Result<Tenant, Failure>> {
  const { placement } = core.config;
  const { name, clientId, clientCode, database, hosts } = command;
  const place = findPlace(placement.databases, database);
  if (place === null) return fail({ kind: 'misplaced', what: 'database' });
  const id = command.organisationId ?? `${place}_${toBase64Url(core.ports.random.bytes(ID_BYTES))}`;
  if (findOrganisationPlace(placement, id) !== place) {
    return fail({ kind: 'misplaced', what: 'organisation' });
  }
  if (hosts.some((host) => findPlace(placement.hosts, host) !== place)) {
    return fail({ kind: 'misplaced', what: 'host' });
  }
  const delivery = command.webhook && (await sealDelivery(core, id, command.webhook));
  const chosen = completeSettings(command.settings);
  const settings = { ...chosen, ...(delivery === undefined ? {} : { delivery }) };
  const tenant: Tenant = { id, name, clientId, clientCode, database, settings };
  const inserted = await core.ports.store.insertTenant(
    { ...tenant, place, hosts, now: core.ports.clock.now() },
    { type: 'tenant.created', actor: { kind: 'operator' }, facts: { name } },
  );
  return inserted === 'inserted' ? ok(tenant) : fail({ kind: 'already-exists', what: inserted });
}

async function sealDelivery(
  { config, ports }: Core,
  tenantId: string,
  { url, secret }: NonNullable<CreateTenant['webhook']>,
): Promise<Delivery> {
  const context = [tenantId];
  const { keyring } = config;
  const sealedSecret = await sealText(keyring, ports.random, 'webhook-secret', context, secret);
  return { webhookUrl: url, sealedSecret };
}
