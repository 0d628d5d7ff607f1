// The routes of VBA: parse, translate, call, reply.
import type { MiddlewareHandler } from 'hono';
import { readBody } from '../../wire/body.ts';
import { type AppContext, type AppEnv, addPath, type Routes } from '../../wire/dialect.ts';
import { type HeaderFault, readTenancy } from '../../wire/tenancy.ts';
import {
  describeFieldFaults,
  type FieldFault,
  readValid,
  validateInput,
} from '../../wire/validate.ts';
import { answerData, answerError, answerFailure, answerRefusal, UNAUTHORIZED } from './failure.ts';
import { canonicalField, changeTemporaryPasswordSchema } from './schema.ts';
import { fromSession, fromSignedIn, readBasic } from './translate.ts';

/** The vendor's base URL ends in it; its clients use both. */
const PREFIXES = ['', '/vbasoftware'] as const;

export function mountRoutes(routes: Routes): void {
  for (const prefix of PREFIXES) {
    const add = (path: string, ...handlers: Parameters<typeof addPath>[2]['POST'] & object) =>
      addPath(routes, `${prefix}${path}`, { POST: handlers }, answerRefusal);
    add('/user-authentication', requireUserAgent, authenticate);
    add('/user-refresh-tokens', requireUserAgent, refreshTokens);
    add(
      '/change-temporary-password',
      requireUserAgent,
      requireCaller,
      readJson,
      validateInput('json', changeTemporaryPasswordSchema, refuseFields),
      changeTemporaryPassword,
    );
  }
}

const readJson = readBody({
  json: ['application/json', 'text/json'],
  suffixed: true,
  canonical: canonicalField,
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

const requireUserAgent: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.req.header('user-agent')) return next();
  return answerError(c, { status: 403, detail: 'The User-Agent header is required.' });
};

/** Says what is wrong with the headers before the body is read; who they name is asked with the rest. */
const requireCaller: MiddlewareHandler<AppEnv> = async (c, next) => {
  const read = readCaller(c);
  return 'refused' in read ? read.refused : next();
};

async function authenticate(c: AppContext): Promise<Response> {
  const read = readCaller(c);
  if ('refused' in read) return read.refused;
  const basic = readBasic(c.req.header('authorization'));
  if (basic === null) return answerError(c, UNAUTHORIZED);
  const result = await c.get('gateway').signIn({
    caller: read.caller,
    user: { userId: basic.userId },
    password: basic.password,
    canChallenge: true,
  });
  return result.ok ? answerData(c, fromSignedIn(result.value)) : answerFailure(c, result.failure);
}

async function refreshTokens(c: AppContext): Promise<Response> {
  const read = readCaller(c);
  if ('refused' in read) return read.refused;
  const expiredIdToken = c.req.header('expired-id-token') ?? '';
  const refreshToken = c.req.header('refresh-token') ?? '';
  if (expiredIdToken === '' || refreshToken === '') {
    const header = expiredIdToken === '' ? 'expired-id-token' : 'refresh-token';
    return answerError(c, { status: 400, detail: `The header ${header} is required.` });
  }
  const result = await c
    .get('gateway')
    .refresh({ caller: read.caller, refreshToken, expiredIdToken });
  return result.ok ? answerData(c, fromSession(result.value)) : answerFailure(c, result.failure);
}

async function changeTemporaryPassword(c: AppContext): Promise<Response> {
  const read = readCaller(c);
  if ('refused' in read) return read.refused;
  const body = readValid(c, 'json', changeTemporaryPasswordSchema);
  const result = await c.get('gateway').changeByChallenge({
    caller: read.caller,
    userId: body.userID,
    newPassword: body.newPassword,
    session: body.session,
  });
  return result.ok ? answerData(c, fromSession(result.value)) : answerFailure(c, result.failure);
}

function readCaller(c: AppContext) {
  const key = c.req.header('x-api-key');
  if (!key) return { refused: answerError(c, UNAUTHORIZED) };
  const read = readTenancy((name) => c.req.header(name));
  if ('tenancy' in read)
    return { caller: { kind: 'api-key', key, tenancy: read.tenancy } as const };
  const detail = read.faults.map(describeHeaderFault).join(' ');
  return { refused: answerError(c, { status: 400, detail }) };
}

function describeHeaderFault(fault: HeaderFault): string {
  return fault.kind === 'missing'
    ? `The header ${fault.header} is required.`
    : `The header ${fault.header} must be given once.`;
}

function refuseFields(c: AppContext, faults: readonly FieldFault[]): Response {
  return answerError(c, { status: 400, detail: describeFieldFaults(faults) });
}
