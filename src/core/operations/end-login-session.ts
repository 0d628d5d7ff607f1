// A login session is ended. To end it once more changes nothing, and is answered as before.
import { type Caller, describeActor, hasScope, openFor } from '../caller.ts';
import { type Changed, commitOnce, describeCommit, describeLoss } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { refuseSession } from '../login-session.ts';
import { hashOpaque } from '../opaque.ts';
import { fail, ok, type Result } from '../result.ts';

export interface EndLoginSession {
  readonly caller: Caller;
  readonly sessionId: string;
  /** null: the caller's own permission must do. */
  readonly token: string | null;
}

/** `sequence`: the session's. */
export async function endLoginSession(
  core: Core,
  command: EndLoginSession,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const { sessionId: id } = command;
  const tokenHash = command.token === null ? null : await hashOpaque(command.token);
  const found = await openFor(core, command.caller, { loginSession: { id, tokenHash } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { loginSession: session, principal, tenant, account, credential } = opened;
  const ended = (sequence: number) => ok({ tenantId: tenant.id, sequence, changedAt: now });
  if (session === null && hasScope(principal, 'user.write')) return ended(0);
  const refused = refuseSession(session, principal, tokenHash, 'user.write');
  if (refused !== null) return fail(refused);
  if (session === null || account === null || credential === null) return ended(0);
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, { account, credential }, now),
    writes: [
      { kind: 'end-login-session', id },
      {
        kind: 'event',
        event: { type: 'session.ended', actor: describeActor(principal), facts: {} },
      },
    ],
  });
  return committed.won ? ended(session.sequence + 1) : fail(describeLoss(committed));
}
