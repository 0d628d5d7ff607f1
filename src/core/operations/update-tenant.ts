// The operator changes a tenant's settings. Two changes at once do not mix: the later one is refused.
import { openFor } from '../caller.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import { chooseSettings, type SettingsChoice, type Tenant } from '../tenant.ts';
import { type DeliveryChoice, sealDelivery } from './create-tenant.ts';

export interface UpdateTenant {
  readonly organisationId: string;
  readonly settings: Omit<SettingsChoice, 'delivery'>;
  /** null: nothing is sent any more. */
  readonly delivery?: DeliveryChoice | null;
}

export async function updateTenant(
  core: Core,
  command: UpdateTenant,
): Promise<Result<Tenant, Failure>> {
  const { organisationId } = command;
  const now = core.ports.clock.now();
  const found = await openFor(core, { kind: 'operator', organisationId }, {}, now);
  if (!found.ok) return fail({ kind: 'not-found', what: 'tenant' });
  const { place, tenant } = found.value;
  if (command.delivery?.email !== undefined && core.ports.mail === null) {
    return fail({ kind: 'not-deployed', what: 'mail' });
  }
  if (command.settings.screeningOnline === true && core.ports.readBreachRange === null) {
    return fail({ kind: 'not-deployed', what: 'breach-range' });
  }
  const delivery = command.delivery && (await sealDelivery(core, tenant.id, command.delivery));
  const choice = { ...command.settings, ...(delivery === undefined ? {} : { delivery }) };
  const settings = chooseSettings(choice, tenant.settings);
  const facts = { fields: Object.keys(choice).join(' ') };
  const updated = await core.ports.store.updateSettings(
    { place, tenant, settings, now },
    { type: 'tenant.updated', actor: { kind: 'operator' }, facts },
  );
  return updated ? ok({ ...tenant, settings }) : fail({ kind: 'outpaced' });
}

/** As it is. */
export async function readTenant(
  core: Core,
  { organisationId }: { readonly organisationId: string },
): Promise<Result<Tenant, Failure>> {
  const now = core.ports.clock.now();
  const found = await openFor(core, { kind: 'operator', organisationId }, {}, now);
  return found.ok ? ok(found.value.tenant) : fail({ kind: 'not-found', what: 'tenant' });
}
