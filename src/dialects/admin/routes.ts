// The operator's door: parse, translate, call, reply.
import type { MiddlewareHandler } from 'hono';
import { readBearer } from '../../wire/bearer.ts';
import { readBody } from '../../wire/body.ts';
import { type AppContext, type AppEnv, addPath, type Routes } from '../../wire/dialect.ts';
import { answerProblem, writeProblem } from '../../wire/problem.ts';
import {
  describeFieldFaults,
  type FieldFault,
  readValid,
  validateInput,
} from '../../wire/validate.ts';
import { listCheckpoints, listEvents } from './audit.ts';
import { answerFailure, UNAUTHORIZED } from './failure.ts';
import {
  createCodeSchema,
  createKeySchema,
  createTenantSchema,
  createUserSchema,
  listCheckpointsSchema,
  listEventsSchema,
  rewrapSchema,
  updateTenantSchema,
} from './schema.ts';
import {
  fromCreatedUser,
  fromIssuedCode,
  fromMessages,
  fromTenant,
  fromUserStatus,
  toCreateTenant,
  toCreateUser,
  toUpdateTenant,
} from './translate.ts';

const TENANT = '/admin/tenants/:orgId';
const USER = `${TENANT}/users/:userId`;

export const refuse = answerProblem;

export function mount(routes: Routes): void {
  routes.app.use('/admin/*', requireOperator);
  const json = readBody({ json: ['application/json'], refuse: refuseBody });
  const post = (
    path: string,
    schema: Parameters<typeof validateInput>[1],
    handler: (c: AppContext) => Promise<Response>,
  ) =>
    addPath(
      routes,
      path,
      { POST: [json, validateInput('json', schema, refuseFields), handler] },
      answerProblem,
    );
  post('/admin/tenants', createTenantSchema, createTenant);
  post('/admin/rewrap', rewrapSchema, rewrap);
  post(`${TENANT}/keys`, createKeySchema, createKey);
  post(`${TENANT}/users`, createUserSchema, createUser);
  post(`${USER}/codes`, createCodeSchema, createCode);
  addPath(
    routes,
    TENANT,
    {
      GET: [readTenant],
      PATCH: [json, validateInput('json', updateTenantSchema, refuseFields), updateTenant],
    },
    answerProblem,
  );
  addPath(routes, `${TENANT}/messages`, { GET: [readMessages] }, answerProblem);
  addPath(routes, `${TENANT}/keys/:keyId`, { DELETE: [revokeKey] }, answerProblem);
  addPath(routes, USER, { GET: [readUser] }, answerProblem);
  addPath(
    routes,
    `${TENANT}/events`,
    { GET: [validateInput('query', listEventsSchema, refuseFields), listEvents] },
    answerProblem,
  );
  addPath(
    routes,
    `${TENANT}/checkpoints`,
    { GET: [validateInput('query', listCheckpointsSchema, refuseFields), listCheckpoints] },
    answerProblem,
  );
}

const requireOperator: MiddlewareHandler<AppEnv> = async (c, next) => {
  const key = readBearer(c.req.header('authorization'));
  if (key !== null && (await c.env.isOperator(key))) return next();
  c.header('www-authenticate', 'Bearer realm="admin"');
  return writeProblem(c, UNAUTHORIZED);
};

async function createTenant(c: AppContext): Promise<Response> {
  const body = readValid(c, 'json', createTenantSchema);
  const result = await c.env.gateway.createTenant(toCreateTenant(body));
  if (!result.ok) return answerFailure(c, result.failure);
  return c.json({ ...fromTenant(result.value), hosts: [...new Set(body.hosts)] }, 201);
}

async function readTenant(c: AppContext): Promise<Response> {
  const result = await c.env.gateway.readTenant({ organisationId: param(c, 'orgId') });
  return result.ok ? c.json(fromTenant(result.value)) : answerFailure(c, result.failure);
}

async function updateTenant(c: AppContext): Promise<Response> {
  const body = readValid(c, 'json', updateTenantSchema);
  const command = toUpdateTenant(param(c, 'orgId'), body);
  const result = await c.env.gateway.updateTenant(command);
  return result.ok ? c.json(fromTenant(result.value)) : answerFailure(c, result.failure);
}

/** How many wait, and which were given up. */
async function readMessages(c: AppContext): Promise<Response> {
  const result = await c.env.gateway.readMessages({ organisationId: param(c, 'orgId') });
  return result.ok ? c.json(fromMessages(result.value)) : answerFailure(c, result.failure);
}

async function createKey(c: AppContext): Promise<Response> {
  const { name, scopes } = readValid(c, 'json', createKeySchema);
  const result = await c.env.gateway.createKey({
    organisationId: param(c, 'orgId'),
    name,
    scopes: [...new Set(scopes)],
  });
  return result.ok ? c.json(result.value, 201) : answerFailure(c, result.failure);
}

async function revokeKey(c: AppContext): Promise<Response> {
  const result = await c.env.gateway.revokeKey({
    organisationId: param(c, 'orgId'),
    keyId: param(c, 'keyId'),
  });
  return result.ok ? c.body(null, 204) : answerFailure(c, result.failure);
}

async function createUser(c: AppContext): Promise<Response> {
  const body = readValid(c, 'json', createUserSchema);
  const result = await c.env.gateway.createUser(toCreateUser(param(c, 'orgId'), body));
  return result.ok ? c.json(fromCreatedUser(result.value), 201) : answerFailure(c, result.failure);
}

async function readUser(c: AppContext): Promise<Response> {
  const result = await c.env.gateway.readUser({
    organisationId: param(c, 'orgId'),
    userId: param(c, 'userId'),
  });
  return result.ok ? c.json(fromUserStatus(result.value)) : answerFailure(c, result.failure);
}

/** For an operator who delivers codes by a channel of his own. */
async function createCode(c: AppContext): Promise<Response> {
  const { purpose } = readValid(c, 'json', createCodeSchema);
  const organisationId = param(c, 'orgId');
  const result = await c.env.gateway.issueCode({
    caller: { kind: 'operator', organisationId },
    userId: param(c, 'userId'),
    purpose,
    format: 'letters',
  });
  return result.ok ? c.json(fromIssuedCode(result.value), 201) : answerFailure(c, result.failure);
}

/** One portion of what the peppers seal. */
async function rewrap(c: AppContext): Promise<Response> {
  const { from = null } = readValid(c, 'json', rewrapSchema);
  const result = await c.env.gateway.rewrap({ cursor: from });
  return result.ok ? c.json(result.value) : answerFailure(c, result.failure);
}

function param(c: AppContext, name: string): string {
  return c.req.param(name) ?? '';
}

const refuseBody: Parameters<typeof readBody>[0]['refuse'] = (c, fault) =>
  fault === 'malformed'
    ? writeProblem(c, {
        status: 400,
        title: 'Bad Request',
        detail: 'The request body is not a JSON object that gives each field once.',
      })
    : writeProblem(c, { status: 415, title: 'Unsupported Media Type' });

function refuseFields(c: AppContext, faults: readonly FieldFault[]): Response {
  return writeProblem(c, {
    status: 400,
    title: 'Bad Request',
    detail: describeFieldFaults(faults),
    errors: faults.map(({ path, fault, ...bound }) => ({ field: path, detail: fault, ...bound })),
  });
}
