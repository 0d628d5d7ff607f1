// An administrator takes a password back: nobody signs in with it any more, every session ends, and the user gets a
// code for another one where the tenant can send it.
import { type Caller, describeActor } from '../caller.ts';
import { type Changed, commitOnce, describeCommit, describeLoss, openToWriter } from '../change.ts';
import type { CodeFormatName } from '../code.ts';
import { describeNewCode } from '../code-message.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { listAddresses } from '../message.ts';
import { NOTICE_LIMIT } from '../outbox.ts';
import { fail, ok, type Result } from '../result.ts';

export interface RequireReset {
  readonly caller: Caller;
  readonly userId: string;
  readonly format: CodeFormatName;
}

export async function requireReset(
  core: Core,
  command: RequireReset,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const found = await openToWriter(core, command, now);
  if (!found.ok) return found;
  const { opened, user } = found.value;
  const { tenant, principal } = opened;
  const actor = describeActor(principal);
  const { account } = user;
  const [to] = account.disabledAt === null ? listAddresses(tenant.settings, account) : [];
  const wish = {
    purpose: 'reset',
    format: command.format,
    urlTemplate: null,
    actor,
    // Whoever used up what users may ask for must not keep this one from the user whose password is gone.
    limit: NOTICE_LIMIT,
  } as const;
  const made =
    to === undefined ? ok([]) : await describeNewCode(core, opened, account, { ...wish, to }, now);
  if (!made.ok) return fail({ kind: 'send-refused', fault: made.failure });
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    outpaces: true,
    writes: [
      { kind: 'require-reset' },
      { kind: 'end-sessions' },
      // Whoever asked for a code before may be whom the password is taken from.
      { kind: 'end-codes' },
      { kind: 'event', event: { type: 'password.reset-required', actor, facts: {} } },
      ...made.value,
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({ tenantId: tenant.id, sequence: committed.sequence, changedAt: now });
}
