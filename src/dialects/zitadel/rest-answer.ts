// What REST answers: protobuf's JSON, and grpc-gateway's errors.
import type { JsonValue } from '@bufbuild/protobuf';
import { codeToHttpStatus } from '@connectrpc/connect/protocol-connect';
import type { AppContext, Refusal } from '../../wire/dialect.ts';
import { describeError, type ErrorAnswer } from './error-answer.ts';
import {
  FLOODED,
  INSECURE,
  INTERNAL,
  NO_ROUTE,
  TOO_LARGE,
  WRONG_MEDIA_TYPE,
  WRONG_METHOD,
  type ZitadelError,
} from './failure.ts';

const REFUSALS: Record<Refusal['kind'], readonly [error: ZitadelError, status: number]> = {
  'not-found': [NO_ROUTE, 404],
  'method-not-allowed': [WRONG_METHOD, 405],
  insecure: [INSECURE, 403],
  flooded: [FLOODED, 429],
  'too-large': [TOO_LARGE, 413],
  internal: [INTERNAL, 500],
};

export function refuseRest(c: AppContext, { kind }: Refusal): Response {
  const [error, status] = REFUSALS[kind];
  return answerError(c, error, status);
}

export function answerWrongMediaType(c: AppContext): Response {
  return answerError(c, WRONG_MEDIA_TYPE, 415);
}

/** The statuses of Connect and of grpc-gateway are the same for every code. */
export function answerError(
  c: AppContext,
  error: ZitadelError,
  status = codeToHttpStatus(error.code as number),
): Response {
  const { code, message, details, headers } = describeError(error, c.req.header('accept-language'));
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return answer(c, status, { code, message, details: details.map(describeDetail) });
}

/** As protobuf's JSON mapping writes it inside an Any. */
function describeDetail({ desc, json }: ErrorAnswer['details'][number]): JsonValue {
  // A well-known type has a JSON of its own, which would leave no room for the type beside it.
  const fields = desc.typeName.startsWith('google.protobuf.') ? { value: json } : json;
  return { '@type': `type.googleapis.com/${desc.typeName}`, ...fields };
}

export function answer(c: AppContext, status: number, body: JsonValue): Response {
  return c.newResponse(JSON.stringify(body), {
    status: status as 200,
    headers: { 'content-type': 'application/json' },
  });
}
