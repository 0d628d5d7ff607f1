// The second half that all four proofs share: policy → hash → one commit.
import { type Account, type Credential, listLoginNames } from './account.ts';
import type { Facts } from './audit.ts';
import { toBase64Url } from './bytes.ts';
import { type Caller, describeActor, openFor, refuseUnlessWriter } from './caller.ts';
import type { SessionRef } from './challenge.ts';
import { isByUser, isChosenForAWhile } from './choice.ts';
import type { Commit, Committed, SpentCode, Write } from './commit.ts';
import type { Core } from './context.ts';
import type { Failure } from './failure.ts';
import { describeNotices, dispatchAll } from './message.ts';
import { fail, ok, type Result } from './result.ts';
import { isStored, type NewSecret, sealSecret } from './secret.ts';
import type { Opened } from './store.ts';
import { computeThrottleSubject } from './throttle.ts';

const OPERATION_ID_BYTES = 16;

/** For so long a change can be repeated by who did not hear its answer. Milliseconds. */
export const REPEAT_WINDOW = 10 * 60_000;

/** An account with its credential, known to be there. */
export interface Subject {
  readonly account: Account;
  readonly credential: Credential;
}

export type ProofKind = 'password' | 'challenge' | 'code' | 'authority';

export interface NewPassword {
  readonly secret: NewSecret;
  /** The user must choose another one at the next sign-in. */
  readonly mustChange: boolean;
  readonly proof: ProofKind;
  /** Spent with the change. */
  readonly session?: SessionRef;
  readonly code?: SpentCode;
  /** Lets a retry of this very change be known. */
  readonly replayTag?: string | null;
  readonly writes?: readonly Write[];
  /** Further ones for the audit. */
  readonly facts: Facts;
}

export interface Changed {
  readonly tenantId: string;
  /** The user's newest event number. */
  readonly sequence: number;
  /** Milliseconds. */
  readonly changedAt: number;
}

/** A user, disabled or not, opened to a caller who may write the tenant's users. */
export async function openToWriter(
  core: Core,
  { caller, userId }: { readonly caller: Caller; readonly userId: string },
  now: number,
): Promise<Result<{ readonly opened: Opened; readonly user: Subject }, Failure>> {
  const found = await openFor(core, caller, { target: { userId } }, now);
  if (!found.ok) return found;
  const opened = found.value;
  const { principal, account, credential } = opened;
  const refused = refuseUnlessWriter(principal, userId);
  if (refused !== null) return fail(refused);
  if (account === null || credential === null) return fail({ kind: 'user-unknown' });
  return ok({ opened, user: { account, credential } });
}

/** The account and its credential, when it is there and may be used. */
export function findSubject(opened: Opened): Subject | null {
  const { account, credential } = opened;
  if (account === null || credential === null || account.disabledAt !== null) return null;
  return { account, credential };
}

/** Hashes and commits. Everything that must follow from a change is in the one commit, or nothing is. */
export async function changePassword(
  core: Core,
  opened: Opened,
  subject: Subject,
  wanted: NewPassword,
  now: number,
): Promise<Result<Changed, Failure>> {
  const { account, credential } = subject;
  const owner = { tenantId: opened.tenant.id, userId: account.userId };
  const hash = await sealSecret(core, wanted.secret, owner);
  const { temporaryPasswordLife, history = 0 } = opened.tenant.settings;
  const isOwn = isByUser(opened, wanted.proof, account.userId);
  const mustChange = wanted.mustChange || (!isOwn && isChosenForAWhile(opened.tenant));
  const actor = describeActorFor(opened, account.userId);
  const notices = await describeNotices(
    core,
    opened.tenant,
    account,
    mustChange ? 'password.temporary' : 'password.changed',
    isOwn ? 'user' : 'administrator',
    now,
  );
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, subject, now),
    change: {
      hash,
      mustChange,
      temporaryExpiresAt: mustChange ? now + temporaryPasswordLife * 1000 : null,
      replayTag: wanted.replayTag ?? null,
      session: wanted.session ?? null,
      code: wanted.code ?? null,
      history: {
        // The present one is in the credential.
        replaced: history > 1 ? credential.hash : null,
        // Only a change remembers one, and after another change this one is outpaced.
        keep: opened.history.length === 0 ? null : Math.max(0, history - 1),
      },
    },
    writes: [
      ...(wanted.writes ?? []),
      ...notices,
      { kind: 'lift-throttle', subjects: await listThrottleSubjects(core, account) },
      {
        kind: 'event',
        event: {
          type: 'password.changed',
          actor,
          facts: {
            proof: wanted.proof,
            version: credential.version + 1,
            mustChange,
            ...wanted.facts,
          },
        },
      },
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({ tenantId: opened.tenant.id, sequence: committed.sequence, changedAt: now });
}

