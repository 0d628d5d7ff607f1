// Random sequences of steps. A step names what it is about by numbers, which are read against the world of its moment:
// so every sequence makes sense, and stays one when a part of it is taken away.
import fc from 'fast-check';

export interface Step {
  readonly kind: StepKind;
  /** Of which tenant, and which of its users. */
  readonly tenant: 0 | 1;
  readonly who: number;
  /** Which of what there is: 0 is the newest. */
  readonly which: number;
  readonly door: number;
  /** 0: right; otherwise which wrong one. */
  readonly wrong: number;
  readonly option: number;
  /** How often the same request is sent once more. */
  readonly again: number;
  /** Whether a change by a proof of the user's is tried once more when the time for repeats is over. */
  readonly isLate: boolean;
  /** From which source. */
  readonly from: number;
  /** What happens to the user between what the request reads and what it writes. */
  readonly meanwhile: number | null;
  readonly fault: {
    readonly kind: 'at-statement' | 'after-commit';
    readonly trip: 0 | 1;
    readonly statement: number;
  } | null;
}

const WEIGHTS = {
  'sign-in': 8,
  guesses: 2,
  refresh: 4,
  'sign-out': 2,
  'read-own': 1,
  'by-challenge': 5,
  'by-password': 6,
  'by-code': 6,
  'by-authority': 3,
  'issue-code': 6,
  'request-code': 3,
  'check-code': 2,
  'guess-codes': 2,
  'set-state': 4,
  'require-reset': 2,
  create: 5,
  delete: 1,
  'login-session': 3,
  'update-login-session': 3,
  'end-login-session': 1,
  settings: 2,
  key: 2,
  time: 3,
  'clean-up': 1,
  replay: 5,
  crowd: 1,
} as const;

export type StepKind = keyof typeof WEIGHTS;

const kinds = fc.oneof(
  ...Object.entries(WEIGHTS).map(([kind, weight]) => ({
    weight,
    arbitrary: fc.constant(kind as StepKind),
  })),
);

/** Mostly the first: sequences that go on about the same thing find more. */
function mostly<T>(first: T, ...others: readonly T[]) {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(first) },
    { weight: 2, arbitrary: fc.constantFrom(first, ...others) },
  );
}

/** Where all is broken nothing is built. */
function seldom<T>(rare: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: rare });
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: kinds,
  tenant: mostly<0 | 1>(0, 1),
  who: mostly(0, 1, 2),
  which: mostly(0, 1, 2, 3, 4),
  door: fc.nat(2),
  wrong: mostly(0, 0, 0, 1, 2, 3),
  option: fc.nat(7),
  again: mostly(0, 0, 1, 2),
  isLate: mostly(false, true),
  from: mostly(0, 1, 1, 2, 3),
  meanwhile: seldom(fc.nat(7)),
  fault: seldom(
    fc.record({
      kind: fc.constantFrom('at-statement' as const, 'after-commit' as const),
      trip: fc.constantFrom(1 as const, 0 as const),
      statement: fc.nat(19),
    }),
  ),
});

const MAX_STEPS = 50;
export interface Sequence {
  /** Whether each tenant has a database of its own: what a database does wrong shows in one, what a Worker does in two. */
  readonly isApart: boolean;
  readonly steps: readonly Step[];
}

export const sequences: fc.Arbitrary<Sequence> = fc.record({
  isApart: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: MAX_STEPS, size: 'max' }),
});
