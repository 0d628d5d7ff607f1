// The REST transport, transcoded from the descriptors' google.api.http options with protobuf's JSON mapping:
// path and body into the method's message, its answer or error into grpc-gateway's JSON.
import {
  create,
  type DescMessage,
  type DescMethod,
  fromJson,
  type JsonValue,
  type Message,
  toJson,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { type AppContext, addPath, type Refusal, type Routes } from '../../wire/dialect.ts';
import { parseStrictJson } from '../../wire/json.ts';
import { ErrorDetailSchema, readHttpRule, UserService } from './descriptors.ts';
import {
  CODES,
  INTERNAL,
  MALFORMED,
  NO_ROUTE,
  TOO_LARGE,
  UNIMPLEMENTED,
  WRONG_MEDIA_TYPE,
  WRONG_METHOD,
  type ZitadelError,
} from './failure.ts';
import { findMethod } from './service.ts';

type Status = 200 | 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 501;
type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** grpc-gateway's HTTPStatusFromCode. */
const STATUSES: Record<ZitadelError['code'], Status> = {
  [CODES.invalidArgument]: 400,
  [CODES.notFound]: 404,
  [CODES.alreadyExists]: 409,
  [CODES.permissionDenied]: 403,
  [CODES.resourceExhausted]: 429,
  [CODES.failedPrecondition]: 400,
  [CODES.aborted]: 409,
  [CODES.unimplemented]: 501,
  [CODES.internal]: 500,
  [CODES.unauthenticated]: 401,
};

/** Mounts every method that has an HTTP binding, one path with all its verbs at a time. */
export function mountRest(routes: Routes): void {
  const paths = new Map<string, Partial<Record<Verb, DescMethod>>>();
  for (const method of UserService.methods) {
    const pattern = readHttpRule(method)?.pattern;
    if (pattern === undefined || pattern.case === undefined || pattern.case === 'custom') continue;
    const verbs = paths.get(pattern.value) ?? {};
    verbs[pattern.case.toUpperCase() as Verb] = method;
    paths.set(pattern.value, verbs);
  }
  for (const [template, verbs] of paths) {
    const handlers = Object.fromEntries(
      Object.entries(verbs).map(([verb, method]) => [
        verb,
        [(c: AppContext) => transcode(c, method)],
      ]),
    );
    addPath(routes, template.replaceAll(/\{(\w+)\}/g, ':$1'), handlers, answerRefusal);
  }
}

async function transcode(c: AppContext, method: DescMethod): Promise<Response> {
  const serve = findMethod(method);
  if (serve === null) return answerError(c, UNIMPLEMENTED);
  // Whatever it says, a body is read as JSON, save for the framings that it could be mistaken for.
  if (/^application\/(?:grpc|proto|connect)/i.test(c.req.header('content-type') ?? '')) {
    return answerError(c, WRONG_MEDIA_TYPE, 415);
  }
  const request = await readMessage(c, method.input);
  if (request === null) return answerError(c, MALFORMED);
  const result = await serve(request, {
    gateway: c.get('gateway'),
    authorization: c.req.header('authorization'),
    // An empty header names no organisation.
    organisationId: c.req.header('x-zitadel-orgid') || undefined,
  });
  if (!result.ok) return answerError(c, result.failure);
  return answer(c, 200, toJson(method.output, result.value));
}

/** null for a body that is no message of the type: the library's own error would quote it. */
async function readMessage(c: AppContext, input: DescMessage): Promise<Message | null> {
  const bytes = new Uint8Array(await c.req.raw.arrayBuffer());
  const json = bytes.length === 0 ? {} : parseStrictJson(bytes, toJsonName);
  if (json === undefined) return null;
  let message: Message;
  try {
    message = fromJson(input, dropNulls(json as JsonValue), { ignoreUnknownFields: true });
  } catch {
    return null;
  }
  return bindPath(input, message, c.req.param());
}

/** An explicit null is an absent field; the library lets it choose the arm of a oneof. */
function dropNulls(json: JsonValue): JsonValue {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(dropNulls);
  const present = Object.entries(json).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, dropNulls(value)]));
}

/** What the path names is what counts, whatever the body says. */
function bindPath(
  input: DescMessage,
  message: Message,
  parameters: Readonly<Record<string, string>>,
): Message {
  const reflected = reflect(input, message);
  for (const field of input.fields) {
    const value = parameters[field.name];
    if (value !== undefined && field.fieldKind === 'scalar') reflected.set(field, value);
  }
  return reflected.message;
}

/** "new_password" and "newPassword" are one field. */
function toJsonName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const REFUSALS: Record<Refusal['kind'], readonly [ZitadelError, Status]> = {
  'not-found': [NO_ROUTE, 404],
  'method-not-allowed': [WRONG_METHOD, 405],
  'too-large': [TOO_LARGE, 413],
  internal: [INTERNAL, 500],
};

export function answerRefusal(c: AppContext, refusal: Refusal): Response {
  return answerError(c, ...REFUSALS[refusal.kind]);
}

function answerError(c: AppContext, error: ZitadelError, status?: Status): Response {
  const { code, id, text, retryAfter } = error;
  if (retryAfter !== undefined) c.header('retry-after', String(retryAfter));
  if (code === CODES.unauthenticated) c.header('www-authenticate', 'Bearer realm="zitadel"');
  return answer(c, status ?? STATUSES[code], {
    code,
    message: id === null ? text : `${text} (${id})`,
    details: id === null ? [] : [describeDetail(id, text)],
  });
}

/** An ErrorDetail as protobuf's JSON mapping writes it inside an Any. */
function describeDetail(id: string, message: string): JsonValue {
  const detail = toJson(ErrorDetailSchema, create(ErrorDetailSchema, { id, message }));
  return { '@type': `type.googleapis.com/${ErrorDetailSchema.typeName}`, ...detail };
}

function answer(c: AppContext, status: Status, body: JsonValue): Response {
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/json' });
}
