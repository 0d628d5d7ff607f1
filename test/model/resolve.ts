// A step read against the world of its moment: the requests that it means, or none.
import type { Call } from './call.ts';
import { checkCode, issueCode, requestCode, type TakeLetter } from './call-codes.ts';
import { createLoginSession, endLoginSession, updateLoginSession } from './call-login-sessions.ts';
import {
  changeByAuthority,
  changeByChallenge,
  changeByCode,
  changeByPassword,
} from './call-passwords.ts';
import { readOwn, refresh, signIn, signOut, signOutEverywhere } from './call-sessions.ts';
import {
  changeSettings,
  createKey,
  createUser,
  deleteUser,
  requireReset,
  revokeKey,
  setEnabled,
  setState,
} from './call-users.ts';
import {
  choose,
  chooseCode,
  chooseKey,
  choosePassword,
  NO_CODE,
  nameNew,
  newPassword,
  nextNumber,
  ofPerson,
  type Place,
  WEAK,
} from './choose.ts';
import { judgeToken } from './rules.ts';
import type { Step } from './steps.ts';
import type { Issued, Settings, World } from './world.ts';

/** One after the other: what comes later may be about what came of the one before. */
export function resolve(world: World, step: Step, takeLetter: TakeLetter): Iterable<Call> {
  const tenant = world.tenants[step.tenant];
  const other = world.tenants[1 - step.tenant] ?? tenant;
  const person = tenant.people[step.who % tenant.people.length];
  if (person === undefined) throw new Error('a model without people');
  const place = { tenant, other, person };
  switch (step.kind) {
    case 'sign-in':
      return [signInAs(place, step, choosePassword(place, step, world))];
    case 'guesses':
      return Array.from({ length: 4 + step.option }, () =>
        signInAs(place, step, `no password of anybody ${nextNumber(world)}`),
      );
    case 'refresh':
      return refreshAll(world, place, step);
    case 'sign-out':
      if (step.option === 7) return [signOutEverywhere(tenant, person)];
      return ofIssued(world, place, step, (issued) =>
        signOut(tenant, issued, step.option % 3 === 0 ? 'oldest' : 'this'),
      );
    case 'read-own':
      return ofIssued(world, place, step, (issued) => readOwn(tenant, issued));
    case 'by-challenge':
      return byChallenge(world, place, step);
    case 'by-password':
      return [byPassword(world, place, step)];
    case 'by-code': {
      const asked = {
        door: DOORS[step.door] ?? 'vba',
        text: chooseCode(place, step, 'reset'),
        password: newPassword(world, place, step),
      };
      return [changeByCode(tenant, person, asked)];
    }
    case 'by-authority': {
      const asked = {
        password: newPassword(world, place, step),
        isTemporary: step.wrong !== 0,
      };
      return [changeByAuthority(tenant, person, chooseKey(tenant, step), asked)];
    }
    case 'issue-code': {
      const key = step.option % 2 === 0 ? chooseKey(tenant, step) : null;
      const purpose = step.option % 4 === 3 ? 'secure-otp' : 'reset';
      return [issueCode(tenant, person, key, purpose)];
    }
    case 'request-code':
      return [requestCode(tenant, person, nameDoor(step.door), takeLetter)];
    case 'check-code':
      return [checkCode(tenant, person, chooseCode(place, step, 'reset'))];
    case 'guess-codes': {
      const text = `${NO_CODE}${step.which}`;
      const password = nameNew(world);
      const door = DOORS[step.door] ?? 'vba';
      return Array.from({ length: 3 + (step.option % 4) }, () =>
        changeByCode(tenant, person, { door, text, password }),
      );
    }
    case 'set-state': {
      if (step.door === 2) return [setEnabled(tenant, person, step.option % 2 === 0)];
      const names = ['lock', 'unlock', 'deactivate', 'reactivate', 'unlock', 'reactivate'] as const;
      const name = names[step.option % names.length] ?? 'lock';
      return [setState(tenant, person, chooseKey(tenant, step), name)];
    }
    case 'require-reset':
      return [requireReset(tenant, person, takeLetter)];
    case 'create': {
      const initial = (['password', 'temporary', 'none'] as const)[step.door] ?? 'password';
      return [createUser(tenant, person, initial, newPassword(world, place, step))];
    }
    case 'delete':
      return [deleteUser(tenant, person, chooseKey(tenant, step))];
    case 'login-session': {
      const password = step.option < 2 ? null : choosePassword(place, step, world);
      return [createLoginSession(tenant, person, chooseKey(tenant, step), password)];
    }
    case 'update-login-session':
      return updateSession(world, place, step);
    case 'end-login-session': {
      const session = choose(ofPerson(tenant.loginSessions, person), step.which);
      return session === undefined || session.id === null ? [] : [endLoginSession(tenant, session)];
    }
    case 'settings':
      return [changeSettings(tenant, SETTINGS[step.option % SETTINGS.length] ?? {})];
    case 'key':
      return step.option % 2 === 0 ? [createKey(tenant)] : endKey(place, step);
    case 'crowd':
      return [`no password of anybody ${nextNumber(world)}`, person.account?.password ?? WEAK].map(
        (password) => signInAs(place, step, password),
      );
    default:
      return [];
  }
}

