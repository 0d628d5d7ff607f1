// A tenant's settings, for whoever is known to it.
import { type Caller, openFor } from '../caller.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Settings } from '../tenant.ts';
import { THROTTLE_RULE } from '../throttle.ts';

export interface ReadSettings {
  readonly caller: Caller;
  /** When given, it must be the caller's. */
  readonly organisationId: string | null;
}

export interface ReadableSettings extends Settings {
  readonly tenantId: string;
  /** Wrong passwords in a row after which a user must wait. */
  readonly freeGuesses: number;
}

export async function readSettings(
  core: Core,
  command: ReadSettings,
): Promise<Result<ReadableSettings, Failure>> {
  const opened = await openFor(core, command.caller, {}, core.ports.clock.now());
  if (!opened.ok) return opened;
  const { tenant } = opened.value;
  if (command.organisationId !== null && command.organisationId !== tenant.id) {
    return fail({ kind: 'organisation-unknown' });
  }
  return ok({ ...tenant.settings, tenantId: tenant.id, freeGuesses: THROTTLE_RULE.limit });
}
