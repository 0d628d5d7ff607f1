// The operator makes a tenant. Its database decides its place; all that names it must lead to the same place.

import { toBase64Url } from '../bytes.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findOrganisationPlace, findPlace } from '../place.ts';
import { fail, ok, type Result } from '../result.ts';
import { sealText } from '../seal.ts';
import {
  chooseSettings,
  type Delivery,
  type Sender,
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
  readonly settings: Omit<SettingsChoice, 'delivery'>;
  readonly delivery?: DeliveryChoice;
}

/** The secret as the operator gives it. */
export interface DeliveryChoice {
  readonly email?: Sender;
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
  if (command.delivery?.email !== undefined && core.ports.mail === null) {
    return fail({ kind: 'not-deployed', what: 'mail' });
  }
  if (command.settings.screeningOnline === true && core.ports.readBreachRange === null) {
    return fail({ kind: 'not-deployed', what: 'breach-range' });
  }
  const delivery = command.delivery && (await sealDelivery(core, id, command.delivery));
  const settings = chooseSettings({
    ...command.settings,
    ...(delivery === undefined ? {} : { delivery }),
  });
  const tenant: Tenant = { id, name, clientId, clientCode, database, settings };
  const inserted = await core.ports.store.insertTenant(
    { ...tenant, place, hosts, now: core.ports.clock.now() },
    { type: 'tenant.created', actor: { kind: 'operator' }, facts: { name } },
  );
  return inserted === 'inserted' ? ok(tenant) : fail({ kind: 'already-exists', what: inserted });
}

export async function sealDelivery(
  { config, ports }: Core,
  tenantId: string,
  { email, webhook }: DeliveryChoice,
): Promise<Delivery> {
  const letters = email === undefined ? {} : { email };
  if (webhook === undefined) return letters;
  const { url, secret } = webhook;
  const { keyring } = config;
  const sealedSecret = await sealText(keyring, ports.random, 'webhook-secret', [tenantId], secret);
  return { ...letters, webhook: { url, sealedSecret } };
}
