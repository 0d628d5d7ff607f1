// A user is made, by the operator or by who may write users: with a password, with a temporary one (given or made by us), or with none yet.
import {
  type Account,
  type AccountDetails,
  isUserId,
  listLoginNames,
  type Role,
} from '../account.ts';
import type { Facts } from '../audit.ts';
import { toBase64Url } from '../bytes.ts';
import { type Caller, describeActor, hasScope, openFor } from '../caller.ts';
import { isTooLate } from '../change.ts';
import { isChosenForAWhile, refuseChoice } from '../choice.ts';
import type { Core } from '../context.ts';
import type { Failure } from '../failure.ts';
import { describeNotices, dispatchAll, nameActor } from '../message.ts';
import { judgeFirstPassword } from '../new-password.ts';
import { generatePassword } from '../password/generate.ts';
import { fail, ok, type Result } from '../result.ts';
import { findSecretFault, type NewSecret, sealSecret } from '../secret.ts';
import type { Opened } from '../store.ts';

export type InitialPassword =
  | { readonly kind: 'given'; readonly secret: NewSecret; readonly mustChange: boolean }
  | { readonly kind: 'generated' | 'none' };

export interface CreateUser extends AccountDetails {
  readonly caller: Caller;
  /** When given, it must be the caller's. */
  readonly organisationId: string | null;
  /** Made by us when absent. */
  readonly userId?: string;
  readonly role: Role;
  readonly initial: InitialPassword;
}

export interface CreatedUser {
  readonly tenantId: string;
  readonly account: Account;
  readonly sequence: number;
  /** Only when it was made by us: shown this once. */
  readonly temporaryPassword: string | null;
}

const ID_BYTES = 12;
const OPERATION_ID_BYTES = 16;

export async function createUser(
  core: Core,
  command: CreateUser,
): Promise<Result<CreatedUser, Failure>> {
  const now = core.ports.clock.now();
  const { random, store } = core.ports;
  const { caller, organisationId, initial, username, email, phone, name, profile, role } = command;
  const found = await openFor(core, caller, {}, now);
  if (!found.ok) {
    return caller.kind === 'operator' ? fail({ kind: 'not-found', what: 'tenant' }) : found;
  }
  const { place, tenant, principal } = found.value;
  const isOwn = organisationId === null || organisationId === tenant.id;
  if (!isOwn || !hasScope(principal, 'user.write')) {
    return fail({ kind: 'not-permitted', member: isOwn && principal.kind === 'key' });
  }
  const details = { username, email, phone, name, profile };
  const userId = command.userId ?? toBase64Url(random.bytes(ID_BYTES));
  if (!isUserId(userId)) return fail({ kind: 'name-malformed', field: 'userId' });
  const account: Account = {
    ...details,
    userId,
    role,
    createdAt: now,
    updatedAt: now,
    disabledAt: null,
    lockedAt: null,
  };
  const generated =
    initial.kind === 'generated' ? generatePassword(tenant.settings.policy, random) : null;
  const secret = readSecret(initial, generated);
  // What we made ourselves conforms; the filter would refuse one in 65,536 for nothing.
  const judged =
    initial.kind === 'given'
      ? await judgeInitial(core, found.value, account, initial.secret)
      : ok({});
  if (!judged.ok) return judged;
  const mustChange =
    initial.kind === 'generated' ||
    (initial.kind === 'given' && (initial.mustChange || isChosenForAWhile(tenant)));
  const life = tenant.settings.temporaryPasswordLife * 1000;
  const hash = secret && (await sealSecret(core, secret, { tenantId: tenant.id, userId }));
  if (isTooLate(core)) return fail({ kind: 'too-late' });
  const actor = describeActor(principal);
  const messages = mustChange
    ? await describeNotices(
        core,
        tenant,
        account,
        'password.temporary',
        nameActor(actor, userId),
        now,
      )
    : [];
  const inserted = await store.insertUser({
    place,
    tenantId: tenant.id,
    account,
    loginNames: listLoginNames(account),
    credential: {
      hash,
      mustChange,
      temporaryExpiresAt: mustChange ? now + life : null,
      operationId: toBase64Url(random.bytes(OPERATION_ID_BYTES)),
    },
    event: {
      type: 'user.created',
      actor,
      facts: { role, initial: nameInitial(initial, mustChange), ...judged.value },
    },
    messages,
  });
  if (inserted.taken !== undefined) return fail({ kind: 'already-exists', what: inserted.taken });
  dispatchAll(core, { place, tenantId: tenant.id, userId }, messages);
  const { sequence } = inserted;
  return ok({ tenantId: tenant.id, account, sequence, temporaryPassword: generated });
}

async function judgeInitial(
  core: Core,
  opened: Opened,
  account: Account,
  secret: NewSecret,
): Promise<Result<Facts, Failure>> {
  const flaw = refuseChoice(opened, 'authority', account.userId) ?? findSecretFault(core, secret);
  return flaw === null ? judgeFirstPassword(core, opened.tenant, account, secret) : fail(flaw);
}

function readSecret(initial: InitialPassword, generated: string | null): NewSecret | null {
  if (generated !== null) return { kind: 'password', text: generated };
  return initial.kind === 'given' ? initial.secret : null;
}

/** As the audit tells it. */
function nameInitial(initial: InitialPassword, mustChange: boolean): string {
  if (initial.kind !== 'given') return initial.kind;
  if (initial.secret.kind === 'hash') return 'hash';
  return mustChange ? 'temporary' : 'password';
}
