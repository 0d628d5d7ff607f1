// The statuses that the gRPC bridge gives by itself. Their words quote nothing of what was sent or answered.

export interface Status {
  readonly code: number;
  /** Printable ASCII without a percent sign: what grpc-message carries as it is. */
  readonly message: string;
}

const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

export const OK = 0;
export const LAST_CODE = 16;

const UNSURE = 'whether it was carried out is not known';

/** Of a request that was not passed on: nothing has happened, whatever it asked for. */
export const REFUSED = {
  headers: {
    code: RESOURCE_EXHAUSTED,
    message: 'the metadata is larger than the bridge takes',
  },
  path: { code: UNIMPLEMENTED, message: 'the path names no method' },
  timeout: { code: INTERNAL, message: 'malformed grpc-timeout' },
  compressed: { code: UNIMPLEMENTED, message: 'compressed messages are not supported' },
  large: { code: RESOURCE_EXHAUSTED, message: 'the message is larger than the bridge takes' },
  frame: { code: INTERNAL, message: 'the body is not a gRPC message' },
  truncated: { code: INTERNAL, message: 'the body ends before its message does' },
  several: { code: INTERNAL, message: 'the body goes on after its one message' },
  missing: { code: INTERNAL, message: 'the body holds no message' },
  late: {
    code: DEADLINE_EXCEEDED,
    message: 'the deadline passed before the request was passed on',
  },
  busy: { code: UNAVAILABLE, message: 'the bridge has too many calls open' },
  unreachable: { code: UNAVAILABLE, message: 'the Worker cannot be reached' },
} as const satisfies Record<string, Status>;

/**
 * Of a request that the Worker had. None is UNAVAILABLE: that is the code that retry policies take as leave to send
 * the request again, and this one may have been carried out.
 */
export const UNCERTAIN = {
  late: { code: DEADLINE_EXCEEDED, message: `the deadline passed: ${UNSURE}` },
  lost: { code: UNKNOWN, message: `the Worker gave no answer: ${UNSURE}` },
  large: { code: INTERNAL, message: `the answer is larger than the bridge takes: ${UNSURE}` },
  foreign: { code: UNKNOWN, message: `the answer is not gRPC-Web: ${UNSURE}` },
  malformed: { code: INTERNAL, message: `the answer is malformed: ${UNSURE}` },
  unstated: { code: UNKNOWN, message: `the answer has no status: ${UNSURE}` },
  cardinality: { code: INTERNAL, message: `the answer does not hold one message: ${UNSURE}` },
} as const satisfies Record<string, Status>;

/** gRPC, doc/http-grpc-status-mapping.md. */
const HTTP_CODES: ReadonlyMap<number, number> = new Map([
  [400, INTERNAL],
  [401, UNAUTHENTICATED],
  [403, PERMISSION_DENIED],
  [404, UNIMPLEMENTED],
  // Not in gRPC's table: whoever answers 415 does not speak gRPC-Web on this path, so it has no such method either.
  [415, UNIMPLEMENTED],
  [429, UNAVAILABLE],
  [502, UNAVAILABLE],
  [503, UNAVAILABLE],
  [504, UNAVAILABLE],
]);

/** For an answer of HTTP, not of 200, that is none of gRPC. */
export function mapHttpStatus(status: number): Status {
  const code = HTTP_CODES.get(status) ?? UNKNOWN;
  return { code, message: `the Worker answered HTTP ${status} without a gRPC status` };
}

export function writeStatus({ code, message }: Status): Record<string, string> {
  return { 'grpc-status': String(code), 'grpc-message': message };
}
