// SessionService: sessions that say what was checked of a user, and when.
import { create, type JsonObject } from '@bufbuild/protobuf';
import { base64Decode, base64Encode } from '@bufbuild/protobuf/wire';
import type { UserAgent } from '@zitadel/proto/zitadel/session/v2/session_pb.js';
import type {
  Checks,
  CheckUser,
  CreateSessionRequest,
  DeleteSessionRequest,
  GetSessionRequest,
  ListSessionsRequest,
  SetSessionRequest,
} from '@zitadel/proto/zitadel/session/v2/session_service_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import { fail, ok } from '../../core/result.ts';
import { type Call, enter, type Success } from './call.ts';
import { SessionService, UserAgentSchema } from './descriptors.ts';
import {
  describeBrokenRule,
  describeFailure,
  describeUnserved,
  SPECIAL,
  type ZitadelError,
} from './failure.ts';
import { fromJson } from './from-json.ts';
import { toTimestamp } from './timestamp.ts';
import { toJson } from './to-json.ts';
import { MAX_LIMIT, toDetails, toListDetails, toPage } from './translate.ts';
import { listNames } from './translate-users.ts';

type NamedUser = Parameters<Gateway['createLoginSession']>[0]['user'];
type View = Success<'findLoginSessions'>['sessions'][number];

export async function createSession(request: CreateSessionRequest, call: Call) {
  const user = toUser(request.checks?.user);
  const fault =
    findUnserved(request) ?? (user === null ? describeUnserved('a session without a user') : null);
  const method = SessionService.method.createSession;
  const entered = await enter(method, request, call, fault);
  if (!entered.ok) return entered;
  const password = request.checks?.password?.password ?? null;
  const made = await call.gateway.createLoginSession({
    caller: entered.value,
    user: user ?? { userId: '' },
    password,
    lifetime: toMilliseconds(request.lifetime),
    userAgent: toUserAgent(request.userAgent),
    metadata: encodeMetadata(request.metadata),
  });
  if (!made.ok) {
    const special = password === null ? SPECIAL.createSession : SPECIAL.passwordCheck;
    return fail(describeFailure(made.failure, special));
  }
  const { sessionId, token: sessionToken } = made.value;
  const details = toDetails(made.value);
  return ok(create(method.output, { details, sessionId, sessionToken }));
}

export async function setSession(request: SetSessionRequest, call: Call) {
  const method = SessionService.method.setSession;
  const entered = await enter(method, request, call, findUnserved(request));
  if (!entered.ok) return entered;
  const { sessionId, sessionToken, checks, lifetime, metadata } = request;
  const updated = await call.gateway.updateLoginSession({
    caller: entered.value,
    sessionId,
    token: sessionToken === '' ? null : sessionToken,
    user: toUser(checks?.user),
    password: checks?.password?.password ?? null,
    lifetime: toMilliseconds(lifetime),
    metadata: endEmpty(encodeMetadata(metadata)),
  });
  if (!updated.ok) return fail(describeFailure(updated.failure, SPECIAL.setSession));
  const { token } = updated.value;
  return ok(create(method.output, { details: toDetails(updated.value), sessionToken: token }));
}

export async function getSession(request: GetSessionRequest, call: Call) {
  const method = SessionService.method.getSession;
  const entered = await enter(method, request, call);
  if (!entered.ok) return entered;
  const found = await call.gateway.readLoginSession({
    caller: entered.value,
    sessionId: request.sessionId,
    token: request.sessionToken || null,
  });
  if (!found.ok) {
    const isUnknown = found.failure.kind === 'session-refused' && found.failure.fault === 'unknown';
    return fail(describeFailure(found.failure, isUnknown ? SPECIAL.getSession : {}));
  }
  return ok(create(method.output, { session: fromSession(found.value.tenantId, found.value) }));
}

export async function deleteSession(request: DeleteSessionRequest, call: Call) {
  const method = SessionService.method.deleteSession;
  const entered = await enter(method, request, call);
  if (!entered.ok) return entered;
  const ended = await call.gateway.endLoginSession({
    caller: entered.value,
    sessionId: request.sessionId,
    token: request.sessionToken || null,
  });
  if (!ended.ok) return fail(describeFailure(ended.failure));
  return ok(create(method.output, { details: toDetails(ended.value) }));
}

export async function listSessions(request: ListSessionsRequest, call: Call) {
  const method = SessionService.method.listSessions;
  const entered = await enter(method, request, call, findListFault(request));
  if (!entered.ok) return entered;
  const found = await call.gateway.findLoginSessions({
    caller: entered.value,
    ...toKeys(request),
    page: toPage(request.query),
  });
  if (!found.ok) return fail(describeFailure(found.failure));
  const { tenantId, sessions } = found.value;
  return ok(
    create(method.output, {
      details: toListDetails(found.value),
      sessions: sessions.map((view) => fromSession(tenantId, view)),
    }),
  );
}

