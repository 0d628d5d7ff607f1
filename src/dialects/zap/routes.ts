// The routes of ZAP, each with what it reads; what they do is told by the files of their journeys.
import type { MiddlewareHandler } from 'hono';
import { readBearer } from '../../wire/bearer.ts';
import { readBody } from '../../wire/body.ts';
import { type AppContext, type AppEnv, addPath, type Routes } from '../../wire/dialect.ts';
import { describeFieldFaults, type FieldFault, validateInput } from '../../wire/validate.ts';
import { asAnyone, asBearer, asBearerFor } from './callers.ts';
import { requestOtp, requestReset, resendOtp, verifyOtp } from './codes.ts';
import { answerError, answerRefusal, NOT_IMPLEMENTED, UNAUTHORIZED } from './failure.ts';
import { changePassword, resetPassword } from './passwords.ts';
import {
  canonicalChangeField,
  canonicalLoginField,
  changePasswordSchema,
  createUserSchema,
  listUsersSchema,
  loginSchema,
  refreshSchema,
  requestOtpSchema,
  requestResetSchema,
  resendOtpSchema,
  resetPasswordSchema,
  updateUserSchema,
  verifyOtpSchema,
} from './schema.ts';
import { logIn, logOut, refresh } from './sessions.ts';
import { createUser, deleteUser, listUsers, readUser, updateUser } from './users.ts';

/** The documentation uses all of these, each with and without a slash at the end. */
const PREFIXES = ['/v1', '/api/v1'] as const;

type Add = (path: string, ...rest: [Parameters<typeof addPath>[2], 'refused'?]) => void;
type Body = Parameters<typeof validateInput>[1];

export const refuse = answerRefusal;

export function mount(routes: Routes): void {
  for (const prefix of PREFIXES) {
    const add: Add = (path, methods, head) => {
      for (const slash of ['', '/']) {
        addPath(routes, `${prefix}${path}${slash}`, methods, answerRefusal, head);
      }
    };
    addSessions(add);
    addPasswords(add);
    addUsers(add);
    // Not there yet, whatever it is that is asked.
    routes.app.all(`${prefix}/2fa/*`, (c) => answerError(c, NOT_IMPLEMENTED));
  }
}

function addSessions(add: Add): void {
  const login = readFields(loginSchema, canonicalLoginField);
  add('/login', { POST: [...login, asAnyone(logIn)] });
  add('/refresh', { POST: [...readFields(refreshSchema), asAnyone(refresh)] });
  const ends = [asBearerFor(logOut)];
  // A GET that changes something: nobody expects that of a HEAD.
  add('/users/logout/:id', { PUT: ends, GET: ends }, 'refused');
}

function addPasswords(add: Add): void {
  const change = readFields(changePasswordSchema, canonicalChangeField);
  add('/changePassword', { POST: [requireToken, ...change, asBearer(changePassword)] });
  const anyone = (path: string, body: Body, handle: Parameters<typeof asAnyone>[0]) =>
    add(path, { POST: [...readFields(body), asAnyone(handle)] });
  anyone('/forgotPassword', resetPasswordSchema, resetPassword);
  anyone('/otp', requestOtpSchema, requestOtp);
  anyone('/otp/resend', resendOtpSchema, resendOtp);
  anyone('/otp/forgotPassword', requestResetSchema, requestReset);
  anyone('/otp/verify', verifyOtpSchema, verifyOtp);
}

function addUsers(add: Add): void {
  const page = validateInput('query', listUsersSchema, refuseFields);
  add('/users', {
    GET: [requireToken, page, asBearer(listUsers)],
    POST: [requireToken, ...readFields(createUserSchema), asBearer(createUser)],
  });
  add('/users/:id', {
    GET: [asBearerFor(readUser)],
    PUT: [requireToken, ...readFields(updateUserSchema), asBearerFor(updateUser)],
    DELETE: [asBearerFor(deleteUser)],
  });
}

function readFields(body: Body, canonical?: (name: string) => string) {
  const read = readBody({
    json: ['application/json'],
    form: true,
    ...(canonical === undefined ? {} : { canonical }),
    refuse: (c, fault) =>
      answerError(
        c,
        fault === 'malformed'
          ? { status: 400, text: 'The request body is malformed.' }
          : { status: 415, text: 'The request body must be JSON or form-encoded.' },
      ),
  });
  return [read, validateInput('json', body, refuseFields)] as const;
}

/** Before the body is read, and only whether there is one: whose it is, is asked with the rest. */
const requireToken: MiddlewareHandler<AppEnv> = async (c, next) => {
  return readBearer(c.req.header('authorization')) === null ? answerError(c, UNAUTHORIZED) : next();
};

function refuseFields(c: AppContext, faults: readonly FieldFault[]): Response {
  return answerError(c, { status: 400, text: describeFieldFaults(faults) });
}