/** Now and then on to a grandchild, and then the first once more: whoever has that has stolen it. */
function* refreshAll(world: World, place: Place, step: Step): Iterable<Call> {
  const { tenant, person } = place;
  const door = nameDoor(step.door);
  const find = (at: number) => choose(ofPerson(tenant.issued, person), at);
  yield* openSession(world, place, step);
  const first = find(step.which);
  if (first === undefined) return;
  yield refresh(tenant, door, first);
  if (step.option < 6) return;
  for (let child = 0; child < 2; child += 1) yield refresh(tenant, door, find(0) ?? first);
  yield refresh(tenant, door, first);
}

/** And then it is shown once more. */
function* endKey({ tenant, person }: Place, { which }: Step): Iterable<Call> {
  if (tenant.keys.length === 1) yield createKey(tenant);
  const key = choose(tenant.keys.slice(1), which);
  if (key === undefined) return;
  yield revokeKey(tenant, key);
  yield issueCode(tenant, person, key, 'reset');
}

/** What changes the user whom the step is about, without a guess. */
export function resolveRival(world: World, step: Step, kind: number): Call {
  const tenant = world.tenants[step.tenant];
  const person = tenant.people[step.who % tenant.people.length];
  const [key] = tenant.keys;
  if (person === undefined || key === undefined) throw new Error('a model without people or keys');
  switch (kind) {
    case 0:
      return setState(tenant, person, key, 'lock');
    case 1:
      return setState(tenant, person, key, 'deactivate');
    case 2:
      return deleteUser(tenant, person, key);
    case 3:
      return setState(tenant, person, key, 'unlock');
    default: {
      const asked = { password: nameNew(world), isTemporary: kind === 4 };
      return changeByAuthority(tenant, person, key, asked);
    }
  }
}

const DOORS = ['vba', 'zap', 'zitadel'] as const;

/** Apart from each other and from every sum of moves of the clock by more than a minute. Seconds. */
const SETTINGS: readonly Partial<Settings>[] = [
  { requireSecureOtp: true },
  { requireSecureOtp: false },
  { codeLife: 7300 },
  { codeLife: 600, challengeLife: 900 },
  { challengeLife: 3000 },
  { temporaryPasswordLife: 7200 },
  { minLength: 30 },
  { minLength: 10, accessTokenLife: 3600 },
];

function nameDoor(door: number): 'vba' | 'zap' {
  return door === 0 ? 'vba' : 'zap';
}

function* ofIssued(
  world: World,
  place: Place,
  step: Step,
  make: (issued: Issued) => Call,
): Iterable<Call> {
  yield* openSession(world, place, step);
  const issued = choose(ofPerson(place.tenant.issued, place.person), step.which);
  if (issued !== undefined) yield make(issued);
}

/** Mostly, where none is alive. */
function* openSession(world: World, place: Place, step: Step): Iterable<Call> {
  const { tenant, person } = place;
  const own = ofPerson(tenant.issued, person);
  const isThere = own.some((issued) => judgeToken(issued, world.now) === 'live');
  const [key] = tenant.keys;
  if (isThere || step.option === 0 || key === undefined) return;
  const password = nameNew(world);
  yield changeByAuthority(tenant, person, key, { password, isTemporary: false });
  yield signInAs(place, step, password);
}

function signInAs({ tenant, person }: Place, { door }: Step, password: string): Call {
  const { userId, username, email } = person;
  if (door === 0) return signIn(tenant, 'vba', userId, password);
  return signIn(tenant, 'zap', door === 1 ? email : username, password);
}

function byChallenge(world: World, place: Place, step: Step): Call[] {
  const { tenant, other, person } = place;
  const from = step.wrong === 2 ? other : tenant;
  const known = from.handed.challenges.filter(({ session }) => session !== null);
  const own = known.filter((one) => step.wrong === 3 || one.person.userId === person.userId);
  const chosen = choose(own, step.which);
  const session = chosen?.session ?? null;
  const isOpen = chosen?.spentVersion === null && chosen.endsAt > world.now;
  if (session === null || (!isOpen && step.option < 4)) return openChallenge(world, place);
  const password =
    step.wrong === 1
      ? (person.account?.password ?? nameNew(world))
      : newPassword(world, place, step);
  return [changeByChallenge(tenant, person, session, password)];
}

/** For a step after it. */
function openChallenge(world: World, { tenant, person }: Place): Call[] {
  const [key] = tenant.keys;
  if (key === undefined) throw new Error('a tenant without keys');
  const password = nameNew(world);
  return [
    changeByAuthority(tenant, person, key, { password, isTemporary: true }),
    signIn(tenant, 'vba', person.userId, password),
  ];
}

function byPassword(world: World, place: Place, step: Step): Call {
  const { tenant, person } = place;
  const issued = choose(ofPerson(tenant.issued, person), step.which) ?? null;
  const door = DOORS[step.door] ?? 'vba';
  const isOwn = step.option % 2 === 0 && issued !== null;
  const by = isOwn && (door !== 'vba' || issued.idToken !== null) ? issued : null;
  const otp = step.option < 4 ? null : chooseCode(place, step, 'secure-otp');
  const old = choosePassword(place, step, world);
  return changeByPassword(tenant, person, {
    door,
    by,
    old,
    password: newPassword(world, place, step),
    otp,
  });
}

function updateSession(world: World, place: Place, step: Step): Call[] {
  const { tenant, person } = place;
  const session = choose(ofPerson(tenant.loginSessions, person), step.which);
  if (session === undefined || session.id === null) return [];
  const password = step.option < 2 ? null : choosePassword(place, step, world);
  const token = step.option % 3 === 0 ? null : session.token;
  return [updateLoginSession(tenant, session, token, password)];
}
