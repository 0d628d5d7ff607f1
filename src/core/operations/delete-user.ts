// A user is deleted, with all that hangs on it but the audit, by who may write users.
import { listLoginNames } from '../account.ts';
import { type Caller, describeActor, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, describeCommit, describeLoss, isTooLate } from '../change.ts';
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
  const { userId } = command;
  const found = await openFor(core, command.caller, { target: { userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { principal, account, credential, tenant } = opened;
  const refused = refuseUnlessWriter(principal, userId);
  if (refused !== null) return fail(refused);
  if (account === null || credential === null) return fail({ kind: 'user-unknown' });
  if (isTooLate(core)) return fail({ kind: 'too-late' });
  const erased = await core.ports.store.eraseUser(
    describeCommit(core, opened, { account, credential }, now),
    listLoginNames(account),
    { type: 'user.deleted', actor: describeActor(principal), facts: {} },
  );
  if (!erased.won) return fail(describeLoss(erased));
  return ok({ tenantId: tenant.id, sequence: erased.sequence, changedAt: now });
}
