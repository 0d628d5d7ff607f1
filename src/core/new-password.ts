// Whether a password may be the new one, once its proof was right: first what costs nothing, then the passwords that
// were, a derivation each, and last whoever is asked over the network.
import type { Facts } from './audit.ts';
import type { Subject } from './change.ts';
import type { Core } from './context.ts';
import type { Failure } from './failure.ts';
import { fail, ok, type Result } from './result.ts';
import { askBreaches } from './screening/breaches.ts';
import { checkPolicy, isStored, type NewSecret } from './secret.ts';
import type { Opened } from './store.ts';
import type { Tenant } from './tenant.ts';

type PolicyAccount = Parameters<typeof checkPolicy>[2];

/**
 * How the present password is treated. `aside`: it is known to be another one, or may come again. `other`: it is
 * refused, whatever the tenant remembers. `remembered`: it counts as one of those that the tenant remembers.
 */
export type PresentPassword = 'aside' | 'other' | 'remembered';

/** `account`: as it shall be. What is to be told in the audit of the change comes back. */
export async function judgeNewPassword(
  core: Core,
  opened: Opened,
  { credential }: Pick<Subject, 'credential'>,
  account: Subject['account'],
  secret: NewSecret,
  present: PresentPassword,
): Promise<Result<Facts, Failure>> {
  const broken =
    (await checkPolicy(core, opened.tenant, account, secret)) ??
    (await findReuse(core, opened, { account, credential }, secret, present));
  return broken === null ? screenOnline(core, opened.tenant, secret) : fail(broken);
}

/** The same of a user who had no password before. */
export async function judgeFirstPassword(
  core: Core,
  tenant: Tenant,
  account: PolicyAccount,
  secret: NewSecret,
): Promise<Result<Facts, Failure>> {
  const broken = await checkPolicy(core, tenant, account, secret);
  return broken === null ? screenOnline(core, tenant, secret) : fail(broken);
}

async function findReuse(
  core: Core,
  { tenant, history: before }: Opened,
  { account, credential }: Subject,
  secret: NewSecret,
  present: PresentPassword,
): Promise<Failure | null> {
  // Of a hash nothing can be said, and to send one again must stay possible.
  if (secret.kind === 'hash') return null;
  const owner = { tenantId: tenant.id, userId: account.userId };
  if (present === 'other' && (await isStored(core, credential.hash, secret, owner))) {
    return { kind: 'password-unchanged' };
  }
  const { history: last = 0 } = tenant.settings;
  const older = before.slice(0, Math.max(0, last - 1));
  const counts = present === 'remembered' && last > 0 && credential.hash !== null;
  for (const hash of counts ? [credential.hash, ...older] : older) {
    if (await isStored(core, hash, secret, owner)) {
      return { kind: 'policy-broken', violations: [{ rule: 'reused', last }] };
    }
  }
  return null;
}

/** What cannot be asked is let through, and the audit says so: a tenant must not stand still with another's server. */
async function screenOnline(
  { ports }: Core,
  { settings }: Tenant,
  secret: NewSecret,
): Promise<Result<Facts, Failure>> {
  if (settings.screeningOnline !== true || secret.kind === 'hash') return ok({});
  switch (await askBreaches(ports.readBreachRange, secret.text)) {
    case 'breached':
      return fail({ kind: 'policy-broken', violations: [{ rule: 'breached' }] });
    case 'clear':
      return ok({});
    case 'unknown':
      return ok({ screeningOnline: 'unavailable' });
  }
}
