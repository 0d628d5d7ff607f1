// An account and its credential, and the states that the two are in.

export type Role = 'user' | 'admin';

/** What is known of the person, for people to read. */
export interface Profile {
  readonly givenName?: string;
  readonly familyName?: string;
  readonly nickName?: string;
  /** BCP 47 language tag. */
  readonly preferredLanguage?: string;
  readonly gender?: 'female' | 'male' | 'diverse';
  readonly emailVerified?: boolean;
  readonly phoneVerified?: boolean;
}

/** What can be said about an account when it is made, and changed later. */
export interface AccountDetails {
  readonly username: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  /** The display name. */
  readonly name: string | null;
  readonly profile: Profile;
}

export interface Account extends AccountDetails {
  readonly userId: string;
  readonly role: Role;
  readonly createdAt: number;
  /** Of names, profile, role and state; the password has times of its own. */
  readonly updatedAt: number;
  readonly disabledAt: number | null;
  /** By an administrator. Nobody signs in, but the password may be changed. */
  readonly lockedAt: number | null;
}

/** What is to be changed; `undefined` and absent fields stay as they are. */
export type AccountPatch = Partial<Omit<AccountDetails, 'profile'>> & {
  readonly profile?: Profile;
  readonly role?: Role;
};

export function patchAccount(account: Account, patch: AccountPatch): Account {
  return { ...account, ...patch, profile: { ...account.profile, ...patch.profile } };
}

export interface Credential {
  /** 1 at creation, +1 with each change. */
  readonly version: number;
  /** null while there is no password. */
  readonly hash: string | null;
  readonly mustChange: boolean;
  readonly temporaryExpiresAt: number | null;
  /** An administrator took the password back: it opens nothing, and only another one helps. */
  readonly resetRequired: boolean;
  readonly changedAt: number;
  /** The operation that made this version, or the newest that changed the account since. */
  readonly operationId: string;
  /** Keyed MAC of the password that this version replaced. */
  readonly replayTag: string | null;
}

export type CredentialState =
  | 'no-password'
  | 'active'
  | 'overdue'
  | 'temporary'
  | 'temporary-expired'
  | 'reset-required';

/** `maxAge`: as the tenant's setting. */
export function readCredentialState(
  credential: Credential,
  maxAge: number | undefined,
  now: number,
): CredentialState {
  if (credential.hash === null) return 'no-password';
  if (credential.resetRequired) return 'reset-required';
  if (!credential.mustChange) {
    return maxAge !== undefined && credential.changedAt + maxAge * 1000 <= now
      ? 'overdue'
      : 'active';
  }
  const expiresAt = credential.temporaryExpiresAt;
  return expiresAt !== null && expiresAt <= now ? 'temporary-expired' : 'temporary';
}

/** It proves itself, and another one must be chosen: it was given for a while, or it is too old. */
export function isChangeDue(
  credential: Credential,
  maxAge: number | undefined,
  now: number,
): boolean {
  return credential.mustChange || readCredentialState(credential, maxAge, now) === 'overdue';
}

/**
 * The form in which a user name, an email address or a phone number is looked up: ASCII letters in lower case, then NFC.
 * Any other mapping would merge names that are not the same; in this order the Kelvin sign becomes "K", never "k".
 */
export function normaliseLoginName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).normalize('NFC');
}

/** A user, as a request names one. */
export type NamedUser = { readonly userId: string } | { readonly loginName: string };

/** As the store looks it up. */
export function normaliseTarget(user: NamedUser): NamedUser {
  return 'userId' in user ? user : { loginName: normaliseLoginName(user.loginName) };
}

export function nameTarget(user: NamedUser): string {
  return 'userId' in user ? user.userId : user.loginName;
}

/** Every name that finds the account, normalised, without doubles. */
export function listLoginNames(
  account: Pick<Account, 'username' | 'email' | 'phone'>,
): readonly string[] {
  const names = [account.username, account.email, account.phone].filter((name) => name !== null);
  return [...new Set(names.map(normaliseLoginName))];
}

/** Ids are compared as they are: one spelling each, nothing that a log or a path could not hold. */
export function isUserId(text: string): boolean {
  return text === text.normalize('NFC').trim() && !/^\.{0,2}$|\p{Cc}/u.test(text);
}
