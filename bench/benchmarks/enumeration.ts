// Whether the time of a wrong guess tells that there is such a user: at each door, unknown users against known ones. How
// many derivations each kind of call makes is counted, exactly; all else that could differ is timed without the hash,
// whose own time changes by more from one to the next, and held against a guess with it.
import { ENUMERATION } from '../goals.ts';
import { wrapProduct } from '../lib/bundle.ts';
import { pick } from '../lib/calls.ts';
import { countDerivations } from '../lib/derivations.ts';
import { type Rekey, startRekey } from '../lib/rekey.ts';
import { type Benchmark, exactly, type Measure } from '../lib/result.ts';
import {
  noteSpoiled,
  type Rounds,
  runRounds,
  type Side,
  spreadOf,
  spreadOver,
  spreadRatios,
} from '../lib/rounds.ts';
import { type Door, openDoors } from '../lib/wrong-guesses.ts';

const ROUNDS = 5;
/** A round, of each: in turn with those of the others, one by one, since in a second the machine is another. */
const HASHED_GUESSES = 4;
const BARE_GUESSES = 45;
/** The tenth wrong guess in a row locks the account. */
const FREE_GUESSES = 9;
/** Of each door: enough for the rounds, and for those that are run again. */
const HASHED_USERS = 6;
const BARE_USERS = 54;
const API_KEYS = 60;

/** As a reader finds them. */
const DOORS: Readonly<Record<Door, string>> = {
  vba: 'VBA sign-in',
  zap: 'ZAP login',
  zitadel: 'ZITADEL change by the current password',
};

type Name = `${Door}${'Known' | 'Unknown'}`;

const ALL = Object.keys(DOORS) as Door[];

export const enumeration: Benchmark = {
  name: 'enumeration',
  title: 'Wrong guesses at unknown users and at known ones',
  run: async (progress) => {
    const counted = await countDerivations(progress);
    const hashed = await runDoors(
      await startRekey({ users: 1 + ALL.length * HASHED_USERS, apiKeys: 4 }),
      {
        guesses: HASHED_GUESSES,
        users: HASHED_USERS,
        onRound: (done) => progress(`${done}/${ROUNDS}`),
      },
    );
    const bundle = await wrapProduct('unhashed.js');
    const bare = await runDoors(
      await startRekey({ bundle, users: 1 + ALL.length * BARE_USERS, apiKeys: API_KEYS }),
      {
        guesses: BARE_GUESSES,
        users: BARE_USERS,
        onRound: (done) => progress(`without the hash ${done}/${ROUNDS}`),
      },
    );
    return {
      measures: [...ALL.flatMap((door) => measureDoor(hashed, bare, door)), ...counted],
      series: {},
      notes: [...noteSpoiled(hashed), ...noteSpoiled(bare)],
    };
  },
};

/** `users`: of each door. */
interface Extent {
  readonly guesses: number;
  readonly users: number;
  readonly onRound: (done: number) => void;
}

async function runDoors(rekey: Rekey, extent: Extent): Promise<Rounds<Name>> {
  const { guesses, onRound } = extent;
  try {
    const sides = await makeSides(rekey, extent);
    return await runRounds(sides, { rounds: ROUNDS, portions: guesses, onRound });
  } finally {
    await rekey.stop();
  }
}

async function makeSides(
  rekey: Rekey,
  { guesses: requests, users: ofEach }: Extent,
): Promise<Record<Name, Side>> {
  const doors = await openDoors(rekey);
  const makeSide = (door: Door, nameUser: (guesses: number) => string): Side => {
    const { status, guess } = doors[door];
    let guesses = 0;
    const makeCall = (index: number) => {
      const userId = nameUser(guesses);
      guesses += 1;
      return guess(userId, index);
    };
    const { url, pid } = rekey;
    return { pid, load: { url, connections: 1, requests, status, makeCall } };
  };
  const sides = ALL.flatMap((door, position): [Name, Side][] => {
    const users = rekey.tenant.users.slice(1 + position * ofEach);
    const nameKnown = (guesses: number) => pick(users, Math.floor(guesses / FREE_GUESSES)).userId;
    return [
      [`${door}Known`, makeSide(door, nameKnown)],
      [`${door}Unknown`, makeSide(door, (guesses) => `nobody-at-${door}-${guesses}`)],
    ];
  });
  return Object.fromEntries(sides) as Record<Name, Side>;
}

function measureDoor(hashed: Rounds<Name>, bare: Rounds<Name>, door: Door): Measure[] {
  const [known, unknown] = [`${door}Known`, `${door}Unknown`] as const;
  const timeOf = (rounds: Rounds<Name>, name: Name) => spreadOf(rounds, name, ({ p50 }) => p50);
  const ratio = spreadOver(hashed, unknown, known, ({ p50 }) => p50);
  const guess = timeOf(hashed, known);
  const apart = spreadRatios(bare, (round) => round[unknown].p50 - round[known].p50);
  const told = DOORS[door];
  const time = (name: string, value: Measure['value']): Measure => ({
    name: `${told}, ${name}, p50`,
    unit: 'ms',
    value,
    goal: null,
  });
  return [
    {
      name: `${told}, unknown users and known ones, p50, how far apart, of a guess`,
      unit: 'share',
      value: exactly(Math.abs(apart.median) / guess.median),
      goal: ENUMERATION,
    },
    {
      name: `${told}, unknown users over known ones, p50`,
      unit: 'ratio',
      value: ratio,
      goal: null,
    },
    time('known users', guess),
    time('unknown users', timeOf(hashed, unknown)),
    time('known users, without the hash', timeOf(bare, known)),
    time('unknown users, without the hash', timeOf(bare, unknown)),
  ];
}
