// A change without the user's proof: by a caller who may write the tenant's users.

import { type AccountPatch, patchAccount } from '../account.ts';
import { describePatch } from '../account-change.ts';
import { type Caller, describeActor, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, changePassword, findSubject } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, type Result } from '../result.ts';
import { checkPolicy, findSecretFault, type NewSecret } from '../secret.ts';

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
  const patch = command.patch ?? {};
  const broken =
    findSecretFault(core, command.newPassword) ??
    (await checkPolicy(
      core,
      opened.tenant,
      patchAccount(user.account, patch),
      command.newPassword,
    ));
  if (broken !== null) return fail(broken);
  return changePassword(
    core,
    opened,
    user,
    {
      secret: command.newPassword,
      mustChange: command.mustChange,
      proof: 'authority',
      writes: describePatch(user.account, patch, describeActor(opened.principal)),
    },
    now,
  );
}
