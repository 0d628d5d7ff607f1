// Sign-in by password: tokens, or a challenge when the password is temporary or too old.
import {
  type Account,
  isChangeDue,
  type NamedUser,
  nameTarget,
  normaliseTarget,
} from '../account.ts';
import type { EventType } from '../audit.ts';
import { type Caller, openFor } from '../caller.ts';
import {
  commitOnce,
  describeActorFor,
  describeCommit,
  describeLoss,
  type Subject,
} from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeGuess } from '../guess.ts';
import { drawOpaque, hashOpaque } from '../opaque.ts';
import { findPasswordFault } from '../password/text.ts';
import { checkPassword, findDeadPassword } from '../password-check.ts';
import { fail, ok, type Result } from '../result.ts';
import { type Session, startSession } from '../session.ts';
import type { Opened } from '../store.ts';

export interface SignIn {
  readonly caller: Caller;
  readonly user: NamedUser;
  readonly password: string;
  /** Whether this door can carry a challenge; another refuses a password that must be changed after proving it. */
  readonly canChallenge: boolean;
}

export type SignedIn =
  | { readonly kind: 'session'; readonly session: Session; readonly account: Account }
  | { readonly kind: 'new-password-required'; readonly session: string };

export async function signIn(core: Core, command: SignIn): Promise<Result<SignedIn, Failure>> {
  const now = core.ports.clock.now();
  const fault = findPasswordFault(command.password);
  const target = normaliseTarget(command.user);
  const found = await openFor(
    core,
    command.caller,
    {
      target,
      ...(fault === null ? { attempt: await describeGuess(core, nameTarget(target)) } : {}),
    },
    now,
  );
  if (!found.ok) return found;
  const opened = found.value;
  if (fault !== null) return fail({ kind: 'password-malformed', field: 'current', fault });
  const { password } = command;
  const checked = await checkPassword(core, opened, password, 'sign-in.refused', now);
  if (!checked.ok) return checked;
  const { user, writes } = checked.value;
  const dead = findDeadPassword(user.credential, now);
  if (dead !== null) return turnAway(core, opened, user, writes, now, dead);
  const { maxAge } = opened.tenant.settings;
  if (!isChangeDue(user.credential, maxAge, now)) return admit(core, opened, user, writes, now);
  return command.canChallenge
    ? challenge(core, opened, user, writes, now)
    : turnAway(core, opened, user, writes, now, { kind: 'password-change-required' });
}

async function admit(
  core: Core,
  opened: Opened,
  user: Subject,
  writes: readonly Write[],
  now: number,
): Promise<Result<SignedIn, Failure>> {
  const { account, credential } = user;
  const started = await startSession(core, opened, account, credential.version, now);
  const event = describeSignIn(opened, account, 'sign-in.succeeded');
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [...writes, started.write, event],
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({ kind: 'session', session: await started.session(), account });
}

async function challenge(
  core: Core,
  opened: Opened,
  user: Subject,
  writes: readonly Write[],
  now: number,
): Promise<Result<SignedIn, Failure>> {
  const session = drawOpaque('session', opened.place, core.ports.random);
  const open: Write = {
    kind: 'open-challenge',
    sessionHash: await hashOpaque(session),
    expiresAt: now + opened.tenant.settings.challengeLife * 1000,
  };
  const event = describeSignIn(opened, user.account, 'sign-in.challenged');
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [...writes, open, event],
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({ kind: 'new-password-required', session });
}

/** The password is right, and yet it opens nothing: told only to who proved to know it. */
async function turnAway(
  core: Core,
  opened: Opened,
  user: Subject,
  writes: readonly Write[],
  now: number,
  failure: Failure,
): Promise<Result<SignedIn, Failure>> {
  const event = describeSignIn(opened, user.account, 'sign-in.refused', failure.kind);
  await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    writes: [...writes, event],
  });
  return fail(failure);
}

function describeSignIn(opened: Opened, account: Account, type: EventType, reason?: string): Write {
  const facts = reason === undefined ? {} : { reason };
  return {
    kind: 'event',
    event: { type, actor: describeActorFor(opened, account.userId), facts },
  };
}
