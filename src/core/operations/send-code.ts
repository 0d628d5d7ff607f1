// A fresh reset code for a user, sent to the address that is stored: by the user, or by who may write users. It is made
// with its message or not at all, and whoever asks too often is answered the same while nothing is made.
import type { Account } from '../account.ts';
import { type Caller, describeActor, isSelf, openFor, refuseUnlessWriter } from '../caller.ts';
import { type Changed, commitOnce, describeCommit, describeLoss, findSubject } from '../change.ts';
import { drawCode, LIVE_CODES, referToCode } from '../code.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import {
  type Channel,
  drawMessageId,
  MESSAGE_LIMIT,
  type MessageKind,
  sealMessage,
} from '../outbox.ts';
import { fail, ok, type Result } from '../result.ts';
import { makeLink } from '../url-template.ts';

export interface SendCode {
  readonly caller: Caller;
  readonly userId: string;
  readonly channel: Channel;
  /** Template of the link; null: the tenant's own. */
  readonly urlTemplate: string | null;
}

const PURPOSE = 'reset';
const KIND: MessageKind = 'password.reset';

/** A token may ask for its own user: what is sent to the stored address proves nothing to who stole the token. */
export async function sendCode(core: Core, command: SendCode): Promise<Result<Changed, Failure>> {
  const { random, clock, dispatch } = core.ports;
  const now = clock.now();
  const { userId, channel } = command;
  const found = await openFor(core, command.caller, { target: { userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { principal, tenant, place } = opened;
  const refused = isSelf(principal, userId) ? null : refuseUnlessWriter(principal, userId);
  if (refused !== null) return fail(refused);
  const user = findSubject(opened);
  if (user === null) return fail({ kind: 'user-unknown' });
  const { delivery, resetUrl } = tenant.settings;
  if (delivery === undefined || resetUrl === undefined) {
    return fail({ kind: 'send-refused', fault: 'no-delivery' });
  }
  const address = findAddress(user.account, channel);
  if (address === null) {
    return fail({ kind: 'send-refused', fault: channel === 'email' ? 'no-email' : 'no-phone' });
  }
  const code = drawCode(random);
  const fields = { UserID: userId, Code: code, OrgID: tenant.id };
  const link = makeLink(command.urlTemplate ?? resetUrl, resetUrl, fields);
  if (!link.ok) return fail({ kind: 'send-refused', fault: link.failure });

  const { keyring } = core.config;
  const expiresAt = now + tenant.settings.codeLife * 1000;
  const { mac } = await referToCode(keyring, PURPOSE, userId, code);
  const ref = { place, tenantId: tenant.id, userId, id: drawMessageId(random) };
  const body = describeMessage(now, {
    userId,
    orgId: tenant.id,
    channel,
    address,
    code,
    url: link.value,
    language: user.account.profile.preferredLanguage ?? null,
    expiresAt: new Date(expiresAt).toISOString(),
  });
  const payload = await sealMessage(keyring, random, ref, body);
  const { id: messageId } = ref;
  const facts = { purpose: PURPOSE, delivery: channel };
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [
      {
        kind: 'send-message',
        message: { id: messageId, kind: KIND, payload, expiresAt, codeMac: mac },
        limit: MESSAGE_LIMIT,
      },
      { kind: 'issue-code', purpose: PURPOSE, mac, expiresAt, keep: LIVE_CODES, messageId },
      {
        kind: 'event',
        event: { type: 'code.issued', actor: describeActor(principal), facts },
        messageId,
      },
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  dispatch(ref);
  return ok({ tenantId: tenant.id, sequence: committed.sequence, changedAt: now });
}

function findAddress({ email, phone }: Account, channel: Channel): string | null {
  return channel === 'email' ? email : phone;
}

/** As it is sent, word for word at every attempt. For programs: whoever receives it finds the words for people. */
function describeMessage(now: number, data: Readonly<Record<string, string | null>>): string {
  return JSON.stringify({ type: KIND, timestamp: new Date(now).toISOString(), data });
}
