// A code for who says to be a user, sent to the address that is stored. Whether there is such a user, the answer does not
// tell: it is the same, at the same cost, and so it is for who asks too often.
import { type Account, type NamedUser, normaliseLoginName, normaliseTarget } from '../account.ts';
import { type Caller, openFor } from '../caller.ts';
import { commitOnce, describeCommit, describeLoss, findSubject } from '../change.ts';
import type { CodeFormatName, CodePurpose } from '../code.ts';
import { describeNewCode } from '../code-message.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { type Address, canSend, listAddresses } from '../message.ts';
import { MESSAGE_LIMIT } from '../outbox.ts';
import { recordRefusal } from '../refusal.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Opened } from '../store.ts';

export interface RequestCode {
  readonly caller: Caller;
  readonly user: NamedUser;
  /** `outstanding`: a second factor when one is still out, else a reset. */
  readonly purpose: CodePurpose | 'outstanding';
  readonly format: CodeFormatName;
  /** When given, it must be one of the user's, and the code goes there; else to the first that there is. */
  readonly address?: string;
}

export async function requestCode(
  core: Core,
  command: RequestCode,
): Promise<Result<null, Failure>> {
  const now = core.ports.clock.now();
  const target = normaliseTarget(command.user);
  const outstanding: readonly CodePurpose[] = ['secure-otp'];
  const found = await openFor(core, command.caller, { target, outstanding }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { settings } = opened.tenant;
  if (!canSend(settings, 'email') && !canSend(settings, 'sms')) {
    return fail({ kind: 'send-refused', fault: 'no-delivery' });
  }
  const user = findSubject(opened);
  const to = user === null ? null : findAddress(opened, user.account, command.address);
  if (user === null || to === null) {
    // As many trips as a code that is sent.
    const facts = { reason: 'unreachable' };
    await recordRefusal(core, opened, { type: 'code.refused', facts }, now);
    return ok(null);
  }
  const wish = {
    purpose: choosePurpose(command.purpose, opened, now),
    format: command.format,
    to,
    urlTemplate: null,
    actor: { kind: 'anonymous' },
    limit: MESSAGE_LIMIT,
  } as const;
  const made = await describeNewCode(core, opened, user.account, wish, now);
  if (!made.ok) return fail({ kind: 'send-refused', fault: made.failure });
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: made.value,
  });
  // Another change came first: whoever made it has the account.
  return committed.won || committed.because === 'outpaced'
    ? ok(null)
    : fail(describeLoss(committed));
}

function choosePurpose(
  wanted: RequestCode['purpose'],
  { codeOutstandingUntil }: Opened,
  now: number,
): CodePurpose {
  if (wanted !== 'outstanding') return wanted;
  return codeOutstandingUntil !== null && codeOutstandingUntil > now ? 'secure-otp' : 'reset';
}

function findAddress(opened: Opened, account: Account, given: string | undefined): Address | null {
  const addresses = listAddresses(opened.tenant.settings, account);
  const wanted =
    given === undefined
      ? addresses[0]
      : addresses.find(({ address }) => isSameName(address, given));
  return wanted ?? null;
}

function isSameName(a: string, b: string): boolean {
  return normaliseLoginName(a) === normaliseLoginName(b);
}
