// Users are looked up: by who may read the tenant's users, or by the user, who finds no one else.
import { isChangeDue } from '../account.ts';
import { type Caller, explainRefusal, hasScope, isSelf, resolveCaller } from '../caller.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { fail, ok, type Result } from '../result.ts';
import type { UserView } from '../store.ts';
import {
  collectKeys,
  matchesUser,
  meansTenant,
  readUserState,
  tellsUsersApart,
  type UserFilter,
  type UserState,
} from '../user-filter.ts';

export interface Page {
  readonly offset: number;
  readonly limit: number;
  readonly ascending: boolean;
}

export interface FindUsers {
  readonly caller: Caller;
  readonly filter: UserFilter;
  readonly page: Page;
}

export interface FoundUser extends UserView {
  readonly state: UserState;
  /** At the next sign-in, or before there can be one. */
  readonly mustChangePassword: boolean;
}

export interface FoundUsers {
  readonly tenantId: string;
  /** In the order of their ids. */
  readonly users: readonly FoundUser[];
  /** How many there are on all pages. */
  readonly total: number;
  /** Milliseconds. */
  readonly readAt: number;
}

export async function findUsers(
  core: Core,
  command: FindUsers,
): Promise<Result<FoundUsers, Failure>> {
  const now = core.ports.clock.now();
  const { filter, page } = command;
  const keys = collectKeys(filter);
  if (keys === null && tellsUsersApart(filter)) return fail({ kind: 'search-refused' });
  const claim = await resolveCaller(core, command.caller);
  if (claim === null) return fail({ kind: 'caller-refused' });
  const { store } = core.ports;
  const looked = await store.findUsers(claim, now, keys === null ? { page } : { keys });
  if (looked === null) return fail(await explainRefusal(core, claim, now));
  const { principal, tenant } = looked;
  const answer = (views: readonly UserView[], total: number) => {
    const { maxAge } = tenant.settings;
    const users = views.map((view) => ({
      ...view,
      state: readUserState(view.account),
      mustChangePassword:
        isChangeDue(view.credential, maxAge, now) || view.credential.resetRequired,
    }));
    return ok({ tenantId: tenant.id, users, total, readAt: now });
  };
  const mayRead = hasScope(principal, 'user.read');
  if (keys === null && mayRead) {
    const isMeant = meansTenant(filter, tenant);
    return isMeant ? answer(looked.rows, looked.total) : answer([], 0);
  }
  const own = { userIds: principal.kind === 'user' ? [principal.userId] : [], loginNames: [] };
  const rows =
    keys === null ? (await store.findUsers(claim, now, { keys: own }))?.rows : looked.rows;
  const users = (rows ?? [])
    .filter(({ account }) => mayRead || isSelf(principal, account.userId))
    .filter(({ account }) => matchesUser(filter, account, tenant))
    .sort((a, b) => (a.account.userId < b.account.userId === page.ascending ? -1 : 1));
  return answer(users.slice(page.offset, page.offset + page.limit), users.length);
}
