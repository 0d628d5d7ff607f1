// The operator makes a user: with a password, with a temporary one (given or made by us), or with none yet.
import { type Account, listLoginNames, type Role } from '../account.ts';
import { toBase64Url } from '../bytes.ts';
import { openFor } from '../caller.ts';
import { checkPolicy } from '../change.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { generatePassword } from '../password/generate.ts';
import { findPasswordFault } from '../password/text.ts';
import { fail, ok, type Result } from '../result.ts';

export type InitialPassword =
  | { readonly kind: 'password' | 'temporary'; readonly password: string }
  | { readonly kind: 'generated' | 'none' };

export interface CreateUser {
  readonly organisationId: string;
  /** Made by us when absent. */
  readonly userId?: string;
  readonly username: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly role: Role;
  readonly initial: InitialPassword;
}

export interface CreatedUser {
  readonly userId: string;
  /** Only when it was made by us: shown this once. */
  readonly temporaryPassword: string | null;
}

const ID_BYTES = 12;

export async function createUser(
  core: Core,
  command: CreateUser,
): Promise<Result<CreatedUser, Failure>> {
  const now = core.ports.clock.now();
  const { random, store } = core.ports;
  const { organisationId, initial, username, email, phone, name, role } = command;
  const found = await openFor(core, { kind: 'operator', organisationId }, {}, now);
  if (!found.ok) return fail({ kind: 'not-found', what: 'tenant' });
  const opened = found.value;
  const { settings } = opened.tenant;
  const userId = command.userId ?? toBase64Url(random.bytes(ID_BYTES));
  const account: Account = {
    userId,
    username,
    email,
    phone,
    name,
    role,
    createdAt: now,
    disabledAt: null,
  };
  const generated = initial.kind === 'generated' ? generatePassword(settings.policy, random) : null;
  const password = generated ?? ('password' in initial ? initial.password : null);
  const mustChange = initial.kind === 'generated' || initial.kind === 'temporary';
  if (password !== null) {
    const fault = findPasswordFault(password);
    if (fault !== null) return fail({ kind: 'password-malformed', field: 'new', fault });
    const broken = checkPolicy(opened, account, password);
    if (broken !== null) return fail(broken);
  }
  const owner = { tenantId: organisationId, userId };
  const inserted = await store.insertUser({
    place: opened.place,
    tenantId: organisationId,
    account,
    loginNames: listLoginNames(account),
    credential: {
      hash: password === null ? null : await core.engine.hash(password, owner),
      mustChange,
      temporaryExpiresAt: mustChange ? now + settings.temporaryPasswordLife * 1000 : null,
    },
    event: {
      type: 'user.created',
      actor: { kind: 'operator' },
      facts: { role, initial: initial.kind },
    },
  });
  if (inserted !== 'inserted') return fail({ kind: 'already-exists', what: inserted });
  return ok({ userId, temporaryPassword: generated });
}
