// Who calls a route of ZAP, and about whom: read before the route's own work, which none of them does without.
import { readBearer } from '../../wire/bearer.ts';
import type { AppContext } from '../../wire/dialect.ts';
import { hasCleanPath } from '../../wire/sent-path.ts';
import { answerError, UNAUTHORIZED } from './failure.ts';
import { pathUserId } from './schema.ts';
import { type Caller, readTenantHint, toAnonymousCaller, toTokenCaller } from './translate.ts';

type Handler = (c: AppContext) => Promise<Response>;
type CallerHandler = (c: AppContext, caller: Caller) => Promise<Response>;

/** For who needs no token: a tenant is enough. */
export function asAnyone(handle: CallerHandler): Handler {
  return async (c) => {
    const hint = readHint(c);
    return hint.kind === 'ambiguous' ? refuseTenantHeaders(c) : handle(c, toAnonymousCaller(hint));
  };
}

/** For who shows a token. Whose it is, is asked with the rest. */
export function asBearer(handle: CallerHandler): Handler {
  return async (c) => {
    const token = readBearer(c.req.header('authorization'));
    if (token === null) return answerError(c, UNAUTHORIZED);
    const hint = readHint(c);
    return hint.kind === 'ambiguous'
      ? refuseTenantHeaders(c)
      : handle(c, toTokenCaller(token, hint));
  };
}

/** For who shows a token, about the user whom the path names. */
export function asBearerFor(
  handle: (c: AppContext, caller: Caller, userId: string) => Promise<Response>,
): Handler {
  return asBearer(async (c, caller) => {
    const userId = pathUserId.safeParse(c.req.param('id'));
    return hasCleanPath(c.req.url) && userId.success
      ? handle(c, caller, userId.data)
      : answerError(c, { status: 400, text: 'id is not valid.' });
  });
}

function readHint(c: AppContext) {
  return readTenantHint(c.req.url, (name) => c.req.header(name));
}

function refuseTenantHeaders(c: AppContext): Response {
  return answerError(c, {
    status: 400,
    text: 'The three tenant headers must be given together, each once.',
  });
}
