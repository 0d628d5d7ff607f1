// A user is locked or unlocked, deactivated or reactivated, by who may write users. What ends a user's sign-ins ends
// the sessions too, in the same commit; what lets the user in again forgives the wrong guesses.
import type { Account } from '../account.ts';
import type { EventType } from '../audit.ts';
import { type Caller, describeActor } from '../caller.ts';
import {
  type Changed,
  commitOnce,
  describeCommit,
  describeLoss,
  listThrottleSubjects,
  openToWriter,
} from '../change.ts';
import type { Write } from '../commit.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeNotices, nameActor } from '../message.ts';
import { fail, ok, type Result } from '../result.ts';

export type StateStep = 'lock' | 'unlock' | 'deactivate' | 'reactivate';

export interface SetUserState {
  readonly caller: Caller;
  readonly userId: string;
  readonly step: StateStep;
}

type Wanted = Extract<Failure, { kind: 'state-refused' }>['wanted'];

interface Step {
  readonly wanted: Wanted;
  readonly isOpen: (account: Account) => boolean;
  readonly event: EventType;
  readonly next: (account: Account, now: number) => Pick<Account, 'disabledAt' | 'lockedAt'>;
  readonly ends: boolean;
}

const STEPS: Record<StateStep, Step> = {
  lock: {
    wanted: 'active',
    isOpen: ({ disabledAt, lockedAt }) => disabledAt === null && lockedAt === null,
    event: 'user.locked',
    next: ({ disabledAt }, now) => ({ disabledAt, lockedAt: now }),
    ends: true,
  },
  unlock: {
    wanted: 'locked',
    isOpen: ({ disabledAt, lockedAt }) => disabledAt === null && lockedAt !== null,
    event: 'user.unlocked',
    next: ({ disabledAt }) => ({ disabledAt, lockedAt: null }),
    ends: false,
  },
  deactivate: {
    wanted: 'not-inactive',
    isOpen: ({ disabledAt }) => disabledAt === null,
    event: 'user.deactivated',
    next: ({ lockedAt }, now) => ({ disabledAt: now, lockedAt }),
    ends: true,
  },
  reactivate: {
    wanted: 'inactive',
    isOpen: ({ disabledAt }) => disabledAt !== null,
    event: 'user.reactivated',
    // As the vendor has it: a reactivated user is active, whatever it was before.
    next: () => ({ disabledAt: null, lockedAt: null }),
    ends: false,
  },
};

export async function setUserState(
  core: Core,
  command: SetUserState,
): Promise<Result<Changed, Failure>> {
  const now = core.ports.clock.now();
  const found = await openToWriter(core, command, now);
  if (!found.ok) return found;
  const { opened, user } = found.value;
  const { principal, tenant } = opened;
  const { account } = user;
  const step = STEPS[command.step];
  if (!step.isOpen(account)) return fail({ kind: 'state-refused', wanted: step.wanted });
  const follows: Write = step.ends
    ? { kind: 'end-sessions' }
    : { kind: 'lift-throttle', subjects: await listThrottleSubjects(core, account) };
  const actor = describeActor(principal);
  const notices =
    command.step === 'lock'
      ? await describeNotices(
          core,
          tenant,
          account,
          'account.locked',
          nameActor(actor, account.userId),
          now,
        )
      : [];
  const committed = await commitOnce(core, {
    ...describeCommit(core, opened, user, now),
    outpaces: true,
    writes: [
      { kind: 'set-state', ...step.next(account, now) },
      follows,
      {
        kind: 'event',
        event: { type: step.event, actor, facts: {} },
      },
      ...notices,
    ],
  });
  if (!committed.won) return fail(describeLoss(committed));
  return ok({ tenantId: tenant.id, sequence: committed.sequence, changedAt: now });
}
