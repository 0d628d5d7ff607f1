// As if strangers had guessed all day: what would take the model hundreds of requests is written into the database.
import { databaseOf } from '../support/tenant.ts';
import { CLOSING, FLOOD_INTERVAL, FLOOD_SPAN, STRANGERS } from './guesses.ts';
import type { Person, Tenant, World } from './world.ts';

/** The user's password is one wrong guess from closing for strangers, and one request from each source is left. */
export async function crowd({ now }: World, tenant: Tenant, person: Person): Promise<void> {
  const { orgId } = tenant.real;
  const failures = CLOSING - 1;
  const fullAt = now + FLOOD_SPAN - FLOOD_INTERVAL;
  const lane = person.account?.lanes.get(STRANGERS);
  if (lane !== undefined) lane.failures = failures;
  for (const source of tenant.floods.keys()) tenant.floods.set(source, fullAt);
  const database = databaseOf(tenant.real);
  await database.batch([
    database
      .prepare('UPDATE lane SET failures = ? WHERE tenant_id = ? AND user_id = ? AND source = ?')
      .bind(failures, orgId, person.userId, STRANGERS),
    database
      .prepare("UPDATE flood SET full_at = ? WHERE tenant_id = ? AND source <> ''")
      .bind(fullAt, orgId),
  ]);
}
