// A change proved by the current password: by the user, or by whoever a dialect lets act for the user.

import { type AccountPatch, normaliseLoginName, patchAccount } from '../account.ts';
import { describePatch, isPatched, refusePatch } from '../account-change.ts';
import { equalBytes, utf8 } from '../bytes.ts';
import { type Caller, hasScope, isSelf, openFor } from '../caller.ts';
import {
  type Changed,
  changePassword,
  commitOnce,
  confirmChange,
  describeActorFor,
  describeCommit,
  findSubject,
  isPresentPassword,
  REPEAT_WINDOW,
  type Subject,
} from '../change.ts';
import { refuseChoice } from '../choice.ts';
import { judgeCode, referToCode, spendCode } from '../code.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure, ProofFault } from '../failure.ts';
import { describeGuess } from '../guess.ts';
import type { KeyedMac } from '../keyring.ts';
import { judgeNewPassword } from '../new-password.ts';
import { findPasswordFault, normalisePassword } from '../password/text.ts';
import { findDeadPassword, nameWrongGuess, verifyGuess } from '../password-check.ts';
import { giveBackAttempt, recordChangeRefusal } from '../refusal.ts';
import { fail, type Result } from '../result.ts';
import { findSecretFault, isSameText, type NewSecret } from '../secret.ts';
import type { Opened } from '../store.ts';
import { readGrant, THROTTLE_RULE } from '../throttle.ts';

export interface ChangeByPassword {
  readonly caller: Caller;
  readonly userId: string;
  readonly currentPassword: string;
  readonly newPassword: NewSecret;
  readonly mustChange: boolean;
  /** Changed with the password, or not at all. */
  readonly patch?: AccountPatch;
  /** `self-or-admin`: anyone else may not even try. `anyone`: the password is entitlement enough. */
  readonly actors: 'self-or-admin' | 'anyone';
  /** When given, it must be this user's. */
  readonly email?: string;
  /** Whether a tenant that demands a secureOTP demands it here. */
  readonly honoursSecureOtp: boolean;
  /** A code of purpose secure-otp, spent with the change. */
  readonly secureOtp?: string;
}

export async function changeByPassword(
  core: Core,
  command: ChangeByPassword,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const { keyring } = core.config;
  const malformed = findMalformed(core, command);
  const isUnchanged = isSameText(command.newPassword, command.currentPassword);
  const isGuess = malformed === null && !isUnchanged;
  const otp =
    command.secureOtp === undefined || !isGuess
      ? null
      : await referToCode(keyring, ['secure-otp'], command.secureOtp);
  const found = await openFor(
    core,
    command.caller,
    {
      target: { userId: command.userId },
      actors: command.actors,
      repeatSince: now - REPEAT_WINDOW,
      ...(isGuess ? { attempt: await describeGuess(core, command.userId) } : {}),
      ...(otp === null ? {} : { code: otp }),
    },
    now,
  );
  if (!found.ok) return found;
  const opened = found.value;
  const user = findSubject(opened);
  const tags = await keyring.macs(
    'replay',
    opened.tenant.id,
    command.userId,
    normalisePassword(command.currentPassword),
  );
  const patch = command.patch ?? {};
  // With other names it is another change, whose current password is wrong by now.
  const isRepeat = user !== null && isRepeatable(user, tags, now) && isPatched(user.account, patch);
  const flaw = malformed ?? (isUnchanged ? ({ kind: 'password-unchanged' } as const) : null);
  const refusal = findRefusal(opened, command, flaw, isRepeat);
  if (refusal !== null) {
    await giveBackAttempt(core, opened, now);
    return fail(refusal);
  }
  const granted = readGrant(opened.attempt, now);
  if (!granted.ok) return granted;
  const grant = granted.value;
  const cleared: Write = { kind: 'clear-attempts', grant, rule: THROTTLE_RULE };
  if (user !== null && isRepeat) return repeat(core, opened, user, command, cleared, now);

  const owner = { tenantId: opened.tenant.id, userId: command.userId };
  const verdict = await verifyGuess(core, user, command.currentPassword, owner, grant);
  const isRight = verdict === 'match' || verdict === 'match-stale';
  const otpVerdict = otp === null ? null : judgeCode(opened.code, now);
  if (user === null || !isRight || (otpVerdict !== null && otpVerdict !== 'live')) {
    const fault = isRight ? 'wrong-code' : nameWrongGuess(verdict, grant);
    return refuse(core, opened, user, fault, now);
  }
  const dead = findDeadPassword(user.credential, now);
  const account = patchAccount(user.account, patch);
  const judged =
    dead === null
      ? await judgeNewPassword(core, opened, user, account, command.newPassword, 'aside')
      : fail(dead);
  if (!judged.ok) {
    // The proof was right: it is no wrong guess, and it is not spent.
    await commitOnce(core, {
      ...describeCommit(core, opened, user, now),
      writes: [cleared],
    });
    return judged;
  }
  return changePassword(
    core,
    opened,
    user,
    {
      secret: command.newPassword,
      mustChange: command.mustChange,
      proof: 'password',
      replayTag: tags[0]?.mac ?? null,
      ...(opened.code === null ? {} : { code: spendCode(opened.code, 'secure-otp') }),
      writes: describePatch(user.account, patch, describeActorFor(opened, command.userId)),
      facts: judged.value,
    },
    now,
  );
}

