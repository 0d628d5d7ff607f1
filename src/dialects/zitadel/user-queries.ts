// UserService, as far as it reads users.
import { create } from '@bufbuild/protobuf';
import type { TextQueryMethod } from '@zitadel/proto/zitadel/object/v2/object_pb.js';
import type { SearchQuery } from '@zitadel/proto/zitadel/user/v2/query_pb.js';
import type {
  GetUserByIDRequest,
  ListUsersRequest,
} from '@zitadel/proto/zitadel/user/v2/user_service_pb.js';
import type { Gateway } from '../../core/gateway.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { type Call, enter } from './call.ts';
import { UserService } from './descriptors.ts';
import {
  describeBrokenRule,
  describeFailure,
  describeUnserved,
  UNKNOWN_USER,
  type ZitadelError,
} from './failure.ts';
import { MAX_LIMIT, toDetails, toListDetails, toPage } from './translate.ts';
import { fromUser } from './translate-users.ts';

type Filter = Parameters<Gateway['findUsers']>[0]['filter'];
type State = Extract<Filter, { kind: 'state' }>['state'];

export async function getUserByID(request: GetUserByIDRequest, call: Call) {
  const method = UserService.method.getUserByID;
  const entered = await enter(method, request, call);
  if (!entered.ok) return entered;
  const found = await call.gateway.findUsers({
    caller: entered.value,
    filter: { kind: 'user-ids', values: [request.userId] },
    page: { offset: 0, limit: 1, ascending: true },
  });
  if (!found.ok) return fail(describeFailure(found.failure));
  const { tenantId, users } = found.value;
  const user = users[0];
  // Who may not read the user learns nothing of it, not even that it is there.
  if (user === undefined) return fail(UNKNOWN_USER);
  const { account, sequence, touchedAt: changedAt } = user;
  const details = toDetails({ tenantId, sequence, changedAt, createdAt: account.createdAt });
  return ok(create(method.output, { details, user: fromUser(tenantId, user) }));
}

export async function listUsers(request: ListUsersRequest, call: Call) {
  const method = UserService.method.listUsers;
  const filter = toFilter(request.queries);
  const fault = filter.ok ? findPageFault(request) : filter.failure;
  const entered = await enter(method, request, call, fault);
  if (!entered.ok) return entered;
  if (!filter.ok) return filter;
  const found = await call.gateway.findUsers({
    caller: entered.value,
    filter: filter.value,
    page: toPage(request.query),
  });
  if (!found.ok) return fail(describeFailure(found.failure));
  const { tenantId, users } = found.value;
  return ok(
    create(method.output, {
      details: toListDetails(found.value),
      result: users.map((user) => fromUser(tenantId, user)),
    }),
  );
}

function findPageFault({ query, sortingColumn }: ListUsersRequest): ZitadelError | null {
  if (sortingColumn !== 0) return describeUnserved('a sorting column');
  const isLarge = (query?.limit ?? 0) > MAX_LIMIT;
  return isLarge ? describeBrokenRule(`limit must be at most ${MAX_LIMIT}`) : null;
}

/** Every query must hold. */
function toFilter(queries: readonly SearchQuery[]): Result<Filter, ZitadelError> {
  const parts: Filter[] = [];
  for (const query of queries) {
    const part = toPart(query);
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return ok({ kind: 'all', of: parts });
}

/** The enum's numbers: zitadel/user/v2/user.proto. */
const STATES: Readonly<Record<number, State>> = { 1: 'active', 2: 'inactive', 4: 'locked' };
const TYPE_HUMAN = 1;

function toPart({ query }: SearchQuery): Result<Filter, ZitadelError> {
  switch (query.case) {
    case 'inUserIdsQuery':
      return ok({ kind: 'user-ids', values: query.value.userIds });
    case 'inUserEmailsQuery':
      return ok({ kind: 'named', by: 'email', values: query.value.userEmails, exact: false });
    case 'emailQuery':
      return toNamed('email', query.value.emailAddress, query.value.method);
    case 'loginNameQuery':
      return toNamed('login-name', query.value.loginName, query.value.method);
    case 'userNameQuery':
      return toNamed('username', query.value.userName, query.value.method);
    case 'phoneQuery':
      return toNamed('phone', query.value.number, query.value.method);
    case 'stateQuery': {
      const state = STATES[query.value.state];
      return ok(
        state === undefined ? { kind: 'constant', value: false } : { kind: 'state', state },
      );
    }
    case 'typeQuery':
      return ok({ kind: 'constant', value: query.value.type === TYPE_HUMAN });
    case 'organizationIdQuery':
      return ok({ kind: 'organisation', id: query.value.organizationId });
    case 'andQuery':
      return toFilter(query.value.queries);
    case 'orQuery': {
      const all = toFilter(query.value.queries);
      return all.ok && all.value.kind === 'all' ? ok({ ...all.value, kind: 'any' }) : all;
    }
    case 'notQuery': {
      const { query: inner } = query.value;
      const part = inner === undefined ? null : toPart(inner);
      if (part === null)
        return fail(describeBrokenRule('invalid NotQuery.Query: value is required'));
      return part.ok ? ok({ kind: 'not', of: part.value }) : part;
    }
    default:
      return fail(describeUnserved(`a search by ${query.case ?? 'nothing'}`));
  }
}

type NamedBy = Extract<Filter, { kind: 'named' }>['by'];

/** The enum's numbers: zitadel/object/v2/object.proto. */
const EQUALS = 0;
const EQUALS_IGNORE_CASE = 1;

function toNamed(by: NamedBy, value: string, how: TextQueryMethod): Result<Filter, ZitadelError> {
  if (how !== EQUALS && how !== EQUALS_IGNORE_CASE) {
    return fail(describeUnserved('a search by a part of a name'));
  }
  return ok({ kind: 'named', by, values: [value], exact: how === EQUALS });
}
