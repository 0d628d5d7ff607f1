// Which users a search is for. Pure: what keys would find them all, and whether one of them is meant.
import { type Account, listLoginNames, normaliseLoginName } from './account.ts';
import type { Tenant } from './tenant.ts';

export type UserState = 'active' | 'inactive' | 'locked';

type NamedBy = 'username' | 'email' | 'phone' | 'login-name';

export type UserFilter =
  | { readonly kind: 'user-ids'; readonly values: readonly string[] }
  /** `exact`: as it was given, else whatever the case of its ASCII letters. */
  | {
      readonly kind: 'named';
      readonly by: NamedBy;
      readonly values: readonly string[];
      readonly exact: boolean;
    }
  | { readonly kind: 'state'; readonly state: UserState }
  | { readonly kind: 'organisation'; readonly id: string }
  /** True of every user, or of none. */
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'all' | 'any'; readonly of: readonly UserFilter[] }
  | { readonly kind: 'not'; readonly of: UserFilter };

export interface UserKeys {
  readonly userIds: readonly string[];
  readonly loginNames: readonly string[];
}

export function readUserState({ disabledAt, lockedAt }: Account): UserState {
  if (disabledAt !== null) return 'inactive';
  return lockedAt === null ? 'active' : 'locked';
}

/** Keys under which every user that the filter means is found, and maybe others; null when only all would do. */
export function collectKeys(filter: UserFilter): UserKeys | null {
  switch (filter.kind) {
    case 'user-ids':
      return { userIds: filter.values, loginNames: [] };
    case 'named':
      return { userIds: [], loginNames: filter.values.map(normaliseLoginName) };
    case 'constant':
      return filter.value ? null : { userIds: [], loginNames: [] };
    case 'all':
      return filter.of.map(collectKeys).find((keys) => keys !== null) ?? null;
    case 'any': {
      const keys = filter.of.map(collectKeys);
      if (!keys.every((some) => some !== null)) return null;
      return {
        userIds: keys.flatMap(({ userIds }) => userIds),
        loginNames: keys.flatMap(({ loginNames }) => loginNames),
      };
    }
    default:
      return null;
  }
}

/** Whether it tells the users of one tenant apart at all. */
export function tellsUsersApart(filter: UserFilter): boolean {
  switch (filter.kind) {
    case 'organisation':
    case 'constant':
      return false;
    case 'all':
    case 'any':
      return filter.of.some(tellsUsersApart);
    case 'not':
      return tellsUsersApart(filter.of);
    default:
      return true;
  }
}

/** Of a filter that tells no users apart: whether it means those of this tenant. */
export function meansTenant(filter: UserFilter, tenant: Tenant): boolean {
  switch (filter.kind) {
    case 'organisation':
      return filter.id === tenant.id;
    case 'constant':
      return filter.value;
    case 'all':
      return filter.of.every((part) => meansTenant(part, tenant));
    case 'any':
      return filter.of.some((part) => meansTenant(part, tenant));
    case 'not':
      return !meansTenant(filter.of, tenant);
    default:
      return true;
  }
}

export function matchesUser(filter: UserFilter, account: Account, tenant: Tenant): boolean {
  switch (filter.kind) {
    case 'user-ids':
      return filter.values.includes(account.userId);
    case 'named':
      return filter.values.some((value) => isNamed(account, filter.by, value, filter.exact));
    case 'state':
      return readUserState(account) === filter.state;
    case 'organisation':
    case 'constant':
      return meansTenant(filter, tenant);
    case 'all':
      return filter.of.every((part) => matchesUser(part, account, tenant));
    case 'any':
      return filter.of.some((part) => matchesUser(part, account, tenant));
    case 'not':
      return !matchesUser(filter.of, account, tenant);
  }
}

/** A login name has no case of its own: it is how the user is looked up, not how it was written. */
function isNamed(account: Account, by: NamedBy, value: string, exact: boolean): boolean {
  const wanted = normaliseLoginName(value);
  if (by === 'login-name') return listLoginNames(account).includes(wanted);
  const name = account[by];
  if (name === null) return false;
  return exact ? name === value : normaliseLoginName(name) === wanted;
}
