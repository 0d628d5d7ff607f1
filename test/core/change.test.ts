// What every change shares: who is said to have made it, until when, and what is sent of it.
import { describe, expect, it } from 'vitest';
import {
  commitOnce,
  confirmChange,
  describeActorFor,
  describeLoss,
  isTooLate,
  type Subject,
} from '../../src/core/change.ts';
import type { Commit, Committed, SendMessage } from '../../src/core/commit.ts';
import type { Core } from '../../src/core/context.ts';
import { MESSAGE_LIMIT } from '../../src/core/outbox.ts';
import type { Opened, Principal } from '../../src/core/store.ts';
import { platformRandom } from '../support/secrets.ts';

const NOW = 1_800_000_000_000;
const MESSAGE: SendMessage = {
  kind: 'send-message',
  message: {
    ...{ id: 'msg_1', kind: 'password.changed', payload: 'sealed' },
    ...{ expiresAt: NOW + 1, code: null },
  },
  limit: MESSAGE_LIMIT,
};
const COMMIT: Commit = {
  ...{ place: 'db', tenantId: 'db_1', userId: 'ann', now: NOW, operationId: 'operation' },
  ...{ seen: { version: 1, operationId: 'before' }, change: null, outpaces: false },
  writes: [{ kind: 'end-codes' }, MESSAGE],
};
const WON: Committed = { won: true, sequence: 7, sessionSequence: null };

/** A store that answers so, or fails; it notes what it was asked. */
function makeCore(
  answer: Committed | Error,
  { deadline = null }: { deadline?: number | null } = {},
) {
  const seen: string[] = [];
  const commits: Commit[] = [];
  const give = async (what: string, given: Committed | Error) => {
    seen.push(what);
    if (given instanceof Error) throw given;
    return given;
  };
  const ports = {
    store: {
      commit: (commit: Commit) => {
        commits.push(commit);
        return give('commit', answer);
      },
    },
    random: platformRandom,
    clock: { now: () => NOW },
    deadline,
    dispatch: ({ id }: { id: string }) => seen.push(id),
  };
  return { core: { ports } as unknown as Core, seen, commits };
}

describe('a commit', () => {
  it('has its messages sent, once it is there', async () => {
    const { core, seen } = makeCore(WON);
    expect(await commitOnce(core, COMMIT)).toEqual(WON);
    expect(seen).toEqual(['commit', 'msg_1']);
  });

  it('that lost has nothing sent', async () => {
    const { core, seen } = makeCore({ won: false, because: 'outpaced' });
    expect(await commitOnce(core, COMMIT)).toEqual({ won: false, because: 'outpaced' });
    expect(seen).toEqual(['commit']);
  });

  it.each([
    [NOW - 1, true],
    [NOW, true],
    [NOW + 1, false],
    [null, false],
  ])('is not begun once nobody waits for it: until %s', async (deadline, isLate) => {
    const { core, seen } = makeCore(WON, { deadline });
    expect(isTooLate(core)).toBe(isLate);
    expect((await commitOnce(core, COMMIT)).won).toBe(!isLate);
    expect(seen.length > 0).toBe(!isLate);
  });

  it('that failed has nothing sent', async () => {
    const failed = new Error('the connection broke');
    const { core, seen } = makeCore(failed);
    await expect(commitOnce(core, COMMIT)).rejects.toBe(failed);
    expect(seen).toEqual(['commit']);
  });
});

describe('a change that happened before', () => {
  const subject = {
    account: { userId: 'ann' },
    credential: { version: 3, operationId: 'change', changedAt: NOW - 1000 },
  } as Subject;
  const opened = { place: 'db', tenant: { id: 'db_1' } } as Opened;

  it('is answered as it was then, and outpaces nobody', async () => {
    const { core, commits } = makeCore(WON);
    expect(await confirmChange(core, opened, subject, [], NOW)).toEqual({
      ok: true,
      value: { tenantId: 'db_1', sequence: 7, changedAt: NOW - 1000 },
    });
    expect(commits).toMatchObject([{ change: null, outpaces: false, seen: { version: 3 } }]);
  });

  it('is not said to stand when another one came meanwhile', async () => {
    const { core } = makeCore({ won: false, because: 'outpaced' });
    const failure = { kind: 'outpaced' };
    expect(await confirmChange(core, opened, subject, [], NOW)).toEqual({ ok: false, failure });
  });
});

it.each([
  ['taken', { kind: 'already-exists', what: 'login-name' }],
  ['late', { kind: 'too-late' }],
  ['outpaced', { kind: 'outpaced' }],
] as const)('says why nothing was written: %s', (because, failure) => {
  expect(describeLoss({ won: false, because })).toEqual(failure);
});

it.each<[Principal, object]>([
  [{ kind: 'nobody' }, { kind: 'user', userId: 'ann' }],
  [
    { kind: 'key', keyId: 'key-1', scopes: [] },
    { kind: 'key', keyId: 'key-1' },
  ],
  [{ kind: 'operator' }, { kind: 'operator' }],
])('is said to be by the user whose proof came when $kind showed itself', (principal, actor) => {
  expect(describeActorFor({ principal } as Opened, 'ann')).toEqual(actor);
});
