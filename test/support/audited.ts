// What an act leaves in a user's audit, as one line an event.
import * as t from './tenant.ts';

export interface Audited {
  readonly userId: string;
  readonly act: () => Promise<unknown>;
}

/** [what is done, its events, the user and the act]. */
export type AuditedCase = readonly [string, readonly string[], () => Promise<Audited>];

/** Types, by whom, and facts. */
export async function audit(
  tenant: t.TestTenant,
  { userId, act }: Audited,
): Promise<readonly string[]> {
  const before = (await t.listEvents(tenant, userId)).length;
  await act();
  const events = (await t.listEvents(tenant, userId)).slice(before);
  return events.map(({ type, actor, facts }) =>
    [`${type} by ${actor['kind']}`, ...tell(facts)].join(' '),
  );
}

function tell(facts: t.AuditEvent['facts']): string[] {
  const told = Object.entries(facts).map(([name, value]) => `${name}=${value}`);
  return told.toSorted();
}
