// The routes of ZAP: parse, translate, call, reply.
import type { MiddlewareHandler } from 'hono';
import { readBearer } from '../../wire/bearer.ts';
import { readBody } from '../../wire/body.ts';
import { type AppContext, type AppEnv, addPath, type Routes } from '../../wire/dialect.ts';
import {
  describeFieldFaults,
  type FieldFault,
  readValid,
  validateInput,
} from '../../wire/validate.ts';
import {
  answerChangeFailure,
  answerData,
  answerError,
  answerLoginFailure,
  answerRefusal,
  UNAUTHORIZED,
} from './failure.ts';
import {
  canonicalChangeField,
  canonicalLoginField,
  changePasswordSchema,
  loginSchema,
} from './schema.ts';
import { fromSignedIn, readTenantHint, toAnonymousCaller, toTokenCaller } from './translate.ts';

/** The documentation uses all of these, each with and without a slash at the end. */
const PREFIXES = ['/v1', '/api/v1'] as const;

export function mountRoutes(routes: Routes): void {
  for (const prefix of PREFIXES) {
    const add = (path: string, ...handlers: Parameters<typeof addPath>[2]['POST'] & object) => {
      addPath(routes, `${prefix}${path}`, { POST: handlers }, answerRefusal);
      addPath(routes, `${prefix}${path}/`, { POST: handlers }, answerRefusal);
    };
    add(
      '/login',
      readFields(canonicalLoginField),
      validateInput('json', loginSchema, refuseFields),
      login,
    );
    add(
      '/changePassword',
      requireToken,
      readFields(canonicalChangeField),
      validateInput('json', changePasswordSchema, refuseFields),
      changePassword,
    );
  }
}

function readFields(canonical: (name: string) => string): MiddlewareHandler<AppEnv> {
  return readBody({
    json: ['application/json'],
    form: true,
    canonical,
    refuse: (c, fault) =>
      answerError(
        c,
        fault === 'malformed'
          ? { status: 400, text: 'The request body is malformed.' }
          : { status: 415, text: 'The request body must be JSON or form-encoded.' },
      ),
  });
}

/** Only whether there is one: whose it is, is asked with the rest. */
const requireToken: MiddlewareHandler<AppEnv> = async (c, next) => {
  return readBearer(c.req.header('authorization')) === null ? answerError(c, UNAUTHORIZED) : next();
};

async function login(c: AppContext): Promise<Response> {
  const hint = readTenantHint(c.req.url, (name) => c.req.header(name));
  if (hint.kind === 'ambiguous') return refuseTenantHeaders(c);
  const body = readValid(c, 'json', loginSchema);
  const result = await c.get('gateway').signIn({
    caller: toAnonymousCaller(hint),
    user: { loginName: body.identity },
    password: body.password,
    canChallenge: false,
  });
  if (!result.ok) return answerLoginFailure(c, result.failure);
  if (result.value.kind !== 'session') throw new Error('a challenge at a door that has none');
  return answerData(c, fromSignedIn(result.value));
}

async function changePassword(c: AppContext): Promise<Response> {
  const token = readBearer(c.req.header('authorization'));
  if (token === null) return answerError(c, UNAUTHORIZED);
  const hint = readTenantHint(c.req.url, (name) => c.req.header(name));
  if (hint.kind === 'ambiguous') return refuseTenantHeaders(c);
  const body = readValid(c, 'json', changePasswordSchema);
  const result = await c.get('gateway').changeByPassword({
    caller: toTokenCaller(token, hint),
    userId: body.userId,
    email: body.email,
    currentPassword: body.oldPassword,
    newPassword: { kind: 'password', text: body.newPassword },
    mustChange: false,
    actors: 'self-or-admin',
    honoursSecureOtp: true,
    ...(body.secureOTP === undefined ? {} : { secureOtp: body.secureOTP }),
  });
  if (!result.ok) return answerChangeFailure(c, result.failure);
  return answerData(c, 'Password updated successfully');
}

function refuseTenantHeaders(c: AppContext): Response {
  return answerError(c, {
    status: 400,
    text: 'The three tenant headers must be given together, each once.',
  });
}

function refuseFields(c: AppContext, faults: readonly FieldFault[]): Response {
  return answerError(c, { status: 400, text: describeFieldFaults(faults) });
}
