// The forced change: the session of a NEW_PASSWORD_REQUIRED challenge proves it, and tokens answer it.
import { type Caller, openFor } from '../caller.ts';
import { type ChallengeVerdict, judgeChallenge, referToSession } from '../challenge.ts';
import {
  changePassword,
  commitOnce,
  describeCommit,
  describeLoss,
  findSubject,
  isPresentPassword,
  type Subject,
} from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure, ProofFault } from '../failure.ts';
import { judgeNewPassword } from '../new-password.ts';
import { hashOpaque, readOpaquePlace } from '../opaque.ts';
import { recordChangeRefusal } from '../refusal.ts';
import { fail, ok, type Result } from '../result.ts';
import { findSecretFault } from '../secret.ts';
import { type Session, startSession } from '../session.ts';
import type { Opened } from '../store.ts';

export interface ChangeByChallenge {
  readonly caller: Caller;
  readonly userId: string;
  readonly newPassword: string;
  readonly session: string;
}

const FAULTS: Record<Exclude<ChallengeVerdict, 'open'>, ProofFault> = {
  unknown: 'challenge-unknown',
  expired: 'challenge-expired',
  foreign: 'challenge-foreign',
  dead: 'challenge-dead',
  spent: 'challenge-spent',
};

export async function changeByChallenge(
  core: Core,
  command: ChangeByChallenge,
): Promise<Result<Session, Failure>> {
  const now = core.ports.clock.now();
  const session = referToSession(await hashOpaque(command.session));
  const found = await openFor(
    core,
    command.caller,
    { target: { userId: command.userId }, session },
    now,
  );
  if (!found.ok) return found;
  const opened = found.value;
  // A session of another place cannot be in this database; its hash is simply not found.
  const isOurs = readOpaquePlace('session', command.session) === opened.place;
  const verdict = judgeChallenge(isOurs ? opened.challenge : null, command.userId, now);
  const user = findSubject(opened);
  const isBarred = user === null || user.account.lockedAt !== null;
  if (isBarred) {
    const bar = user === null ? 'disabled' : 'locked';
    const fault = verdict === 'open' || verdict === 'spent' ? bar : FAULTS[verdict];
    return refuse(core, opened, fault, now);
  }
  if (verdict === 'spent') return repeat(core, opened, user, command, session.hash, now);
  if (verdict !== 'open') return refuse(core, opened, FAULTS[verdict], now);

  // From here on the holder of the session is believed; a refusal leaves it open.
  const secret = { kind: 'password', text: command.newPassword } as const;
  const fault = findSecretFault(core, secret);
  if (fault !== null) return fail(fault);
  const judged = await judgeNewPassword(core, opened, user, user.account, secret, 'other');
  if (!judged.ok) return judged;

  const version = user.credential.version + 1;
  const started = await startSession(core, opened, user.account, version, now);
  const changed = await changePassword(
    core,
    opened,
    user,
    {
      secret,
      mustChange: false,
      proof: 'challenge',
      session,
      writes: [started.write],
      facts: judged.value,
    },
    now,
  );
  return changed.ok ? ok(await started.session()) : changed;
}

/**
 * The same request once more, after its answer was lost: fresh tokens, and nothing changes. The password that it
 * brings is checked against the present one, so each such check counts as a try of the session beforehand.
 */
async function repeat(
  core: Core,
  opened: Opened,
  user: Subject,
  command: ChangeByChallenge,
  sessionHash: string,
  now: number,
): Promise<Result<Session, Failure>> {
  const { account, credential } = user;
  const isItsVersion = opened.challenge?.spentVersion === credential.version;
  const secret = { kind: 'password', text: command.newPassword } as const;
  if (!isItsVersion || findSecretFault(core, secret) !== null) {
    return refuse(core, opened, 'challenge-spent', now);
  }
  if (!(await isPresentPassword(core, opened, user, secret))) {
    return refuse(core, opened, 'challenge-spent', now);
  }
  const started = await startSession(core, opened, account, credential.version, now);
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [{ kind: 'forgive-challenge', sessionHash }, started.write],
  });
  return committed.won ? ok(await started.session()) : fail(describeLoss(committed));
}

async function refuse(
  core: Core,
  opened: Opened,
  fault: ProofFault,
  now: number,
): Promise<Result<Session, Failure>> {
  await recordChangeRefusal(core, opened, 'challenge', fault, now);
  return fail({ kind: 'proof-refused', fault });
}
