// A user is deleted, with all that hangs on it but the audit, by who may write users.
import { listLoginNames } from '../account.ts';
import { type Caller, describeActor } from '../caller.ts';
import { type Changed, describeCommit, describeLoss, isTooLate, openToWriter } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

export interface DeleteUser {
  readonly caller: Caller;
  readonly userId: string;
}

export async function deleteUser(
  core: Core,
  command: DeleteUser,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const found = await openToWriter(core, command, now);
  if (!found.ok) return found;
  const { opened, user } = found.value;
  const { principal, tenant } = opened;
  if (isTooLate(core)) return fail({ kind: 'too-late' });
  const erased = await core.ports.store.eraseUser(
    describeCommit(core, opened, user, now),
    listLoginNames(user.account),
    { type: 'user.deleted', actor: describeActor(principal), facts: {} },
  );
  if (!erased.won) return fail(describeLoss(erased));
  return ok({ tenantId: tenant.id, sequence: erased.sequence, changedAt: now });
}
