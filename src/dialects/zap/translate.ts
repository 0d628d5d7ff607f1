// ZAP's requests into the core's commands, and the core's answers into ZAP's data. Pure.
import type { Gateway } from '../../core/gateway.ts';
import { type HeaderReader, readTenancy, TENANCY_HEADERS } from '../../wire/tenancy.ts';

type SignIn = Parameters<Gateway['signIn']>[0];
type Caller = SignIn['caller'];
type Tenancy = Extract<Caller, { kind: 'tenancy' }>['tenancy'];
type SignedIn = Extract<Awaited<ReturnType<Gateway['signIn']>>, { ok: true }>['value'];

/** What a request says of its tenant. `ambiguous`: some of the three headers, or one of them twice. */
export type TenantHint =
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'tenancy'; readonly tenancy: Tenancy; readonly host: string }
  | { readonly kind: 'ambiguous' };

export function readTenantHint(url: string, header: HeaderReader): TenantHint {
  const host = new URL(url).hostname.toLowerCase();
  if (Object.values(TENANCY_HEADERS).every((name) => header(name) === undefined)) {
    return { kind: 'host', host };
  }
  const read = readTenancy(header);
  return 'tenancy' in read
    ? { kind: 'tenancy', tenancy: read.tenancy, host }
    : { kind: 'ambiguous' };
}

/** Without a token: the headers decide where they are sent, else the host. */
export function toAnonymousCaller(hint: Exclude<TenantHint, { kind: 'ambiguous' }>): Caller {
  return hint.kind === 'tenancy'
    ? { kind: 'tenancy', tenancy: hint.tenancy }
    : { kind: 'host', host: hint.host };
}

/** With a token its tenant wins; headers and a host of another tenant disagree with it. */
export function toTokenCaller(
  token: string,
  hint: Exclude<TenantHint, { kind: 'ambiguous' }>,
): Caller {
  return {
    kind: 'access-token',
    token,
    tenancy: hint.kind === 'tenancy' ? hint.tenancy : null,
    host: hint.host,
  };
}

export function fromSignedIn(signedIn: Extract<SignedIn, { kind: 'session' }>) {
  const { account, session } = signedIn;
  const createdAt = new Date(account.createdAt).toISOString();
  return {
    id: account.userId,
    name: account.name,
    username: account.username,
    email: account.email,
    roleId: account.role,
    phoneNumber: account.phone,
    emailVerified: false,
    createdAt,
    updatedAt: createdAt,
    token: session.accessToken,
    refreshToken: session.refreshToken,
  };
}
