// What is told to both systems, step by step. No step looks at the outcome of the one before, so that each story goes to
// its end even where the two part.
import { randomUUID } from 'node:crypto';
import type { Answer, System } from './cognito.ts';

export type Outcome = Answer['outcome'];

interface Teller {
  /** With the temporary password. */
  readonly makeUser: () => Promise<string>;
  /** Signs in with the temporary password and gives the session, which any system must give. */
  readonly open: (step: string, user: string) => Promise<string>;
  readonly signIn: (step: string, user: string, password: string) => Promise<void>;
  readonly change: (step: string, session: string, user: string, wanted: string) => Promise<void>;
}

export interface Story {
  readonly name: string;
  /** Where the contract says so. */
  readonly contract: string;
  readonly tell: (to: Teller) => Promise<void>;
}

/** What came of each step, by its name, in their order. */
export async function tell(system: System, story: Story): Promise<ReadonlyMap<string, Outcome>> {
  const told = new Map<string, Outcome>();
  const note = (step: string, { outcome }: Answer) => {
    if (told.has(step)) throw new Error(`told twice: ${step}`);
    told.set(step, outcome);
  };
  await story.tell({
    makeUser: () => system.makeUser(TEMPORARY),
    open: async (step, user) => {
      const answer = await system.signIn(user, TEMPORARY);
      note(step, answer);
      if (answer.outcome !== 'challenge') throw new Error(`no session, but ${answer.outcome}`);
      return answer.session;
    },
    signIn: async (step, user, password) => note(step, await system.signIn(user, password)),
    change: async (step, session, user, wanted) =>
      note(step, await system.change(session, user, wanted)),
  });
  return told;
}

const TEMPORARY = 'Amber lantern 17 by the pier!';
const WRONG = 'Copper kettle 42 on the hill!';
const WANTED = 'Violet harbour 23 at dawn!';
const OTHER = 'Silver meadow 58 in autumn!';
/** A character less than the policy wants. */
const WEAK = 'fourteen chars';

export const STORIES: readonly Story[] = [
  {
    name: 'a temporary password is changed',
    contract: 'the flow, 1 to 3',
    tell: async ({ makeUser, open, signIn, change }) => {
      const user = await makeUser();
      const session = await open('the first sign-in', user);
      await change('a good new password', session, user, WANTED);
      await signIn('sign-in with the temporary password after it', user, TEMPORARY);
      await signIn('sign-in with the new one', user, WANTED);
    },
  },
  {
    name: 'a wrong temporary password',
    contract: 'the flow, 2; errors, 401: wrong password',
    tell: async ({ makeUser, signIn }) => {
      const user = await makeUser();
      await signIn('sign-in with a wrong password', user, WRONG);
      await signIn('sign-in with the right one', user, TEMPORARY);
    },
  },
  {
    name: 'a weak new password, then a good one',
    contract: 'the flow, 4; errors, 400: policy broken',
    tell: async ({ makeUser, open, signIn, change }) => {
      const user = await makeUser();
      const session = await open('the first sign-in', user);
      await change('a weak new password', session, user, WEAK);
      await change('the same session with a good one', session, user, WANTED);
      await signIn('sign-in with the good one', user, WANTED);
    },
  },
  {
    name: 'the temporary password as the new one',
    contract: 'the flow, 4: must differ; errors, 400',
    tell: async ({ makeUser, open, change }) => {
      const user = await makeUser();
      const session = await open('the first sign-in', user);
      await change('the temporary password again', session, user, TEMPORARY);
      await change('the same session with another', session, user, WANTED);
    },
  },
  {
    name: 'a session used again, with another password',
    contract: 'the flow, 3 and 5; errors, 401: session spent',
    tell: async ({ makeUser, open, signIn, change }) => {
      const user = await makeUser();
      const session = await open('the first sign-in', user);
      await change('a good new password', session, user, WANTED);
      await change('the same session with another', session, user, OTHER);
      await signIn('sign-in with the first', user, WANTED);
      await signIn('sign-in with the second', user, OTHER);
    },
  },
  {
    name: 'the same change once more, as after a lost answer',
    contract: 'the flow, 5',
    tell: async ({ makeUser, open, signIn, change }) => {
      const user = await makeUser();
      const session = await open('the first sign-in', user);
      await change('a good new password', session, user, WANTED);
      await change('the same once more', session, user, WANTED);
      await signIn('sign-in with it', user, WANTED);
    },
  },
  {
    name: 'the session of another user',
    contract: 'the flow, 2: bound to the user; errors, 401: another user’s',
    tell: async ({ makeUser, open, signIn, change }) => {
      const owner = await makeUser();
      const other = await makeUser();
      const session = await open('sign-in of its own user', owner);
      await change('a change for the other user', session, other, WANTED);
      await signIn('the other’s temporary password', other, TEMPORARY);
      await change('a change for its own user', session, owner, WANTED);
    },
  },
  {
    name: 'a user who is not there',
    contract: 'errors, 401: unknown user',
    tell: async ({ makeUser, open, signIn, change }) => {
      const session = await open('sign-in of a user who is there', await makeUser());
      const nobody = 'nobody@mail.example';
      await signIn('sign-in of one who is not', nobody, TEMPORARY);
      await change('a change with somebody’s session', session, nobody, WANTED);
    },
  },
  {
    name: 'a made-up session',
    contract: 'the flow, 2: opaque; errors, 401: session unknown',
    tell: async ({ makeUser, open, signIn, change }) => {
      const user = await makeUser();
      const session = await open('the first sign-in', user);
      const altered = `${session.slice(0, -1)}${session.endsWith('0') ? '1' : '0'}`;
      await change('a session that nobody was given', randomUUID(), user, WANTED);
      await change('one with its last character changed', altered, user, WANTED);
      await signIn('sign-in with the temporary password after it', user, TEMPORARY);
    },
  },
  {
    name: 'two sign-ins with the temporary password',
    contract: 'the flow, 4: ends the old session; errors, 401',
    tell: async ({ makeUser, open, signIn, change }) => {
      const user = await makeUser();
      const older = await open('the first sign-in', user);
      const newer = await open('the second sign-in', user);
      await change('a change with the older session', older, user, OTHER);
      await change('a change with the newer one', newer, user, WANTED);
      await signIn('sign-in with what the newer set', user, WANTED);
    },
  },
];
