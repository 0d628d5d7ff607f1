// VBA's challenge is Cognito's in other words, so one table of stories is told to both: the same outcome of each step in
// Rekey and in an emulator of Cognito, unless the difference is written down here. COGNITO.md beside it shows the tables.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startCognito, startRekey } from './cognito.ts';
import { type Outcome, STORIES, tell } from './cognito-stories.ts';

interface Difference {
  readonly story: string;
  readonly step: string;
  readonly rekey: Outcome;
  readonly emulator: Outcome;
  /** Of the real one, by what AWS says of it; null where it says nothing. */
  readonly cognito: Outcome | null;
  readonly why: string;
}

const DIFFERENCES: readonly Difference[] = [
  {
    story: 'a wrong temporary password',
    step: 'sign-in with a wrong password',
    rekey: 'unauthorized',
    emulator: 'challenge',
    cognito: 'unauthorized',
    why: 'The emulator compares no password while one must be changed. Ours is Cognito’s answer [1].',
  },
  {
    story: 'a weak new password, then a good one',
    step: 'a weak new password',
    rekey: 'password refused',
    emulator: 'tokens',
    cognito: 'password refused',
    why: 'The emulator keeps a pool’s policy and never asks it. Ours is Cognito’s answer [2].',
  },
  {
    story: 'the temporary password as the new one',
    step: 'the temporary password again',
    rekey: 'password refused',
    emulator: 'tokens',
    cognito: 'tokens',
    why: 'Cognito takes it [3] unless the pool keeps a history. Ours must differ: others have seen the temporary one.',
  },
  {
    story: 'a session used again, with another password',
    step: 'the same session with another',
    rekey: 'unauthorized',
    emulator: 'tokens',
    cognito: 'unauthorized',
    why: 'The emulator keeps no sessions: it takes any text for one. Ours is Cognito’s answer [4].',
  },
  {
    story: 'a session used again, with another password',
    step: 'sign-in with the first',
    rekey: 'tokens',
    emulator: 'unauthorized',
    cognito: 'tokens',
    why: 'Follows from the step before.',
  },
  {
    story: 'a session used again, with another password',
    step: 'sign-in with the second',
    rekey: 'unauthorized',
    emulator: 'tokens',
    cognito: 'unauthorized',
    why: 'Follows from the step before.',
  },
  {
    story: 'the same change once more, as after a lost answer',
    step: 'the same once more',
    rekey: 'tokens',
    emulator: 'tokens',
    cognito: 'unauthorized',
    why: 'Cognito takes a session once [4]. Ours answers the very same request again, so that a lost answer is no dead end; nothing changes by it.',
  },
  {
    story: 'the session of another user',
    step: 'a change for the other user',
    rekey: 'unauthorized',
    emulator: 'tokens',
    cognito: 'unauthorized',
    why: 'The emulator keeps no sessions. Cognito’s are a user’s, by its words “Invalid session for the user” [5].',
  },
  {
    story: 'the session of another user',
    step: 'the other’s temporary password',
    rekey: 'challenge',
    emulator: 'unauthorized',
    cognito: 'challenge',
    why: 'Follows from the step before.',
  },
  {
    story: 'a made-up session',
    step: 'a session that nobody was given',
    rekey: 'unauthorized',
    emulator: 'tokens',
    cognito: 'unauthorized',
    why: 'The emulator keeps no sessions. Ours is Cognito’s answer [5].',
  },
  {
    story: 'a made-up session',
    step: 'one with its last character changed',
    rekey: 'unauthorized',
    emulator: 'tokens',
    cognito: 'unauthorized',
    why: 'The emulator keeps no sessions. Ours is Cognito’s answer [5].',
  },
  {
    story: 'a made-up session',
    step: 'sign-in with the temporary password after it',
    rekey: 'challenge',
    emulator: 'unauthorized',
    cognito: 'challenge',
    why: 'Follows from the steps before.',
  },
  {
    story: 'two sign-ins with the temporary password',
    step: 'the second sign-in',
    rekey: 'challenge',
    emulator: 'challenge',
    cognito: 'unauthorized',
    why: 'AWS calls a temporary password valid only once [6]. Ours is valid until it is changed or too old: who closed the page must not need an admin.',
  },
  {
    story: 'two sign-ins with the temporary password',
    step: 'a change with the older session',
    rekey: 'unauthorized',
    emulator: 'tokens',
    cognito: null,
    why: 'The emulator keeps no sessions. Ours has one open at a time, so that a session left on another machine ends.',
  },
];

let rekey: System;
let emulator: System;
const running: System[] = [];

beforeAll(async () => {
  emulator = await startCognito();
  running.push(emulator);
  rekey = await startRekey();
  running.push(rekey);
});

afterAll(async () => {
  for (const system of running) await system.stop();
});

for (const story of STORIES) {
  it(`${story.name}: the same in both, but for what is written down`, async () => {
    const ours = await tell(rekey, story);
    const theirs = await tell(emulator, story);
    const listed = DIFFERENCES.filter((one) => one.story === story.name);
    const expected = [...ours].map(([step, outcome]) => {
      const difference = listed.find((one) => one.step === step);
      return difference === undefined
        ? { step, rekey: outcome, emulator: outcome }
        : { step, rekey: difference.rekey, emulator: difference.emulator };
    });
    const seen = [...ours].map(([step, outcome]) => ({
      step,
      rekey: outcome,
      emulator: theirs.get(step),
    }));
    expect(seen).toEqual(expected);
    expect(listed.filter(({ step }) => !ours.has(step))).toEqual([]);
  });
}

it('nothing is written down that is no difference, or of no story', () => {
  const names = new Set(STORIES.map(({ name }) => name));
  const idle = DIFFERENCES.filter(
    (one) =>
      !names.has(one.story) ||
      (one.rekey === one.emulator && (one.cognito === null || one.rekey === one.cognito)),
  );
  expect(idle).toEqual([]);
});

it('COGNITO.md holds every story and difference, and no other', () => {
  const text = readFileSync(join(import.meta.dirname, 'COGNITO.md'), 'utf8');
  const shown = text.split('\n').filter((line) => line.startsWith('| '));
  expect(shown).toEqual([
    '| Story | Contract |',
    ...STORIES.map(({ name, contract }) => `| ${name} | ${contract} |`),
    '| Story | Step | Rekey | cognito-local | Cognito | Why |',
    ...DIFFERENCES.map(
      (one) =>
        `| ${one.story} | ${one.step} | ${one.rekey} | ${one.emulator} | ${one.cognito ?? 'not said'} | ${one.why} |`,
    ),
  ]);
  const sources = [...text.matchAll(/^\d+\. /gm)].length;
  const cited = DIFFERENCES.flatMap(({ why }) => [...why.matchAll(/\[(\d+)\]/g)].map(([, n]) => n));
  expect(new Set(cited).size).toBe(sources);
});
