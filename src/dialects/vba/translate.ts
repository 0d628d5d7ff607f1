// VBA's requests into the core's commands, and the core's answers into VBA's data. Pure.
import { readBase64, readUtf8 } from '../../core/bytes.ts';
import type { Gateway } from '../../core/gateway.ts';
import { type CreateUserBody, userIdText } from './schema.ts';

type Command<Operation extends 'signIn' | 'createUser'> = Parameters<Gateway[Operation]>[0];
type Success<Operation extends keyof Gateway> = Extract<
  Awaited<ReturnType<Gateway[Operation]>>,
  { ok: true }
>['value'];
type SignedIn = Success<'signIn'>;
type Session = Success<'refresh'>;
type CreatedUser = Success<'createUser'>;
type Allowance = NonNullable<ReturnType<Gateway['readAllowance']>>;

type Caller = Command<'signIn'>['caller'];
/** Who shows an API key and names its tenant: that is all that is known before the sign-in. */
export type Client = Extract<Caller, { kind: 'api-key' }>;
/** Who has signed in. */
export type Member = Extract<Caller, { kind: 'id-token' }>;

/** "Basic base64(userID:password)" in UTF-8 (RFC 7617); null when it is anything else. */
export function readBasic(
  header: string | undefined,
): { readonly userId: string; readonly password: string } | null {
  const token = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1];
  const bytes = token === undefined ? null : readBase64(token);
  const text = bytes === null ? null : readUtf8(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 1) return null;
  const userId = text.slice(0, colon);
  return userIdText.safeParse(userId).success ? { userId, password: text.slice(colon + 1) } : null;
}

export function toNewUser(member: Member, body: CreateUserBody): Command<'createUser'> {
  const { userID, email, temporaryPassword } = body;
  return {
    caller: member,
    organisationId: null,
    userId: userID,
    role: 'user',
    username: null,
    email: email ?? null,
    phone: null,
    name: null,
    profile: {},
    initial:
      typeof temporaryPassword === 'string'
        ? { kind: 'given', secret: { kind: 'password', text: temporaryPassword }, mustChange: true }
        : { kind: 'generated' },
  };
}

export function fromSignedIn(signedIn: SignedIn) {
  return signedIn.kind === 'session'
    ? fromSession(signedIn.session)
    : {
        challengeName: 'NEW_PASSWORD_REQUIRED',
        session: signedIn.session,
        authenticationResult: null,
      };
}

export function fromSession(session: Session) {
  const { accessToken, idToken, refreshToken, expiresIn } = session;
  return {
    challengeName: null,
    session: null,
    authenticationResult: { accessToken, idToken, refreshToken, expiresIn },
  };
}

export function fromCreatedUser({ account, temporaryPassword }: CreatedUser) {
  return {
    userID: account.userId,
    email: account.email,
    mustChangePassword: true,
    ...(temporaryPassword === null ? {} : { temporaryPassword }),
    createdAt: new Date(account.createdAt).toISOString(),
  };
}

/** As draft-ietf-httpapi-ratelimit-headers-10 has it; the window is the time that the whole bucket takes to fill. */
export function fromAllowance({ pace, remaining, fullAfter }: Allowance) {
  const quota = pace.span / pace.interval;
  return {
    'ratelimit-policy': `"key";q=${quota};w=${pace.span / 1000}`,
    ratelimit: `"key";r=${remaining};t=${Math.ceil(fullAfter / 1000)}`,
  };
}
