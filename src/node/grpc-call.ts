// One call of the gRPC bridge: its headers are judged, its body is read whole, it goes to the Worker, and its stream is
// answered once, by whichever comes first: an answer, a fault, or the deadline.
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { readMessage } from './grpc-frames.ts';
import {
  type Codec,
  flattenMetadata,
  formatTimeout,
  isRpcPath,
  type Metadata,
  measureHeaders,
  parseTimeout,
  passRequestHeaders,
  readCodec,
} from './grpc-headers.ts';
import { makeReply, type Reply, translateOutcome } from './grpc-reply.ts';
import { REFUSED, type Status, UNCERTAIN } from './grpc-status.ts';
import type { Sending, Upstream } from './grpc-upstream.ts';

export interface CallLimits {
  readonly messageBytes: number;
  readonly headerBytes: number;
  readonly transferMs: number;
  readonly callMs: number;
}

type Verdict =
  | { readonly kind: 'not-grpc'; readonly headers: { readonly ':status': number; allow?: 'POST' } }
  | { readonly kind: 'refused'; readonly contentType: string; readonly status: Status }
  | Call;

interface Call {
  readonly kind: 'call';
  readonly contentType: string;
  readonly codec: Codec;
  readonly path: string;
  readonly headers: Metadata;
  /** How long it may take from now. */
  readonly timeoutMs: number;
}

/** Resolves when nothing of the call is open any more, on either side; never rejects. */
export async function serveCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  upstream: Upstream,
  limits: CallLimits,
  isBusy: boolean,
): Promise<void> {
  // A client that resets its stream is no fault of ours.
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  const verdict = judgeHeaders(headers, limits);
  if (verdict.kind === 'not-grpc') answerHttp(stream, verdict.headers);
  else if (verdict.kind === 'refused') answerStatus(stream, verdict, verdict.status);
  else if (isBusy) answerStatus(stream, verdict, REFUSED.busy);
  else await passOn(stream, verdict, upstream, limits);
  // An answer that its client leaves no room for would stay for ever.
  stream.setTimeout(limits.transferMs, () => stream.destroy());
  await closed;
}

function judgeHeaders(headers: IncomingHttpHeaders, limits: CallLimits): Verdict {
  if (headers[':method'] !== 'POST') {
    return { kind: 'not-grpc', headers: { ':status': 405, allow: 'POST' } };
  }
  const codec = readCodec(headers['content-type']);
  if (codec === null) return { kind: 'not-grpc', headers: { ':status': 415 } };
  const contentType = `application/grpc+${codec}`;
  const refuse = (status: Status) => ({ kind: 'refused', contentType, status }) as const;
  if (measureHeaders(headers) > limits.headerBytes) return refuse(REFUSED.headers);
  const path = headers[':path'] ?? '';
  if (!isRpcPath(path)) return refuse(REFUSED.path);
  const timeoutMs = parseTimeout(headers['grpc-timeout']?.toString());
  if (timeoutMs === 'malformed') return refuse(REFUSED.timeout);
  if (timeoutMs === 0) return refuse(REFUSED.late);
  if ((headers['grpc-encoding'] ?? 'identity') !== 'identity') return refuse(REFUSED.compressed);
  return {
    kind: 'call',
    contentType,
    codec,
    path,
    headers: passRequestHeaders(headers),
    timeoutMs: Math.min(timeoutMs ?? limits.callMs, limits.callMs),
  };
}

async function passOn(
  stream: ServerHttp2Stream,
  call: Call,
  upstream: Upstream,
  limits: CallLimits,
): Promise<void> {
  const end = performance.now() + call.timeoutMs;
  let sending: Sending | null = null;
  const expire = () => {
    answerStatus(stream, call, sending?.isSent() ? UNCERTAIN.late : REFUSED.late);
    sending?.withdraw();
  };
  let deadline = setTimeout(expire, Math.min(call.timeoutMs, limits.transferMs));
  stream.once('close', () => clearTimeout(deadline));

  const body = await readBody(stream, limits.messageBytes);
  // A stream that is reset ends, too; and a body may end just as its deadline passes.
  if (body === 'gone' || isOver(stream)) return;
  if ('code' in body) return answerStatus(stream, call, body);
  const left = end - performance.now();
  if (left <= 0) return expire();
  clearTimeout(deadline);
  deadline = setTimeout(expire, left);

  sending = upstream.send(call.path, addOurHeaders(call, left), body);
  // Once the Worker has it, it is left alone, though nobody may be there to hear: the change may be made already, and
  // to cut it off would only keep what follows a change from being done. It ends by itself, within callMs.
  stream.once('close', sending.withdraw);
  answer(stream, call.contentType, translateOutcome(await sending.outcome, call.codec));
}

function addOurHeaders({ codec, headers }: Call, leftMs: number): Metadata {
  return {
    ...headers,
    'content-type': [`application/grpc-web+${codec}`],
    'x-grpc-web': ['1'],
    'grpc-timeout': [formatTimeout(leftMs)],
  };
}

/** What the stream held when it ended. */
function readBody(stream: ServerHttp2Stream, maxBytes: number): Promise<Buffer | Status | 'gone'> {
  const reader = readMessage(maxBytes);
  return new Promise((resolve) => {
    const add = (chunk: Buffer) => {
      const fault = reader.add(chunk);
      if (fault === null) return;
      stream.off('data', add);
      resolve(fault);
    };
    stream.on('data', add);
    stream.on('end', () => resolve(reader.finish()));
    stream.on('close', () => resolve('gone'));
  });
}

/** Answered, or without anyone to answer. */
function isOver(stream: ServerHttp2Stream): boolean {
  return stream.headersSent || stream.closed || stream.destroyed;
}

function answerHttp(stream: ServerHttp2Stream, headers: { readonly ':status': number }): void {
  stream.respond(headers, { endStream: true });
  dropRest(stream);
}

function answerStatus(
  stream: ServerHttp2Stream,
  { contentType }: { readonly contentType: string },
  status: Status,
): void {
  answer(stream, contentType, makeReply(status));
}

/** Does nothing when it is answered already. */
function answer(stream: ServerHttp2Stream, contentType: string, reply: Reply): void {
  if (isOver(stream)) return;
  const ours = { ':status': 200, 'content-type': contentType, 'grpc-accept-encoding': 'identity' };
  const headers = flattenMetadata(reply.headers);
  const trailers = flattenMetadata(reply.trailers);
  if (reply.data === null) {
    stream.respond({ ...headers, ...ours, ...trailers }, { endStream: true });
  } else {
    stream.respond({ ...headers, ...ours }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(reply.data);
  }
  dropRest(stream);
}

/** Asks a client that still sends to stop (RFC 9113, 8.1). */
function dropRest(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}
