// What a request brings to be the new password: the password itself, or a hash of it that another system made.
import type { Account } from './account.ts';
import type { Core } from './context.ts';
import type { Failure } from './failure.ts';
import type { Owner } from './password/password.ts';
import { findPasswordFault, normalisePassword } from './password/text.ts';
import { findViolations } from './policy.ts';
import type { Tenant } from './tenant.ts';

export type NewSecret =
  | { readonly kind: 'password'; readonly text: string }
  | { readonly kind: 'hash'; readonly encoded: string };

/** Why it can be no password, whatever the tenant's policy; null when it can. */
export function findSecretFault(core: Core, secret: NewSecret): Failure | null {
  if (secret.kind === 'hash') {
    return core.engine.canAdopt(secret.encoded) ? null : { kind: 'hash-unsupported' };
  }
  const fault = findPasswordFault(secret.text);
  return fault === null ? null : { kind: 'password-malformed', field: 'new', fault };
}

/** Of a hash nothing can be said: it was another system's to judge. */
export async function checkPolicy(
  core: Core,
  tenant: Tenant,
  account: Pick<Account, 'userId' | 'username' | 'email' | 'phone' | 'name'>,
  secret: NewSecret,
): Promise<Failure | null> {
  if (secret.kind === 'hash') return null;
  const { policy, screening } = tenant.settings;
  const broken = findViolations(secret.text, policy, {
    account,
    tenantName: tenant.name,
    serviceHost: new URL(core.config.issuer).hostname,
  });
  // Settings that were stored before there was screening do not name it: they are no choice against it.
  const screened =
    screening === false ? null : await core.config.screening.findViolation(secret.text);
  const violations = screened === null ? broken : [...broken, screened];
  return violations.length === 0 ? null : { kind: 'policy-broken', violations };
}

/** The string to store. Costs one derivation, or none for a hash. */
export function sealSecret(core: Core, secret: NewSecret, owner: Owner): Promise<string> {
  return secret.kind === 'hash'
    ? core.engine.adopt(secret.encoded, owner)
    : core.engine.hash(secret.text, owner);
}

export function isSameText(secret: NewSecret, password: string): boolean {
  if (secret.kind === 'hash') return false;
  return normalisePassword(secret.text) === normalisePassword(password);
}

/** Whether it is what is stored. Costs one derivation, or none for a hash. */
export async function isStored(
  core: Core,
  stored: string | null,
  secret: NewSecret,
  owner: Owner,
): Promise<boolean> {
  if (secret.kind === 'hash') return core.engine.isAdopted(stored, secret.encoded, owner);
  const verdict = await core.engine.verify(stored, secret.text, owner);
  return verdict === 'match' || verdict === 'match-stale';
}
