// What follows from a change of an account's names and profile.
import { type Account, type AccountPatch, listLoginNames, patchAccount } from './account.ts';
import type { Actor } from './audit.ts';
import { hasScope } from './caller.ts';
import type { Write } from './commit.ts';
import type { Failure } from './failure.ts';
import type { Principal } from './store.ts';

/** The writes of a patch, its event included; none for a patch that says nothing. */
export function describePatch(account: Account, patch: AccountPatch, actor: Actor): Write[] {
  const fields = listFields(patch);
  if (fields.length === 0) return [];
  const details = patchAccount(account, patch);
  return [
    {
      kind: 'update-account',
      details,
      role: details.role,
      oldLoginNames: listLoginNames(account),
      newLoginNames: listLoginNames(details),
    },
    { kind: 'event', event: { type: 'user.updated', actor, facts: { fields: fields.join(' ') } } },
  ];
}

/**
 * An address is where codes are sent to, and so is worth a password: without a proof of the present one only who may
 * write users changes it. Nobody else vouches for an address at all.
 */
export function refusePatch(
  principal: Principal,
  { email, phone, profile, role }: AccountPatch,
  isProved: boolean,
): Failure | null {
  if (hasScope(principal, 'user.write')) return null;
  const isAddress = email !== undefined || phone !== undefined;
  const isVouched = profile?.emailVerified === true || profile?.phoneVerified === true;
  // Nobody grants a role to oneself.
  const isFree = !isVouched && role === undefined;
  return !isFree || (isAddress && !isProved) ? { kind: 'not-permitted', member: true } : null;
}

/** Whether the account is as the patch would make it. */
export function isPatched(account: Account, { profile = {}, ...names }: AccountPatch): boolean {
  return isPartOf(account, names) && isPartOf(account.profile, profile);
}

function isPartOf<Whole extends object>(whole: Whole, part: Partial<Whole>): boolean {
  return (Object.keys(part) as (keyof Whole)[]).every((key) => part[key] === whole[key]);
}

function listFields({ profile, ...names }: AccountPatch): string[] {
  return [...Object.keys(names), ...Object.keys(profile ?? {})];
}
