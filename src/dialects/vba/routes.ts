// The routes of VBA, each with what it reads; what they do is told by the files of their journeys.
import type { MiddlewareHandler } from 'hono';
import { readBody } from '../../wire/body.ts';
import { type AppContext, type AppEnv, addPath, type Routes } from '../../wire/dialect.ts';
import { describeFieldFaults, type FieldFault, validateInput } from '../../wire/validate.ts';
import { answerError } from './answer.ts';
import { asClient, asMember, asMemberFor, readClient, readMember } from './callers.ts';
import { answerRefusal, NOT_IMPLEMENTED, TOKEN_REFUSED } from './failure.ts';
import {
  changePassword,
  changeTemporaryPassword,
  confirmForgotPassword,
  forgotPassword,
} from './passwords.ts';
import {
  changePasswordSchema,
  changeTemporaryPasswordSchema,
  confirmForgotPasswordSchema,
  createUserSchema,
  foldFieldNames,
  forgotPasswordSchema,
} from './schema.ts';
import { authenticate, kick, logOut, refreshTokens } from './sessions.ts';
import { createUser, disableUser, enableUser, resetPassword } from './users.ts';

/** The vendor's base URL ends in it; its clients use both. */
const PREFIXES = ['', '/vbasoftware'] as const;

type Handlers = NonNullable<Parameters<typeof addPath>[2]['POST']>;
type Add = (path: string, ...handlers: Handlers) => void;
type Body = Parameters<typeof validateInput>[1] & Parameters<typeof foldFieldNames>[0];

export const refuse = answerRefusal;

export function mount(routes: Routes): void {
  for (const prefix of PREFIXES) {
    const add: Add = (path, ...handlers) =>
      addPath(routes, `${prefix}${path}`, { POST: [requireUserAgent, ...handlers] }, answerRefusal);
    addClientRoutes(add);
    addMemberRoutes(add);
    for (const path of ['/mfa-setup', '/mfa-verify-setup', '/mfa-disable']) {
      add(path, requireKey, (c) => answerError(c, NOT_IMPLEMENTED));
    }
  }
}

/** Before the sign-in. */
function addClientRoutes(add: Add): void {
  add('/user-authentication', asClient(authenticate));
  add('/user-refresh-tokens', asClient(refreshTokens));
  const withBody = (path: string, body: Body, handle: Parameters<typeof asClient>[0]) =>
    add(path, requireClient, ...readFields(body), asClient(handle));
  withBody('/change-temporary-password', changeTemporaryPasswordSchema, changeTemporaryPassword);
  withBody('/forgot-password', forgotPasswordSchema, forgotPassword);
  withBody('/confirm-forgot-password', confirmForgotPasswordSchema, confirmForgotPassword);
}

/** After it. */
function addMemberRoutes(add: Add): void {
  add('/logout', asMember(logOut));
  add('/kick', asMember(kick));
  add('/users', requireMember, ...readFields(createUserSchema), asMember(createUser));
  const change = readFields(changePasswordSchema);
  add('/users/:userID/change-password', requireMember, ...change, asMemberFor(changePassword));
  add('/users/:userID/admin-reset-password', asMemberFor(resetPassword));
  add('/users/:userID/admin-disable', asMemberFor(disableUser));
  add('/users/:userID/admin-enable', asMemberFor(enableUser));
}

const requireUserAgent: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.header('user-agent')) return next();
  return answerError(c, { status: 403, detail: 'The User-Agent header is required.' });
};

const requireKey: MiddlewareHandler<AppEnv> = async (c, next) =>
  c.req.header('x-api-key') ? next() : answerError(c, TOKEN_REFUSED);

/** What is wrong with the headers is told before the body is read. */
const requireClient: MiddlewareHandler<AppEnv> = async (c, next) => {
  const read = readClient(c);
  return 'refused' in read ? read.refused : next();
};

const requireMember: MiddlewareHandler<AppEnv> = async (c, next) => {
  const read = readMember(c);
  return 'refused' in read ? read.refused : next();
};

function readFields(body: Body): readonly MiddlewareHandler<AppEnv>[] {
  const read = readBody({
    json: ['application/json', 'text/json'],
    suffixed: true,
    canonical: foldFieldNames(body),
    refuse: (c, fault) =>
      answerError(
        c,
        fault === 'malformed'
          ? {
              status: 400,
              detail: 'The request body is not a JSON object that gives each field once.',
            }
          : { status: 415, detail: 'The request body must be JSON.' },
      ),
  });
  return [read, validateInput('json', body, refuseFields)];
}

function refuseFields(c: AppContext, faults: readonly FieldFault[]): Response {
  return answerError(c, { status: 400, detail: describeFieldFaults(faults) });
}
