// Who chose a password: the user, or an administrator in the user's place, which a tenant may mind (OWASP ASVS 5.0, 6.4.6).
import type { ProofKind } from './change.ts';
import type { Failure } from './failure.ts';
import type { Opened } from './store.ts';
import type { Tenant } from './tenant.ts';

/** A proof is the user's own, whichever program brought it, unless another user did. */
export function isByUser(
  { principal }: Pick<Opened, 'principal'>,
  proof: ProofKind,
  userId: string,
): boolean {
  return principal.kind === 'user' ? principal.userId === userId : proof !== 'authority';
}

/** Before anything is derived or guessed. */
export function refuseChoice(opened: Opened, proof: ProofKind, userId: string): Failure | null {
  const isForbidden = opened.tenant.settings.administratorPasswords === 'forbidden';
  return isForbidden && !isByUser(opened, proof, userId) ? { kind: 'choice-refused' } : null;
}

/** Whether the user must choose another one, whatever the administrator said. */
export function isChosenForAWhile({ settings }: Tenant): boolean {
  return settings.administratorPasswords === 'temporary';
}
