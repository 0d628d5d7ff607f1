// From the Worker's gRPC-Web answer to what a native client is told. Pure.
import { splitAnswer } from './grpc-frames.ts';
import {
  type Codec,
  type Metadata,
  passAnswerHeaders,
  passTrailers,
  pickStatus,
  readWebCodec,
} from './grpc-headers.ts';
import {
  LAST_CODE,
  mapHttpStatus,
  OK,
  REFUSED,
  type Status,
  UNCERTAIN,
  writeStatus,
} from './grpc-status.ts';
import type { UpstreamAnswer, UpstreamFailure } from './grpc-upstream.ts';

export interface Reply {
  readonly headers: Metadata;
  /** Null: the headers and the trailers are one block, and there is no more ("Trailers-Only"). */
  readonly data: Buffer | null;
  readonly trailers: Metadata;
}

export function makeReply(status: Status): Reply {
  const trailers = Object.entries(writeStatus(status)).map(([name, value]) => [name, [value]]);
  return { headers: {}, data: null, trailers: Object.fromEntries(trailers) };
}

const FAILURES = {
  unreachable: REFUSED.unreachable,
  lost: UNCERTAIN.lost,
  large: UNCERTAIN.large,
} as const satisfies Record<UpstreamFailure, Status>;

export function translateOutcome(outcome: UpstreamAnswer | UpstreamFailure, codec: Codec): Reply {
  if (typeof outcome === 'string') return makeReply(FAILURES[outcome]);
  const read = readAnswer(outcome, codec);
  if (!('code' in read)) return read;
  // What HTTP says of an answer that says nothing in gRPC; of a 200 that is no more than what was read.
  const status = outcome.status === 200 ? read : mapHttpStatus(outcome.status);
  return { ...makeReply(status), headers: passAnswerHeaders(outcome.headers) };
}

function readAnswer({ headers, body }: UpstreamAnswer, codec: Codec): Reply | Status {
  if (readWebCodec(headers['content-type']?.join()) !== codec) return UNCERTAIN.foreign;
  if (isEncoded(headers)) return UNCERTAIN.malformed;
  return body.length === 0 ? readTrailersOnly(headers) : readBody(headers, body);
}

/** No encoding was offered, so none may come. */
function isEncoded(headers: Metadata): boolean {
  const encodings = [...(headers['content-encoding'] ?? []), ...(headers['grpc-encoding'] ?? [])];
  return encodings.some((encoding) => encoding !== 'identity');
}

function readTrailersOnly(headers: Metadata): Reply | Status {
  const code = readCode(headers);
  if (code === null) return UNCERTAIN.unstated;
  if (code === OK) return UNCERTAIN.cardinality;
  return { headers: passAnswerHeaders(headers), data: null, trailers: pickStatus(headers) };
}

/**
 * Clients take not much more. Over 64 KiB HTTP/2 would itself refuse to send it, in a reset that says that nothing was
 * done and that the request may be sent again.
 */
const MAX_TRAILER_BYTES = 16 * 1024;

function readBody(headers: Metadata, body: Buffer): Reply | Status {
  const answer = splitAnswer(body);
  if (answer === null || headers['grpc-status'] !== undefined) return UNCERTAIN.malformed;
  const { data, messages, trailers } = answer;
  if (body.length - data.length > MAX_TRAILER_BYTES) return UNCERTAIN.large;
  const code = trailers === null ? null : readCode(trailers);
  if (trailers === null || code === null) return UNCERTAIN.unstated;
  if (messages > 1 || (code === OK && messages === 0)) return UNCERTAIN.cardinality;
  return { headers: passAnswerHeaders(headers), data, trailers: passTrailers(trailers) };
}

const CODE = /^\d{1,2}$/;

function readCode(metadata: Metadata): number | null {
  const text = metadata['grpc-status']?.join() ?? '';
  return CODE.test(text) && Number(text) <= LAST_CODE ? Number(text) : null;
}
