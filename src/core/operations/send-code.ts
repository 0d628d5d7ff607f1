// A fresh reset code for a user, sent to the address that is stored: by the user, or by who may write users.
import { type Caller, describeActor, isSelf, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, commitOnce, describeCommit, describeLoss, findSubject } from '../change.ts';
import type { CodeFormatName } from '../code.ts';
import { describeNewCode } from '../code-message.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { canSend, listAddresses } from '../message.ts';
import { type Channel, MESSAGE_LIMIT } from '../outbox.ts';
import { fail, ok, type Result } from '../result.ts';

export interface SendCode {
  readonly caller: Caller;
  readonly userId: string;
  readonly channel: Channel;
  readonly format: CodeFormatName;
  /** Template of the link; null: the tenant's own. */
  readonly urlTemplate: string | null;
}

/** A token may ask for its own user: what is sent to the stored address proves nothing to who stole the token. */
export async function sendCode(core: Core, command: SendCode): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const { userId, channel, format, urlTemplate } = command;
  const found = await openFor(core, command.caller, { target: { userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { principal, tenant } = opened;
  const refused = isSelf(principal, userId) ? null : refuseUnlessWriter(principal, userId);
  if (refused !== null) return fail(refused);
  const user = findSubject(opened);
  if (user === null) return fail({ kind: 'user-unknown' });
  const { settings } = tenant;
  // What is asked for is a link.
  if (!canSend(settings, channel) || settings.resetUrl === undefined) {
    return fail({ kind: 'send-refused', fault: 'no-delivery' });
  }
  const to = listAddresses(settings, user.account).find((each) => each.channel === channel);
  if (to === undefined) {
    return fail({ kind: 'send-refused', fault: channel === 'email' ? 'no-email' : 'no-phone' });
  }
  const actor = describeActor(principal);
  const wish = { purpose: 'reset', format, to, urlTemplate, actor, limit: MESSAGE_LIMIT } as const;
  const made = await describeNewCode(core, opened, user.account, wish, now);
  if (!made.ok) return fail({ kind: 'send-refused', fault: made.failure });
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: made.value,
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({ tenantId: tenant.id, sequence: committed.sequence, changedAt: now });
}
