// What should become of the world: plain transitions, without a request, a database or a clock of their own.
import { forgiveAll } from './guesses.ts';
import type {
  Account,
  Challenge,
  Code,
  Family,
  Issued,
  Person,
  Purpose,
  Tenant,
  World,
} from './world.ts';

/** The product's own, told once more so that a change there shows. Milliseconds. */
export const MAX_TRIES = 5;
const LIVE_CODES = 2;
const REPEAT_WINDOW = 600_000;
const DAY = 24 * 3_600_000;
const FAMILY_LIFE = 90 * DAY;

/* ---- users ---- */

export function makeAccount(
  password: string | null,
  temporaryUntil: number | null,
  now: number,
): Account {
  return {
    password,
    version: 1,
    temporaryUntil,
    resetRequired: false,
    locked: false,
    disabled: false,
    changedAt: now,
    replaced: null,
    families: [],
    codes: [],
    challenges: [],
    loginSessions: [],
    letters: [],
    lanes: new Map(),
  };
}

/** The account, when it is there and may be used. */
export function findUsable(person: Person | undefined): Account | null {
  const account = person?.account ?? null;
  return account === null || account.disabled ? null : account;
}

export function isDead({ resetRequired, temporaryUntil }: Account, now: number): boolean {
  return resetRequired || (temporaryUntil !== null && temporaryUntil <= now);
}

export interface NewPassword {
  readonly password: string;
  readonly temporaryUntil?: number | null;
  /** When it was the proof. */
  readonly replaced?: string;
  readonly code?: Code;
  readonly challenge?: Challenge;
}

/** A change with all that follows from it. */
export function change(world: World, tenant: Tenant, person: Person, made: NewPassword): void {
  const { account } = person;
  if (account === null) throw new Error('the model changes a user who is not there');
  const { code, challenge } = made;
  account.version += 1;
  account.password = made.password;
  account.temporaryUntil = made.temporaryUntil ?? null;
  account.resetRequired = false;
  account.changedAt = world.now;
  account.replaced = made.replaced ?? null;
  if (code !== undefined) code.spentVersion = account.version;
  if (challenge !== undefined) challenge.spentVersion = account.version;
  endSessions(account, world.now);
  account.codes = code === undefined ? [] : [code];
  account.challenges = challenge === undefined ? [] : [challenge];
  forgiveAll(tenant, person);
  for (const lane of account.lanes.values()) lane.failures = 0;
  person.changes += 1;
  person.passwords.push(made.password);
}

export function endSessions(account: Account, now: number): void {
  for (const family of account.families) family.revokedAt ??= now;
  account.loginSessions = [];
  account.challenges = [];
}

/** As core/operations/clean-up.ts does. */
export function dropWhatIsOver(account: Account, now: number): void {
  account.codes = account.codes.filter(({ endsAt }) => endsAt > now - DAY);
  account.challenges = account.challenges.filter(({ endsAt }) => endsAt > now);
}

export function canRepeat({ replaced, changedAt }: Account, old: string, now: number): boolean {
  return replaced === old && now - changedAt < REPEAT_WINDOW;
}

/** The newest two of a purpose stay. */
export function addCode(account: Account, code: Code): void {
  const others = account.codes.filter(({ purpose }) => purpose !== code.purpose);
  const same = account.codes.filter(({ purpose }) => purpose === code.purpose);
  account.codes = [...others, ...same.slice(1 - LIVE_CODES), code];
}

export function isLiveCode({ spentVersion, endsAt, tries }: Code, now: number): boolean {
  return spentVersion === null && endsAt > now && tries < MAX_TRIES;
}

/** A guess that is none of the user's codes counts against each that is live. */
export function missCodes(
  account: Account,
  purposes: readonly Purpose[],
  text: string,
  now: number,
) {
  const codes = account.codes.filter(({ purpose }) => purposes.includes(purpose));
  if (codes.some((code) => code.text === text)) return;
  for (const code of codes) if (isLiveCode(code, now)) code.tries += 1;
}

/* ---- sessions ---- */

export function startFamily(account: Account, now: number, refreshToken: string | null): Family {
  const endsAt = now + FAMILY_LIFE;
  const { version } = account;
  const family: Family = {
    account,
    version,
    startedAt: now,
    endsAt,
    revokedAt: null,
    refreshTokens: [refreshToken],
  };
  account.families.push(family);
  return family;
}

export function isLiveFamily(person: Person, family: Family, now: number): boolean {
  const { account } = person;
  if (account === null || account !== family.account || account.disabled || account.locked) {
    return false;
  }
  return family.revokedAt === null && family.endsAt > now && family.version === account.version;
}

/** `repeats`: ended by the user's own change, which it may repeat. */
export function judgeToken(issued: Issued, now: number): 'live' | 'repeats' | 'dead' {
  const { person, family, endsAt } = issued;
  const { account } = person;
  if (endsAt <= now) return 'dead';
  if (isLiveFamily(person, family, now)) return 'live';
  if (account === null || account !== family.account || account.disabled || account.locked) {
    return 'dead';
  }
  const isEndedByChange =
    account.version === family.version + 1 && family.revokedAt === account.changedAt;
  return isEndedByChange && now - account.changedAt < REPEAT_WINDOW && family.endsAt > now
    ? 'repeats'
    : 'dead';
}
