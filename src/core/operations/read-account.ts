// One account, for its user or who may read the tenant's users.
import type { Account } from '../account.ts';
import { type Caller, hasScope, isSelf, openFor, resolveCaller } from '../caller.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';

export interface ReadAccount {
  readonly caller: Caller;
  /** null: the caller's own. */
  readonly userId: string | null;
}

export async function readAccount(
  core: Core,
  command: ReadAccount,
): Promise<Result<Account, Failure>> {
  const claim = await resolveCaller(core, command.caller);
  const userId = command.userId ?? (claim?.kind === 'token' ? claim.userId : '');
  const found = await openFor(core, claim, { target: { userId } }, core.ports.clock.now());
  if (!found.ok) return found;
  const { principal, account } = found.value;
  if (!isSelf(principal, userId) && !hasScope(principal, 'user.read')) {
    return fail({ kind: 'not-permitted', member: principal.kind === 'key' });
  }
  return account === null ? fail({ kind: 'user-unknown' }) : ok(account);
}
