// An account and its credential, and the states that the two are in.

export type Role = 'user' | 'admin';

export interface Account {
  readonly userId: string;
  readonly username: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly role: Role;
  readonly createdAt: number;
  readonly disabledAt: number | null;
}

export interface Credential {
  /** 1 at creation, +1 with each change. */
  readonly version: number;
  /** null while there is no password. */
  readonly hash: string | null;
  readonly mustChange: boolean;
  readonly temporaryExpiresAt: number | null;
  readonly changedAt: number;
  /** The operation that made this version. */
  readonly operationId: string | null;
  /** Keyed MAC of the password that this version replaced. */
  readonly replayTag: string | null;
}

export type CredentialState = 'no-password' | 'active' | 'temporary' | 'temporary-expired';

export function readCredentialState(credential: Credential, now: number): CredentialState {
  if (credential.hash === null) return 'no-password';
  if (!credential.mustChange) return 'active';
  const expiresAt = credential.temporaryExpiresAt;
  return expiresAt !== null && expiresAt <= now ? 'temporary-expired' : 'temporary';
}

/**
 * The form in which a user name, an email address or a phone number is looked up: ASCII letters in lower case, then NFC.
 * Any other mapping would merge names that are not the same; in this order the Kelvin sign becomes "K", never "k".
 */
export function normaliseLoginName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).normalize('NFC');
}

/** Every name that finds the account, normalised, without doubles. */
export function listLoginNames(
  account: Pick<Account, 'username' | 'email' | 'phone'>,
): readonly string[] {
  const names = [account.username, account.email, account.phone].filter((name) => name !== null);
  return [...new Set(names.map(normaliseLoginName))];
}
