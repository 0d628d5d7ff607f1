// A change proved by a verification code. It works while the password door is locked: that is the way out.

import {
  type AccountPatch,
  type NamedUser,
  nameTarget,
  normaliseTarget,
  patchAccount,
} from '../account.ts';
import { describePatch, isPatched, refusePatch } from '../account-change.ts';
import {
  type Caller,
  describeActor,
  hasScope,
  isSelf,
  openFor,
  refuseUnlessWriter,
} from '../caller.ts';
import {
  type Changed,
  changePassword,
  confirmChange,
  findSubject,
  isPresentPassword,
  REPEAT_WINDOW,
  type Subject,
} from '../change.ts';
import { refuseChoice } from '../choice.ts';
import { type CodeVerdict, judgeCode, referToCode, spendCode } from '../code.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeGuess } from '../guess.ts';
import { judgeNewPassword } from '../new-password.ts';
import { giveBackAttempt, recordChangeRefusal } from '../refusal.ts';
import { fail, type Result } from '../result.ts';
import { findSecretFault, type NewSecret } from '../secret.ts';
import type { Opened } from '../store.ts';
import { readGrant, THROTTLE_RULE } from '../throttle.ts';

const PURPOSE = 'reset';

export interface ChangeByCode {
  readonly caller: Caller;
  readonly user: NamedUser;
  readonly code: string;
  readonly newPassword: NewSecret;
  readonly mustChange: boolean;
  /** `self-or-admin`: anyone else may not even try. `anyone`: the code is entitlement enough. */
  readonly actors: 'self-or-admin' | 'anyone';
  /** Changed with the password, or not at all. */
  readonly patch?: AccountPatch;
}

export async function changeByCode(
  core: Core,
  command: ChangeByCode,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const { keyring } = core.config;
  const target = normaliseTarget(command.user);
  const code = await referToCode(keyring, [PURPOSE], command.code);
  const fault = findSecretFault(core, command.newPassword);
  const found = await openFor(
    core,
    command.caller,
    {
      target,
      actors: command.actors,
      repeatSince: now - REPEAT_WINDOW,
      // A malformed new password is refused before the code is looked at: no guess is made.
      ...(fault === null ? { attempt: await describeGuess(core, nameTarget(target)), code } : {}),
    },
    now,
  );
  if (!found.ok) return found;
  const opened = found.value;
  const user = findSubject(opened);
  const userId = 'userId' in target ? target.userId : (opened.account?.userId ?? '');
  const { principal } = opened;
  const patch = command.patch ?? {};
  // With other names it is another change, whose code is spent by now.
  const isRepeat =
    user !== null &&
    opened.code?.spentVersion === user.credential.version &&
    isPatched(user.account, patch);
  if (principal.kind === 'user' && principal.repeats && !isRepeat) {
    await giveBackAttempt(core, opened, now);
    return fail({ kind: 'caller-refused' });
  }
  const mayTry = command.actors === 'anyone' || isSelf(principal, userId);
  const refused =
    (mayTry ? refusePatch(principal, patch, true) : refuseUnlessWriter(principal, userId)) ??
    refuseChoice(opened, 'code', userId);
  if (refused !== null) {
    await giveBackAttempt(core, opened, now);
    return fail(refused);
  }
  if (fault !== null) return fail(fault);

  if (user === null) return refuse(core, opened, userId, 'unknown', now);
  const live = opened.code;
  const verdict = judgeCode(live, now);
  if (verdict === 'spent' && isRepeat) return repeat(core, opened, user, command, now);
  if (live === null || verdict !== 'live') return refuse(core, opened, userId, verdict, now);
  const account = patchAccount(user.account, patch);
  const { newPassword } = command;
  const judged = await judgeNewPassword(core, opened, user, account, newPassword, 'remembered');
  if (!judged.ok) {
    // A right code that changed nothing forgives nothing: only its own attempt is taken back.
    await giveBackAttempt(core, opened, now);
    return judged;
  }
  return changePassword(
    core,
    opened,
    user,
    {
      secret: newPassword,
      mustChange: command.mustChange,
      proof: 'code',
      code: spendCode(live, PURPOSE),
      writes: describePatch(user.account, patch, describeActor(principal)),
      facts: judged.value,
    },
    now,
  );
}

/**
 * The same request once more, after its answer was lost. Its new password is checked against the present one: that is
 * a guess at a password, and so it stands under the throttle, which the code itself does not.
 */
async function repeat(
  core: Core,
  opened: Opened,
  user: Subject,
  command: ChangeByCode,
  now: number,
): Promise<Result<Changed, Failure>> {
  const granted = readGrant(opened.attempt, now);
  if (!granted.ok) return granted;
  if (!(await isPresentPassword(core, opened, user, command.newPassword))) {
    return refuse(core, opened, user.account.userId, 'spent', now);
  }
  const cleared: Write = { kind: 'clear-attempts', grant: granted.value, rule: THROTTLE_RULE };
  return confirmChange(core, opened, user, [cleared], now);
}

async function refuse(
  core: Core,
  opened: Opened,
  userId: string,
  verdict: CodeVerdict,
  now: number,
): Promise<Result<Changed, Failure>> {
  await recordChangeRefusal(core, opened, 'code', 'wrong-code', now);
  const { principal, account, codeOutstandingUntil } = opened;
  // Who may not read the users learns only that it did not work.
  const mayKnow = isSelf(principal, userId) || hasScope(principal, 'user.read');
  if (!mayKnow) return fail({ kind: 'code-refused', fault: 'wrong' });
  if (account === null || account.disabledAt !== null) return fail({ kind: 'user-unknown' });
  if (verdict === 'expired') return fail({ kind: 'code-refused', fault: 'expired' });
  const isOutstanding = codeOutstandingUntil !== null && codeOutstandingUntil > now;
  return fail({ kind: 'code-refused', fault: isOutstanding ? 'wrong' : 'none' });
}