/** Why a commit wrote nothing. */
export function describeLoss(committed: Extract<Committed, { won: false }>): Failure {
  switch (committed.because) {
    case 'taken':
      return { kind: 'already-exists', what: 'login-name' };
    case 'late':
      return { kind: 'too-late' };
    case 'outpaced':
      return { kind: 'outpaced' };
  }
}

/** Whether it is what the credential now holds. Costs one derivation, or none for a hash. */
export function isPresentPassword(
  core: Core,
  opened: Opened,
  { account, credential }: Subject,
  secret: NewSecret,
): Promise<boolean> {
  const owner = { tenantId: opened.tenant.id, userId: account.userId };
  return isStored(core, credential.hash, secret, owner);
}

/** Answers a change that happened before as it was answered then. Nothing changes but what `writes` forgive. */
export async function confirmChange(
  core: Core,
  opened: Opened,
  subject: Subject,
  writes: readonly Write[],
  now: number,
): Promise<Result<Changed, Failure>> {
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, subject, now),
    writes,
  });
  if (!committed.won) return fail(describeLoss(committed));
  const { changedAt } = subject.credential;
  return ok({ tenantId: opened.tenant.id, sequence: committed.sequence, changedAt });
}

/** The parts that every commit about a user shares; it changes no password. */
export function describeCommit(
  core: Core,
  opened: Pick<Opened, 'place' | 'tenant'>,
  { account, credential }: Subject,
  now: number,
): Omit<Commit, 'writes'> {
  return {
    place: opened.place,
    tenantId: opened.tenant.id,
    userId: account.userId,
    now,
    operationId: toBase64Url(core.ports.random.bytes(OPERATION_ID_BYTES)),
    seen: { version: credential.version, operationId: credential.operationId },
    change: null,
    outpaces: false,
  };
}

/**
 * Commits, unless it is too late, and has sent what is to be sent of it.
 *
 * @throws what the store threw, when the commit did not happen or cannot be told to have.
 */
export async function commitOnce(core: Core, commit: Commit): Promise<Committed> {
  if (isTooLate(core)) return { won: false, because: 'late' };
  const committed = await core.ports.store.commit(commit);
  const messages = commit.writes.filter((write) => write.kind === 'send-message');
  if (committed.won) dispatchAll(core, commit, messages);
  return committed;
}

/** Whether the caller has stopped waiting: what is not begun by then is not begun at all. */
export function isTooLate(core: Core): boolean {
  const { clock, deadline } = core.ports;
  return deadline !== null && clock.now() >= deadline;
}

/** Every name under which this user's guesses may have been counted. */
export async function listThrottleSubjects(core: Core, account: Account): Promise<string[]> {
  const names = new Set([account.userId, ...listLoginNames(account)]);
  const { keyring } = core.config;
  return Promise.all([...names].map((name) => computeThrottleSubject(keyring, name)));
}

/** Without a principal of its own, a request acts for the user whose proof it brought. */
export function describeActorFor(opened: Opened, userId: string) {
  const { principal } = opened;
  const actor = describeActor(principal);
  return principal.kind === 'nobody' ? ({ kind: 'user', userId } as const) : actor;
}
