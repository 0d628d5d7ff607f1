// ZAP's requests into the core's commands, and the core's answers into ZAP's data. Pure.
import type { Gateway } from '../../core/gateway.ts';
import { type HeaderReader, readTenancy, TENANCY_HEADERS } from '../../wire/tenancy.ts';
import type {
  ChangePasswordBody,
  CreateUserBody,
  ListUsersQuery,
  RequestOtpBody,
  ResendOtpBody,
  UpdateUserBody,
} from './schema.ts';

type Command<Operation extends keyof Gateway> = Parameters<Gateway[Operation]>[0];
type Success<Operation extends keyof Gateway> = Extract<
  Awaited<ReturnType<Gateway[Operation]>>,
  { ok: true }
>['value'];
export type Caller = Command<'signIn'>['caller'];
type Tenancy = Extract<Caller, { kind: 'tenancy' }>['tenancy'];
type Account = Success<'readAccount'>;
type Session = Success<'refresh'>;

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

export function toChangePassword(
  caller: Caller,
  body: ChangePasswordBody,
): Command<'changeByPassword'> {
  return {
    caller,
    userId: body.userId,
    email: body.email,
    currentPassword: body.oldPassword,
    newPassword: { kind: 'password', text: body.newPassword },
    mustChange: false,
    actors: 'self-or-admin',
    honoursSecureOtp: true,
    ...(body.secureOTP === undefined ? {} : { secureOtp: body.secureOTP }),
  };
}

/** A second factor, to the address that is named, which must be the user's. */
export function toRequestOtp(caller: Caller, body: RequestOtpBody): Command<'requestCode'> {
  return {
    caller,
    user: { userId: body.userId },
    purpose: 'secure-otp',
    format: 'digits',
    address: body.email ?? body.phoneNumber ?? '',
  };
}

/** The kind of code that is still out. An address that names the user is where it goes to. */
export function toResendOtp(caller: Caller, body: ResendOtpBody): Command<'requestCode'> {
  const address = body.email ?? body.phoneNumber;
  return {
    caller,
    user: { loginName: body.username ?? address ?? '' },
    purpose: 'outstanding',
    format: 'digits',
    ...(address === undefined ? {} : { address }),
  };
}

export function toCreateUser(caller: Caller, body: CreateUserBody): Command<'createUser'> {
  return {
    caller,
    organisationId: null,
    username: body.username,
    email: body.email,
    phone: body.phoneNumber ?? null,
    name: body.name ?? null,
    profile: {},
    role: body.roleId ?? 'user',
    initial: {
      kind: 'given',
      secret: { kind: 'password', text: body.password },
      mustChange: false,
    },
  };
}

/** Nobody vouches for an address that is set here. */
export function toPatch({ name, email, roleId }: UpdateUserBody): Command<'updateUser'>['patch'] {
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email, profile: { emailVerified: false } }),
    ...(roleId === undefined ? {} : { role: roleId }),
  };
}

const PAGE_LIMIT = 100;

/** All users of the caller's tenant, page by page. */
export function toFindUsers(caller: Caller, query: ListUsersQuery): Command<'findUsers'> {
  return {
    caller,
    filter: { kind: 'constant', value: true },
    page: {
      offset: Number(query.offset ?? 0),
      limit: Number(query.limit ?? PAGE_LIMIT),
      ascending: true,
    },
  };
}

export function fromAccount(account: Account) {
  return {
    id: account.userId,
    name: account.name,
    username: account.username,
    email: account.email,
    roleId: account.role,
    phoneNumber: account.phone,
    emailVerified: account.profile.emailVerified ?? false,
    createdAt: new Date(account.createdAt).toISOString(),
    updatedAt: new Date(account.updatedAt).toISOString(),
  };
}

export function fromSession({ accessToken, refreshToken }: Session) {
  return { token: accessToken, refreshToken };
}
