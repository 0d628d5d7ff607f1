// What is there, as far as it is known from outside: two tenants and their users as plain objects, passwords in clear.
import type { TestTenant } from '../support/tenant.ts';

export interface World {
  now: number;
  /** Where the request comes from that is being sent; null: it is not known. */
  from: string | null;
  readonly tenants: readonly [Tenant, Tenant];
  /** Makes every password another one, and the same one in every run of a seed. */
  serial: number;
}

export interface Tenant {
  readonly real: TestTenant;
  readonly people: readonly Person[];
  /** An admin whom nothing happens to. */
  readonly admin: { readonly userId: string; readonly password: string };
  adminTokens: { readonly idToken: string; readonly accessToken: string; readonly at: number };
  /** Whether it can send codes. */
  readonly sends: boolean;
  readonly settings: Settings;
  /** Keys that may write users, the first of them for ever. */
  readonly keys: Key[];
  /** Wrong guesses in a row, by the name that was submitted and the lane, and when the newest was let in. */
  readonly guesses: Map<string, Budget>;
  /** Until when the bucket of a strange source fills. */
  readonly floods: Map<string, number>;
  /** All that was ever handed out, dead or alive. */
  readonly issued: Issued[];
  readonly handed: { readonly codes: Code[]; readonly challenges: Challenge[] };
  readonly loginSessions: LoginSession[];
}

export interface Budget {
  readonly count: number;
  readonly at: number;
  /** By whatever counted or forgave. */
  readonly touchedAt: number;
}

/** Lives in seconds. */
export interface Settings {
  codeLife: number;
  challengeLife: number;
  temporaryPasswordLife: number;
  accessTokenLife: number;
  requireSecureOtp: boolean;
  minLength: number;
}

export interface Key {
  readonly id: string;
  readonly key: string;
  revoked: boolean;
}

/** An id and its names, whether or not there is such a user just now. */
export interface Person {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  account: Account | null;
  /** Every password that it ever had or was refused. */
  readonly passwords: string[];
  /** Over all of its accounts. */
  changes: number;
  created: number;
}

export interface Account {
  password: string | null;
  version: number;
  temporaryUntil: number | null;
  resetRequired: boolean;
  locked: boolean;
  disabled: boolean;
  changedAt: number;
  /** The password that the present version replaced, when it was the proof. */
  replaced: string | null;
  families: Family[];
  codes: Code[];
  challenges: Challenge[];
  loginSessions: LoginSession[];
  /** When it was sent a reset code. */
  readonly letters: number[];
  /** By the source: '' for all strange ones together. */
  readonly lanes: Map<string, Lane>;
}

export interface Lane {
  /** Wrong guesses in a row, under whichever name. */
  failures: number;
  /** null: of the strangers. */
  readonly signedInAt: number | null;
}

export interface Family {
  readonly account: Account;
  readonly version: number;
  readonly startedAt: number;
  readonly endsAt: number;
  revokedAt: number | null;
  /** null: it was handed out in an answer that was lost. */
  readonly refreshTokens: (string | null)[];
}

/** Tokens as one answer brought them. */
export interface Issued {
  readonly person: Person;
  readonly family: Family;
  readonly accessToken: string;
  readonly idToken: string | null;
  readonly refreshToken: string;
  readonly endsAt: number;
}

export type Purpose = 'reset' | 'secure-otp';

export interface Code {
  readonly person: Person;
  readonly purpose: Purpose;
  /** null: its answer or its letter was lost. */
  readonly text: string | null;
  readonly endsAt: number;
  tries: number;
  spentVersion: number | null;
}

export interface Challenge {
  readonly person: Person;
  readonly session: string | null;
  readonly endsAt: number;
  tries: number;
  spentVersion: number | null;
}

export interface LoginSession {
  readonly person: Person;
  readonly account: Account;
  readonly id: string | null;
  token: string | null;
}
