// Who calls a route of VBA, and about whom: read from its headers and its path before the route's own work.
import { readBearer } from '../../wire/bearer.ts';
import type { AppContext } from '../../wire/dialect.ts';
import { hasCleanPath } from '../../wire/sent-path.ts';
import { type HeaderFault, readTenancy, readTokenTenancy } from '../../wire/tenancy.ts';
import { answerError } from './answer.ts';
import { TOKEN_REFUSED, UNAUTHORIZED } from './failure.ts';
import { userIdText } from './schema.ts';
import type { Client, Member } from './translate.ts';

type Handler = (c: AppContext) => Promise<Response>;

/** For who has not signed in. */
export function asClient(handle: (c: AppContext, client: Client) => Promise<Response>): Handler {
  return async (c) => {
    const read = readClient(c);
    return 'refused' in read ? read.refused : handle(c, read.client);
  };
}

/** For who has signed in. */
export function asMember(handle: (c: AppContext, member: Member) => Promise<Response>): Handler {
  return async (c) => {
    const read = readMember(c);
    return 'refused' in read ? read.refused : handle(c, read.member);
  };
}

/** For who has signed in, about the user whom the path names. */
export function asMemberFor(
  handle: (c: AppContext, member: Member, userId: string) => Promise<Response>,
): Handler {
  return asMember(async (c, member) => {
    const userId = userIdText.safeParse(c.req.param('userID'));
    return hasCleanPath(c.req.url) && userId.success
      ? handle(c, member, userId.data)
      : answerError(c, { status: 400, detail: 'userID is not valid.' });
  });
}

/** Says what is wrong with the headers; who they name is asked with the rest. */
export function readClient(
  c: AppContext,
): { readonly client: Client } | { readonly refused: Response } {
  const key = c.req.header('x-api-key');
  if (!key) return { refused: answerError(c, UNAUTHORIZED) };
  const read = readTenancy((name) => c.req.header(name));
  return 'faults' in read
    ? refuseHeaders(c, read.faults)
    : { client: { kind: 'api-key', key, tenancy: read.tenancy } };
}

export function readMember(
  c: AppContext,
): { readonly member: Member } | { readonly refused: Response } {
  const key = c.req.header('x-api-key');
  const token = readBearer(c.req.header('authorization'));
  if (!key || token === null) return { refused: answerError(c, TOKEN_REFUSED) };
  const read = readTokenTenancy((name) => c.req.header(name));
  return 'faults' in read
    ? refuseHeaders(c, read.faults)
    : { member: { kind: 'id-token', key, token, tenancy: read.tenancy } };
}

function refuseHeaders(c: AppContext, faults: readonly HeaderFault[]) {
  const detail = faults.map(describeHeaderFault).join(' ');
  return { refused: answerError(c, { status: 400, detail }) };
}

function describeHeaderFault(fault: HeaderFault): string {
  return fault.kind === 'missing'
    ? `The header ${fault.header} is required.`
    : `The header ${fault.header} must be given once.`;
}