function findMalformed(core: Core, command: ChangeByPassword): Failure | null {
  const fault = findPasswordFault(command.currentPassword);
  if (fault !== null) return { kind: 'password-malformed', field: 'current', fault };
  return findSecretFault(core, command.newPassword);
}

/** What can be told without a derivation: then no guess was made. */
function findRefusal(
  opened: Opened,
  command: ChangeByPassword,
  /** Of the request itself, whoever sent it. */
  flaw: Failure | null,
  isRepeat: boolean,
): Failure | null {
  const { principal, account, credential, tenant } = opened;
  if (principal.kind === 'user' && principal.repeats && !isRepeat)
    return { kind: 'caller-refused' };
  const self = isSelf(principal, command.userId);
  const mayKnow = self || hasScope(principal, 'user.read');
  if (command.actors === 'self-or-admin' && !self && !hasScope(principal, 'user.write')) {
    return { kind: 'not-permitted', member: principal.kind === 'key' };
  }
  const refused =
    refusePatch(principal, command.patch ?? {}, true) ??
    refuseChoice(opened, 'password', command.userId);
  if (refused !== null) return refused;
  if (flaw !== null) return flaw;
  if (
    command.secureOtp === undefined &&
    tenant.settings.requireSecureOtp &&
    command.honoursSecureOtp
  ) {
    return { kind: 'otp-refused', fault: 'missing' };
  }
  if (!mayKnow) return null;
  if (account === null || account.disabledAt !== null) return { kind: 'user-unknown' };
  if (command.email !== undefined && !isEmailOf(account.email, command.email)) {
    return { kind: 'user-unknown' };
  }
  return credential?.hash === null ? { kind: 'password-not-set' } : null;
}

function isEmailOf(email: string | null, given: string): boolean {
  return email !== null && normaliseLoginName(email) === normaliseLoginName(given);
}

/** Under any key: a key may have been rotated since. The tag is of the password that the present version replaced, so it cannot be the present one as well. */
function isRepeatable({ credential }: Subject, tags: readonly KeyedMac[], now: number): boolean {
  const { replayTag, changedAt } = credential;
  if (replayTag === null || now - changedAt >= REPEAT_WINDOW) return false;
  return tags.some(({ mac }) => equalBytes(utf8(replayTag), utf8(mac)));
}

/** The same change once more, after its answer was lost: its new password must be the present one. Nothing changes. */
async function repeat(
  core: Core,
  opened: Opened,
  user: Subject,
  command: ChangeByPassword,
  cleared: Write,
  now: number,
): Promise<Result<Changed, Failure>> {
  const { code } = opened;
  const isSameOtp = code?.spentVersion === user.credential.version;
  if (command.secureOtp !== undefined && !isSameOtp) {
    return refuse(core, opened, user, 'wrong-code', now);
  }
  if (!(await isPresentPassword(core, opened, user, command.newPassword))) {
    return refuse(core, opened, user, 'wrong-password', now);
  }
  return confirmChange(core, opened, user, [cleared], now);
}

async function refuse(
  core: Core,
  opened: Opened,
  user: Subject | null,
  found: ProofFault,
  now: number,
): Promise<Result<Changed, Failure>> {
  const fault: ProofFault =
    user !== null ? found : opened.account === null ? 'unknown-user' : 'disabled';
  await recordChangeRefusal(core, opened, 'password', fault, now);
  return fail({ kind: 'proof-refused', fault });
}
