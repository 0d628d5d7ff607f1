// A change without the user's proof: by a caller who may write the tenant's users.

import { type AccountPatch, patchAccount } from '../account.ts';
import { describePatch } from '../account-change.ts';
import { type Caller, describeActor, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, changePassword, findSubject, REPEAT_WINDOW } from '../change.ts';
import { refuseChoice } from '../choice.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { judgeNewPassword } from '../new-password.ts';
import { fail, type Result } from '../result.ts';
import { findSecretFault, type NewSecret } from '../secret.ts';

export interface ChangeByAuthority {
  readonly caller: Caller;
  readonly userId: string;
  readonly newPassword: NewSecret;
  readonly mustChange: boolean;
  /** Changed with the password, or not at all. */
  readonly patch?: AccountPatch;
}

export async function changeByAuthority(
  core: Core,
  command: ChangeByAuthority,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const found = await openFor(core, command.caller, { target: { userId: command.userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const refused = refuseUnlessWriter(opened.principal, command.userId);
  if (refused !== null) return fail(refused);
  const user = findSubject(opened);
  if (user === null) return fail({ kind: 'user-unknown' });
  const { newPassword, patch = {} } = command;
  const flaw =
    refuseChoice(opened, 'authority', command.userId) ?? findSecretFault(core, newPassword);
  if (flaw !== null) return fail(flaw);
  // There is no proof by which a retry could be known: for as long as one may come, the same password may.
  const mayRepeat = now - user.credential.changedAt < REPEAT_WINDOW;
  const account = patchAccount(user.account, patch);
  const present = mayRepeat ? 'aside' : 'remembered';
  const judged = await judgeNewPassword(core, opened, user, account, newPassword, present);
  if (!judged.ok) return judged;
  return changePassword(
    core,
    opened,
    user,
    {
      secret: newPassword,
      mustChange: command.mustChange,
      proof: 'authority',
      writes: describePatch(user.account, patch, describeActor(opened.principal)),
      facts: judged.value,
    },
    now,
  );
}
