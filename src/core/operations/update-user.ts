// Names and profile of a user are changed: by the user, or by who may write users.

import { type Account, type AccountPatch, patchAccount } from '../account.ts';
import { describePatch, refusePatch } from '../account-change.ts';
import { type Caller, describeActor, isSelf, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, commitOnce, describeCommit, describeLoss, findSubject } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

export interface UpdateUser {
  readonly caller: Caller;
  readonly userId: string;
  readonly patch: AccountPatch;
}

export interface Updated extends Changed {
  /** As it is now. */
  readonly account: Account;
}

export async function updateUser(
  core: Core,
  command: UpdateUser,
): Promise<Result<Updated, Failure>> {
  const now = core.ports.clock.now();
  const { userId, patch } = command;
  const found = await openFor(core, command.caller, { target: { userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const refused = isSelf(opened.principal, userId)
    ? refusePatch(opened.principal, patch, false)
    : refuseUnlessWriter(opened.principal, userId);
  if (refused !== null) return fail(refused);
  const user = findSubject(opened);
  if (user === null) return fail({ kind: 'user-unknown' });
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    outpaces: true,
    writes: [
      ...describePatch(user.account, patch, describeActor(opened.principal)),
      ...(movesAddress(user.account, patch) ? [{ kind: 'end-codes' } as const] : []),
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  const { sequence } = committed;
  const account = { ...patchAccount(user.account, patch), updatedAt: now };
  return ok({ tenantId: opened.tenant.id, sequence, changedAt: now, account });
}

/** A code that was sent to an address that is not the user's any more is not the user's either. */
function movesAddress(account: Account, { email, phone }: AccountPatch): boolean {
  return (
    (email !== undefined && email !== account.email) ||
    (phone !== undefined && phone !== account.phone)
  );
}
