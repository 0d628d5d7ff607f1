// Whether the time of a wrong guess tells that there is such a user: at each door, unknown users against known ones. And
// how many derivations each kind of call makes, exactly.
import { ENUMERATION } from '../goals.ts';
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
} from '../lib/rounds.ts';
import { type Door, openDoors } from '../lib/wrong-guesses.ts';

const ROUNDS = 5;
/** In turn with those of the others, one by one: in a second the machine is another. */
const GUESSES = 8;
/** The tenth wrong guess in a row locks the account. */
const FREE_GUESSES = 9;
/** Of each door: enough for the rounds, and for those that are run again. */
const USERS = 16;

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
    const rekey = await startRekey({ users: 1 + ALL.length * USERS, apiKeys: 4 });
    try {
      const sides = await makeSides(rekey);
      const onRound = (done: number) => progress(`${done}/${ROUNDS}`);
      const rounds = await runRounds(sides, { rounds: ROUNDS, portions: GUESSES, onRound });
      return {
        measures: [...ALL.flatMap((door) => measureDoor(rounds, door)), ...counted],
        series: {},
        notes: noteSpoiled(rounds),
      };
    } finally {
      await rekey.stop();
    }
  },
};

async function makeSides(rekey: Rekey): Promise<Record<Name, Side>> {
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
    return { pid, load: { url, connections: 1, requests: GUESSES, status, makeCall } };
  };
  const sides = ALL.flatMap((door, position): [Name, Side][] => {
    const users = rekey.tenant.users.slice(1 + position * USERS);
    const nameKnown = (guesses: number) => pick(users, Math.floor(guesses / FREE_GUESSES)).userId;
    return [
      [`${door}Known`, makeSide(door, nameKnown)],
      [`${door}Unknown`, makeSide(door, (guesses) => `nobody-at-${door}-${guesses}`)],
    ];
  });
  return Object.fromEntries(sides) as Record<Name, Side>;
}

function measureDoor(rounds: Rounds<Name>, door: Door): Measure[] {
  const [known, unknown] = [`${door}Known`, `${door}Unknown`] as const;
  const ratio = spreadOver(rounds, unknown, known, ({ p50 }) => p50);
  const timeOf = (name: Name) => spreadOf(rounds, name, ({ p50 }) => p50);
  const told = `${DOORS[door]}, unknown users over known ones, p50`;
  return [
    {
      name: `${told}, how far from 1`,
      unit: 'share',
      value: exactly(Math.abs(ratio.median - 1)),
      goal: ENUMERATION,
    },
    { name: told, unit: 'ratio', value: ratio, goal: null },
    { name: `${DOORS[door]}, known users, p50`, unit: 'ms', value: timeOf(known), goal: null },
    { name: `${DOORS[door]}, unknown users, p50`, unit: 'ms', value: timeOf(unknown), goal: null },
  ];
}
