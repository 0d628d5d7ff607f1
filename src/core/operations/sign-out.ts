// Sessions end: the caller's own, its oldest, or all of a user.
import {
  type Caller,
  describeActor,
  isSelf,
  openFor,
  refuseUnlessWriter,
  resolveCaller,
} from '../caller.ts';
import { commitOnce, describeCommit, describeLoss } from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Principal } from '../store.ts';

export interface SignOut {
  readonly caller: Caller;
  /** Whose; null: the caller's own. */
  readonly userId: string | null;
  /** Of the caller's own sessions. Another user is signed out everywhere, by who may write users. */
  readonly which: 'this' | 'oldest';
}

export async function signOut(core: Core, command: SignOut): Promise<Result<null, Failure>> {
  const now = core.ports.clock.now();
  const { caller, which } = command;
  const claim = await resolveCaller(core, caller);
  const userId = command.userId ?? (claim?.kind === 'token' ? claim.userId : '');
  const found = await openFor(core, claim, { target: { userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { principal } = opened;
  const refused = isSelf(principal, userId) ? null : refuseUnlessWriter(principal, userId);
  if (refused !== null) return fail(refused);
  const { account, credential } = opened;
  if (account === null || credential === null) return fail({ kind: 'user-unknown' });
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, { account, credential }, now),
    writes: [
      describeEnd(principal, userId, which),
      {
        kind: 'event',
        event: { type: 'sign-out', actor: describeActor(principal), facts: { which } },
      },
    ],
  });
  return committed.won ? ok(null) : fail(describeLoss(committed));
}

function describeEnd(principal: Principal, userId: string, which: SignOut['which']): Write {
  if (principal.kind !== 'user' || principal.userId !== userId) return { kind: 'end-sessions' };
  return which === 'oldest'
    ? { kind: 'revoke-oldest-family' }
    : { kind: 'revoke-family', familyId: principal.familyId };
}
