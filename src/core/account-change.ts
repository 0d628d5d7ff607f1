// What follows from a change of an account's names and profile.
import { type Account, type AccountPatch, listLoginNames, patchAccount } from './account.ts';
import type { Actor } from './audit.ts';
import type { Write } from './commit.ts';

/** The writes of a patch, its event included; none for a patch that says nothing. */
export function describePatch(account: Account, patch: AccountPatch, actor: Actor): Write[] {
  const fields = listFields(patch);
  if (fields.length === 0) return [];
  const details = patchAccount(account, patch);
  return [
    {
      kind: 'update-account',
      details,
      oldLoginNames: listLoginNames(account),
      newLoginNames: listLoginNames(details),
    },
    { kind: 'event', event: { type: 'user.updated', actor, facts: { fields: fields.join(' ') } } },
  ];
}

function listFields({ profile, ...names }: AccountPatch): string[] {
  return [...Object.keys(names), ...Object.keys(profile ?? {})];
}