const SORTED_BY_CREATION = [0, 1];

function findListFault({
  query,
  queries,
  sortingColumn,
}: ListSessionsRequest): ZitadelError | null {
  if (!SORTED_BY_CREATION.includes(sortingColumn)) return describeUnserved('a sorting column');
  if ((query?.limit ?? 0) > MAX_LIMIT) {
    return describeBrokenRule(`limit must be at most ${MAX_LIMIT}`);
  }
  for (const { query: one } of queries) {
    if (one.case !== 'idsQuery' && one.case !== 'userIdQuery') {
      return describeUnserved(`a search by ${one.case ?? 'nothing'}`);
    }
  }
  return null;
}

/** Every query must hold: of two of a kind, what both name. */
function toKeys({ queries }: ListSessionsRequest) {
  let ids: readonly string[] | null = null;
  let userIds: readonly string[] | null = null;
  const both = (known: readonly string[] | null, more: readonly string[]) =>
    known === null ? more : known.filter((key) => more.includes(key));
  for (const { query } of queries) {
    if (query.case === 'idsQuery') ids = both(ids, query.value.ids);
    if (query.case === 'userIdQuery') userIds = both(userIds, [query.value.id]);
  }
  return { ids, userIds };
}

function findUnserved({
  checks,
  challenges,
}: Pick<CreateSessionRequest, 'checks' | 'challenges'>): ZitadelError | null {
  if (challenges !== undefined) return describeUnserved('challenges');
  const {
    user: _user,
    password: _password,
    $typeName,
    $unknown,
    ...others
  } = checks ?? ({} as Checks);
  const asked = Object.entries(others).find(([, check]) => check !== undefined);
  return asked === undefined ? null : describeUnserved(`checks.${asked[0]}`);
}

function toUser(user: CheckUser | undefined): NamedUser | null {
  switch (user?.search.case) {
    case 'userId':
      return { userId: user.search.value };
    case 'loginName':
      return { loginName: user.search.value };
    default:
      return null;
  }
}

/** A thousand years: a Timestamp ends with the year 9999, and a session that goes on beyond it could not be told of. */
const LONGEST_LIFE = 1000 * 365 * 86_400_000;

function toMilliseconds(
  duration: { readonly seconds: bigint; readonly nanos: number } | undefined,
): number | null {
  if (duration === undefined) return null;
  const wanted = Number(duration.seconds) * 1000 + Math.floor(duration.nanos / 1e6);
  return Math.min(wanted, LONGEST_LIFE);
}

function toUserAgent(userAgent: UserAgent | undefined): string | null {
  return userAgent === undefined ? null : JSON.stringify(toJson(UserAgentSchema, userAgent));
}

type Metadata = Readonly<Record<string, Uint8Array>>;

function encodeMetadata(metadata: Metadata): Record<string, string> {
  const entries = Object.entries(metadata).map(([key, value]) => [key, base64Encode(value)]);
  return Object.fromEntries(entries);
}

/** As the vendor has it: an empty value takes the key away. */
function endEmpty(metadata: Readonly<Record<string, string>>): Record<string, string | null> {
  const entries = Object.entries(metadata).map(([key, value]) => [key, value || null]);
  return Object.fromEntries(entries);
}

function fromSession(tenantId: string, { session, account }: View) {
  const { id, createdAt, changedAt, expiresAt, passwordVerifiedAt, userAgent } = session;
  const metadata = Object.entries(session.metadata).map(([key, value]) => [
    key,
    base64Decode(value),
  ]);
  return {
    id,
    creationDate: toTimestamp(createdAt),
    changeDate: toTimestamp(changedAt),
    sequence: BigInt(session.sequence),
    factors: {
      user: {
        verifiedAt: toTimestamp(session.userVerifiedAt),
        id: account.userId,
        loginName: listNames(account)[0] ?? account.userId,
        displayName: account.name ?? '',
        organizationId: tenantId,
      },
      ...(passwordVerifiedAt === null
        ? {}
        : { password: { verifiedAt: toTimestamp(passwordVerifiedAt) } }),
    },
    metadata: Object.fromEntries(metadata) as Record<string, Uint8Array>,
    ...(userAgent === null
      ? {}
      : { userAgent: fromJson(UserAgentSchema, JSON.parse(userAgent) as JsonObject) }),
    ...(expiresAt === null ? {} : { expirationDate: toTimestamp(expiresAt) }),
  };
}
