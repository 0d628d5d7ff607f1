// A change without the user's proof: by a caller who may write the tenant's users.
import { type Caller, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, changePassword, checkPolicy, findSubject } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { findPasswordFault } from '../password/text.ts';
import { fail, type Result } from '../result.ts';

export interface ChangeByAuthority {
  readonly caller: Caller;
  readonly userId: string;
  readonly newPassword: string;
  readonly mustChange: boolean;
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
  const fault = findPasswordFault(command.newPassword);
  if (fault !== null) return fail({ kind: 'password-malformed', field: 'new', fault });
  const broken = checkPolicy(opened, user.account, command.newPassword);
  if (broken !== null) return fail(broken);
  return changePassword(
    core,
    opened,
    user,
    { password: command.newPassword, mustChange: command.mustChange, proof: 'authority' },
    now,
  );
}
